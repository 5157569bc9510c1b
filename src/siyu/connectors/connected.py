"""A connector with its settings, and what those that have some can do for pages and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from siyu.connectors.lists import Colleague
from siyu.connectors.manifest import (
    Called,
    Check,
    Given,
    Giving,
    Group,
    HandOver,
    HandsOver,
    Heard,
    Manifest,
    Standing,
    Tools,
    WayIn,
    WayKind,
    WaysIn,
)
from siyu.connectors.presses import Unsent
from siyu.kernel.errors import Broken, Refused
from siyu.kernel.sentence import Sentence

Part = TypeVar("Part")  # of a manifest
NOTHING_CAN = Sentence(
    "Nothing that is connected can do that; see `siyu connect wecom`.",
    "没有已连接的渠道可以这样做；请先 `siyu connect wecom`。",
)


class Connected(NamedTuple):
    """A connector with its settings; `tools` are its own."""

    manifest: Manifest
    config: Any
    tools: Tools

    @property
    def configured(self) -> bool:
        return self.manifest.configured(self.config)

    @property
    def account(self) -> str:
        """Whose it is at the vendor, by these settings."""
        return self.manifest.account(self.config)

    def checks(self) -> list[Check]:
        """Ask the vendor whether these settings work; what has none is asked nothing."""
        if not self.configured and (
            self.manifest.check is None or self.config == self.manifest.config()
        ):
            return [
                Check(
                    Sentence("settings", "设置"),
                    "missing",
                    Sentence("Nothing is set yet.", "还没有填写设置。"),
                )
            ]
        if self.manifest.check is None:
            return [
                Check(
                    Sentence("settings", "设置"),
                    "unverified",
                    Sentence(
                        "Every field can be used; this connector can't ask its vendor.",
                        "各字段都可用；该连接器无法向对方验证。",
                    ),
                )
            ]
        return [*self.manifest.check(self.config, self.tools), *self.texts()]

    def texts(self) -> list[Check]:
        """What would go out by it, looked at without asking anybody."""
        if not self.configured or self.manifest.texts is None:
            return []
        return self.manifest.texts(self.config, self.tools.texts.of(self.manifest.channels))

    def hear(self, called: Called) -> Heard:
        """Verify and decode what its vendor sent."""
        if self.manifest.receive is None:
            raise Broken(f"The connector {self.manifest.name} hears nothing.")
        return self.manifest.receive(self.config, called, self.tools)


class Able:
    """Hand-overs, ways in, groups, members and what waits for staff, of the first connector that
    has settings and can."""

    every: Mapping[str, Connected]

    def plan_hand_over(self, giving: Giving) -> Given:
        """How many friends could be given; nothing is changed."""
        one, can = self._giver()
        return can.plan(one.config, one.tools, giving)

    def hand_over(self, giving: Giving) -> Iterator[Given]:
        """Friends of one of us become another's, here and now: how far it is."""
        one, can = self._giver()
        yield from can.run(one.config, one.tools, giving)
        yield can.plan(one.config, one.tools, giving)

    def begin_hand_over(self, giving: Giving) -> HandOver:
        """The same, by itself."""
        one, can = self._giver()
        return can.begin(one.config, one.tools, giving)

    def stop_hand_over(self, giving: Giving) -> bool:
        """It ends; False: it did not run."""
        one, can = self._giver()
        return can.stop(one.config, one.tools, giving)

    def hand_overs(self) -> list[HandOver] | None:
        """Those of the last months, the newest first; None where nothing can give friends."""
        found = self._with(lambda it: it.hands_over)
        return found[1].every(found[0].config, found[0].tools) if found else None

    def ways(self) -> list[Standing] | None:
        """The codes and links that lead to us; None where nothing makes any."""
        found = self._with(lambda it: it.ways)
        return found[1].every(found[0].config, found[0].tools) if found else None

    def make_way(self, way: WayIn) -> Standing:
        """Make a code or a link, or change who is behind it."""
        one, can = self._maker()
        return can.make(one.config, one.tools, way)

    def drop_way(self, kind: WayKind, state: str) -> bool:
        """Give it back; False: there is none."""
        one, can = self._maker()
        return can.drop(one.config, one.tools, kind, state)

    def groups(self) -> list[Group]:
        """The group chats that are known by name, by their ids."""
        found = self._with(lambda it: it.groups)
        return sorted(found[1](found[0].config, found[0].tools)) if found else []

    def unsent(self) -> list[Unsent] | None:
        """Messages that wait for one of us to press send, the oldest first; None where nothing that
        is connected has any."""
        found = self._with(lambda it: it.unsent)
        return found[1](found[0].config, found[0].tools) if found else None

    def remind(self, message: str) -> None:
        """Whoever has not pressed send for this one is reminded of it by the carrier."""
        found = self._with(lambda it: it.remind)
        if found is None:
            raise Refused(NOTHING_CAN)
        found[1](found[0].config, found[0].tools, message)

    def colleagues(self) -> tuple[str, list[Colleague]] | None:
        """Which connector lists the members of its carrier, and these by our codes."""
        found = self._with(lambda it: it.colleagues)
        if found is None:
            return None
        return found[0].manifest.name, sorted(found[1](found[0].config, found[0].tools))

    def _with(self, part: Callable[[Manifest], Part | None]) -> tuple[Connected, Part] | None:
        """The first connector that has settings and this, and what it has."""
        for one in self.every.values():
            found = part(one.manifest) if one.configured else None
            if found is not None:
                return one, found
        return None

    def _giver(self) -> tuple[Connected, HandsOver]:
        found = self._with(lambda it: it.hands_over)
        if found is None:
            raise Refused(NOTHING_CAN)
        return found

    def _maker(self) -> tuple[Connected, WaysIn]:
        found = self._with(lambda it: it.ways)
        if found is None:
            raise Refused(NOTHING_CAN)
        return found
