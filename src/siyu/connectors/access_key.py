"""The key of an Aliyun account, as settings of every connector to a service of theirs. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, kw_only=True)
class AccessKey:
    """Who asks, and what signs it (`acs3.py`)."""

    access_key_id: Annotated[
        str,
        Meta(
            description="AccessKey ID of a RAM user that may use this service; empty: it is off.",
            extra={"zh": "有该服务权限的 RAM 用户的 AccessKey ID；留空则不启用。"},
        ),
    ] = ""
    access_key_secret: Annotated[
        str,
        Meta(
            description="Its AccessKey Secret.",
            extra={"zh": "对应的 AccessKey Secret。", "secret": True},
        ),
    ] = field(default="", repr=False)

    @property
    def access_key(self) -> tuple[str, str]:
        """Both, as `acs3.py` signs with them."""
        return self.access_key_id, self.access_key_secret
