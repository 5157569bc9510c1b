"""What a plan's vendors must know of it: its texts, as they were approved, and its steps."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import yaml

from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence
from siyu.playbooks.model import Playbook
from siyu.sandbox.vendors import NAMES, USUAL, Vendors, Wires
from siyu.staff.model import Brand, Member

WAREHOUSES = ("own", "erp")


def wired(
    held: ExitStack,
    brand: Brand,
    playbook: Playbook,
    people: Sequence[Member],
    wires: Wires,
    shops: Sequence[str],
) -> Vendors | None:
    """Aliyun, AI calls, WeCom and an ERP for a brand in China; elsewhere there are only the brand's
    own doors."""
    out = [one for one in wires.outage.split(",") if one]
    known = [one for one in NAMES if one != "erp" or wires.warehouse == "erp"]
    if set(out) - set(known):
        raise BadInput(
            Sentence(
                f"--outage {wires.outage!r}: known are {', '.join(known)}",
                f"--outage {wires.outage!r}：可以是 {', '.join(known)}",
            )
        )
    if wires.warehouse not in WAREHOUSES:
        raise BadInput(
            Sentence(
                f"--warehouse {wires.warehouse!r}: known are {', '.join(WAREHOUSES)}",
                f"--warehouse {wires.warehouse!r}：可以是 {', '.join(WAREHOUSES)}",
            )
        )
    if brand.region != "CN":
        if wires != USUAL:
            raise BadInput(
                Sentence(
                    "--outage, --calls and --warehouse are for a brand in China",
                    "--outage、--calls 和 --warehouse 只用于中国的品牌",
                )
            )
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
    made = Vendors(held, brand.name, texts["sms"], texts["voice_ai"], guides, wires, shops)
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
