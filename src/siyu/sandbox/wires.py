"""What a plan's vendors must know of it: its texts, as they were approved, and its steps."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import yaml

from siyu.kernel.errors import BadInput
from siyu.playbooks.model import Playbook
from siyu.sandbox.vendors import NAMES, Vendors
from siyu.staff.model import Brand, Member


def wired(
    held: ExitStack,
    brand: Brand,
    playbook: Playbook,
    people: Sequence[Member],
    outage: str,
    calls: str,
) -> Vendors | None:
    """Aliyun, AI calls and WeCom for a brand in China; elsewhere there are only the brand's own
    doors. `outage`: who does not answer on the second day; `calls`: who makes AI calls."""
    if outage and (outage not in NAMES or brand.region != "CN"):
        raise BadInput(f"--outage {outage!r}: known are {', '.join(NAMES)}, for a brand in China")
    if brand.region != "CN":
        if calls != "common":
            raise BadInput(f"--calls {calls!r}: only for a brand in China")
        return None
    texts = {
        channel: {
            one.code: one.zh if brand.locale == "zh" else one.en
            for one in playbook.materials
            if one.channel == channel
        }
        for channel in ("sms", "voice_ai")
    }
    guides = [one.code for one in people if one.role == "guide"]
    made = Vendors(held, brand.name, texts["sms"], texts["voice_ai"], guides, outage, calls)
    made.employ([one.code for one in people if one.store is None])
    return made


def steps(playbook: Playbook) -> dict[str, str]:
    """The step of each channel: in these plans a channel has one."""
    found: dict[str, str] = {}
    for journey in playbook.journeys.values():
        for step in yaml.safe_load(journey)["steps"]:
            if "send" in step:
                found.setdefault(step["send"]["channel"], step["id"])
    return found
