"""The typed form of this connector; it is the table `[webhook]` of siyu.toml."""

from siyu.settings import Webhook as Config

__all__ = ["Config"]
