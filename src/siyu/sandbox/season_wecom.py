"""WeCom in a season: strangers become friends there, are greeted and join groups. What is written
to friends afterwards goes by the brand's own provider, so that nobody has to press send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from datetime import datetime
from secrets import token_hex
from typing import Any

from siyu.app import App
from siyu.connectors.wecom.fake import App as WeComApp
from siyu.connectors.wecom.fake import Member, WeCom
from siyu.connectors.wecom.fake.state import Received
from siyu.outbox.channel import Channel
from siyu.outbox.model import Context
from siyu.sandbox.doors import OwnDoors, Person
from siyu.sandbox.server import Served
from siyu.sandbox.stage import Stage

CORP, AGENT = "ww5a4d00000000c0de", 1000002
OWN, WRITTEN = "webhook", "wecom_message"
PLENTY = 1_000_000  # adds that are paid for
INVITED = 1  # how somebody comes into a group: a member asked them


@dataclass(frozen=True)
class Mixed(App):
    """WeCom greets, and the brand's own provider carries what is written to friends."""

    @property
    def channels(self) -> Mapping[str, Channel]:
        """As they are wired, but for that."""
        wired = super().channels
        return {**wired, WRITTEN: wired["sms"]}

    @property
    def context(self) -> Context:
        """As it is, but for that."""
        found = super().context
        return found._replace(vendors={**found.vendors, WRITTEN: OWN})


def mixed(app: App) -> Mixed:
    """The same application with its channels so."""
    return Mixed(**{one.name: getattr(app, one.name) for one in fields(App)})


class SeasonWeCom:
    """WeCom's server and its control plane, from `with` to the end of `held`."""

    def __init__(
        self, held: ExitStack, guides: Sequence[str], office: Sequence[str], start: datetime
    ) -> None:
        self._stage: Stage | None = None
        self._start = start
        self._app = WeComApp(AGENT, token_hex(21), token_hex(12), token_hex(22)[:43])
        self.corp = WeCom(CORP, [self._app], self.now, guides)
        self.corp.members |= {one: Member(one, follows=False) for one in office}
        self.corp.balance = PLENTY
        self._guides = list(guides)
        self._url = held.enter_context(Served(self.corp.app)).url
        self._told = 0
        self.group = ""

    def now(self) -> datetime:
        """WeCom's clock: the world's."""
        return self._start if self._stage is None else self._stage.now

    def settings(self, address: str) -> Mapping[str, Any]:
        """What the brand enters. Nothing is written on friends' cards; everybody is gone through
        seldom, since callbacks are not lost here."""
        return {
            "corpid": CORP,
            "agent_id": self._app.agent_id,
            "secret": self._app.secret,
            "token": self._app.token,
            "aes_key": self._app.aes_key,
            "base_url": self._url,
            "link_users": self._guides,
            "claim_url": f"{address}/a/claim/{{token}}",
            "directory": "off",
            "tags_out": [],
            "contacts_hours": 168,
            "groups": True,
            "groups_hours": 168,
        }

    def call_back(self, engine: str) -> None:
        """From now on the engine listens there; a guide has a group for customers."""
        app = replace(self._app, hook=f"{engine}/hooks/wecom/app")
        self.corp.apps[app.secret] = app
        self.group = self.corp.makes_group(self._guides[0], "青岚老友群")

    def join(self, stage: Stage) -> WeComDoors:
        """A season is played with it."""
        self._stage = stage
        return WeComDoors(self, stage)

    def greeted(self) -> list[Received]:
        """Greetings that have arrived since the last time."""
        news = [one for one in self.corp.received[self._told :] if one.kind == "welcome"]
        self._told = len(self.corp.received)
        return news


class WeComDoors(OwnDoors):
    """Strangers come and go at WeCom; of everybody else the brand's own systems tell."""

    def __init__(self, wecom: SeasonWeCom, stage: Stage) -> None:
        super().__init__(stage)
        self._season = wecom
        self._corp = wecom.corp
        self._here: set[str] = set()

    def follows(self, who: Person, place: str) -> str:
        """Somebody adds the guide whom an acquisition link offers: that guide."""
        self._here.add(who.external_userid)
        return self._corp.follows_link(place, who.external_userid, who.contact.name)

    def joins(self, who: Person) -> None:
        """Asked by a guide, a friend comes into the group."""
        self._corp.joins(self._season.group, who.external_userid, scene=INVITED)

    def greeted(self) -> list[Received]:
        """Greetings that have arrived since the last time."""
        return self._season.greeted()

    def deleted(self, who: Person, staff: str, at: datetime) -> None:
        if who.external_userid in self._here:
            self._corp.deletes_staff(who.external_userid, staff)
        else:
            super().deleted(who, staff, at)

    def next_at(self) -> datetime | None:
        return self._corp.next_at()

    def deliver(self, now: datetime) -> None:
        due = self._corp.next_at()
        if due is not None and due <= now:
            self._corp.deliver(now)
