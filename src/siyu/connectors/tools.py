"""What each connector is given to work with, from an installation's database and settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from siyu.acquisition.render import CLAIMS, claim_token
from siyu.connections import actions
from siyu.connections.actions import Alarms, Memory
from siyu.connectors.cards import CardsOf
from siyu.connectors.manifest import ClaimPage, Press, Tools
from siyu.connectors.parcels import ParcelsOf
from siyu.connectors.texts import TextsOf
from siyu.connectors.touches import TouchesOf
from siyu.kernel.ids import PublicIds
from siyu.kernel.sql import Db
from siyu.kernel.time import Clock
from siyu.settings import Settings
from siyu.staff import actions as people
from siyu.staff import views as staff
from siyu.staff.decide import at_work
from siyu.staff.model import ROLES
from siyu.tasks.actions import messages
from siyu.tasks.actions.messages import Button
from siyu.vault.model import Keys


def tools_of(
    name: str,
    db: Db,
    keys: Keys,
    ids: PublicIds,
    clock: Clock,
    settings: Settings,
    ring: Callable[[], None],
) -> Tools:
    """The tools of the connector of this name; `ring` wakes whoever works. Behind an @ stands the
    account of which alone it remembers what it does."""
    memory, name = name, name.partition("@")[0]

    def wake(pull: str) -> None:
        with db.transaction() as conn:
            actions.wake(conn, name, [pull], clock.now())
        ring()

    def here(codes: Collection[str]) -> frozenset[str]:
        now = clock.now()
        with db.transaction() as conn:
            known = {one.code for one in staff.members(conn, active_only=False)}
            found = set(codes) - known
            for role in ROLES:
                duties, zone = staff.duties(conn, now, role, sorted(codes))
                found |= {code for code, duty in duties.items() if at_work(duty, now, zone)}
        return frozenset(found)

    def claim(customer: str) -> ClaimPage:
        token = claim_token(settings.derived(CLAIMS), customer, clock.now())
        home, ours, _ = settings.link.partition("/a/{state}")
        known = ours and settings.link.endswith(ours) and not home.endswith(".invalid")
        return ClaimPage(token, f"{home}/a/claim/{token}" if known else "")

    def press(pressed: Press) -> str:
        with db.transaction() as conn:
            said = messages.pressed(conn, ids, Button(*pressed), clock.now())
        ring()
        return said

    def names(said: Mapping[str, str]) -> None:
        with db.transaction() as conn:
            people.rename(conn, said, name, clock.now())

    return Tools(
        clock,
        Memory(db, keys, memory, clock),
        wake,
        parcels=ParcelsOf(db, settings.link),
        cards=CardsOf(db, keys, name),
        texts=TextsOf(db, settings.link),
        alarms=Alarms(db, name, clock),
        touches=TouchesOf(db, keys, ids),
        press=press,
        at_work=here,
        claim=claim,
        names=names,
    )
