"""The vendors of a brand in China, each on its own wire: Aliyun's SMS, AI calls and WeCom.

People act on the vendors' control planes; the engine hears of it by the vendors' callbacks, and
asks their interfaces, exactly as it would outside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from siyu.connectors.sms_aliyun.fake import Service, Template
from siyu.connectors.wecom.fake import AUTHORIZE, BY_QR, Member, WeCom
from siyu.connectors.wecom.fake import App as WeComApp
from siyu.outbox.model import WELCOME_WITHIN
from siyu.outbox.views import Welcomes
from siyu.sandbox.doors import Came, Handed, Kind, OwnDoors, Person
from siyu.sandbox.erp import Erp, ErpWarehouse, Look
from siyu.sandbox.lines import Ended, lines
from siyu.sandbox.server import Served
from siyu.sandbox.stage import Stage
from siyu.sandbox.warehouse import Packing, Warehouse

if TYPE_CHECKING:
    from siyu.sandbox.world import World

CORP = "ww5a4d00000000c0de"
AGENT = 1000002
NAMES = ("sms", "calls", "wecom", "erp")
DAY = timedelta(days=1)
LINKS = "https://hj.example/a/"  # the brand's short domain; the sandbox resolves it to the engine
LAST = 50  # shown of what was received
_VARIABLE = re.compile(r"\{\{ (\w+) \}\}")
_LINK = re.compile(r"https?://[^\s，。！？]+")
# How phones answer, in Aliyun's words.
_OFF = ("MOBILE_NOT_ON_SERVICE", "停机、空号、暂停服务、关机、不在服务区")


class Wires(NamedTuple):
    """Over which wires a brand in China is played. `outage`: who, with commas, does not answer on
    the second day; `calls`: who makes AI calls; `warehouse`: by what packers work, own or erp."""

    outage: str = ""
    calls: str = "common"
    warehouse: str = "own"


USUAL = Wires()


class Door:
    """A vendor's server, which answers 503 while it is out."""

    def __init__(self, app: ASGIApp, out: Callable[[], bool]) -> None:
        self._app = app
        self._out = out

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = Response(status_code=503) if self._out() else self._app
        await app(scope, receive, send)


class Vendors:
    """The vendors' servers and their control planes, from `with` to the end of `held`.

    `texts` and `spoken`: the wording of each SMS and call material, as our material has it;
    `wires`: which vendors; `shops`: whose warehouse works by the ERP, where one does.
    """

    def __init__(
        self,
        held: ExitStack,
        brand: str,
        texts: Mapping[str, str],
        spoken: Mapping[str, str],
        guides: Sequence[str],
        wires: Wires,
        shops: Collection[str],
    ) -> None:
        self._stage: Stage | None = None
        self._moment: datetime | None = None
        self._key = ("LTAIsandbox", token_hex(15))
        self._hook = token_hex(16)
        self._brand = brand
        self._templates = {
            material: (f"SMS_{100000001 + place}", _approved(text))
            for place, (material, text) in enumerate(sorted(texts.items()))
        }
        approved = {code: Template(text) for code, text in self._templates.values()}
        self.sms = Service(self._key, approved, [brand], self.now)
        app = WeComApp(AGENT, token_hex(21), token_hex(12), (token_hex(22))[:43])
        self._wecom_app = app
        self.wecom = WeCom(CORP, [app], self.now, guides)
        self.wecom.balance = 1_000_000
        self._guides = list(guides)
        self._spoken = dict(spoken)
        self.calls = lines(wires.calls, self.now, list(spoken))
        self._outage = wires.outage.split(",")
        by_erp = wires.warehouse == "erp"
        self.erp = Erp(shops, self._begun, partial(self._out, "erp")) if by_erp else None
        apps: dict[str, ASGIApp] = {
            "sms": self.sms.app, "calls": self.calls.app, "wecom": self.wecom.app,
            **({"erp": self.erp.app} if self.erp else {}),
        }  # fmt: skip
        self._urls = {
            name: held.enter_context(Served(Door(app, partial(self._out, name)))).url
            for name, app in apps.items()
        }
        shown = Starlette(routes=[Route("/received", self._received, methods=["GET"])])
        self.url = held.enter_context(Served(shown)).url

    @property
    def settings(self) -> dict[str, Mapping[str, Any]]:
        """What the brand enters: a table for each connector."""
        app = self._wecom_app
        return {
            "sms_aliyun": {
                "access_key_id": self._key[0],
                "access_key_secret": self._key[1],
                "base_url": self._urls["sms"],
                "sign_name": self._brand,
                "hook_secret": self._hook,
                "templates": [
                    {"material": material, "code": code, "text": text}
                    for material, (code, text) in self._templates.items()
                ],
            },
            **(self.erp.settings(self._urls["erp"]) if self.erp else {}),
            **self.calls.settings(self._urls["calls"], list(self._spoken)),
            "wecom": {
                "corpid": CORP,
                "agent_id": app.agent_id,
                "secret": app.secret,
                "token": app.token,
                "aes_key": app.aes_key,
                "base_url": self._urls["wecom"],
                "authorize_url": f"{self._urls['wecom']}/{AUTHORIZE}",
                "login_url": f"{self._urls['wecom']}/{BY_QR}",
                "sign_in": True,  # where a console_url is set
                "link_users": self._guides,
            },
        }

    def employ(self, office: Sequence[str]) -> None:
        """Who works at head office has an account, too, but no customers."""
        self.wecom.members |= {one: Member(one, follows=False) for one in office}

    def call_back(self, engine: str) -> None:
        """From now on the engine listens there."""
        self.sms.hook = f"{engine}/hooks/sms_aliyun/{self._hook}"
        self.calls.call_back(engine)
        app = replace(self._wecom_app, hook=f"{engine}/hooks/wecom/app")
        self.wecom.apps[app.secret] = app

    def now(self) -> datetime:
        """The vendors' clock: the world's, or the moment at which somebody acts."""
        if self._moment is not None:
            return self._moment
        if self._stage is None:
            raise RuntimeError("no world is played yet")
        return self._stage.now

    def spoken(self, values: Mapping[str, str]) -> str:
        """What a call says: these plans have one dialogue."""
        text = next(iter(self._spoken.values()), "")
        return _VARIABLE.sub(lambda found: values.get(found[1], ""), text)

    def join(self, stage: Stage) -> VendorDoors:
        """A world is played with these vendors."""
        self._stage = stage
        return VendorDoors(self, stage)

    def ring(self, world: World) -> None:
        """What vendors take reaches the people of this world."""
        self.sms.listen(world.on_texts)
        self.calls.ring(world, self.spoken)

    def warehouse(self, gifts: Collection[str], look: Look) -> Callable[..., Packing]:
        """Who packs: by the ERP, where there is one. `look` has the engine ask it something."""
        if self.erp is None:
            return Warehouse
        return partial(ErpWarehouse, erp=self.erp, gifts=gifts, look=look)

    def _begun(self) -> datetime | None:
        return None if self._stage is None else self.now()

    def _out(self, name: str) -> bool:
        """Does it answer nothing, since it is the second day?"""
        if name not in self._outage or self._stage is None:
            return False
        return DAY <= self._stage.now - self._stage.start < 2 * DAY

    def at(self, moment: datetime, act: Callable[[], Any]) -> Any:
        """Something that somebody does then."""
        self._moment = moment
        try:
            return act()
        finally:
            self._moment = None

    async def _received(self, _: Request) -> Response:
        """For whoever wants to see it from outside: how much ever, by channel, and the last of it.
        No number and no text."""
        texts, calls = list(self.sms.received), self.calls.received
        last = [
            *((one.at, {"id": one.biz_id, "channel": "sms"}) for one in texts[-LAST:]),
            *((at, {"id": name, "channel": "voice_ai"}) for at, name in calls[-LAST:]),
        ]
        channels = Counter({"sms": len(texts), "voice_ai": len(calls)})
        told = {
            "received": channels.total(),
            "by_channel": +channels,
            "last": [shown for _, shown in sorted(last, key=lambda one: one[0])[-LAST:]],
        }
        return Response(msgspec.json.encode(told), media_type="application/json")

    def welcomes(self, told: Welcomes) -> dict[str, object]:
        """Welcomes that people got and the slowest of them, since WeCom had issued its code; and
        the engine's account of the same."""
        got = [one.after.total_seconds() for one in self.wecom.received if one.kind == "welcome"]
        return {
            "received": len(got),
            "slowest_seconds": round(max(got, default=0.0), 1),
            "limit_seconds": WELCOME_WITHIN.total_seconds(),
            "engine": {
                **{name: value for name, value in told._asdict().items() if name != "day"},
                "not_sent_otherwise": told.otherwise,
                "share_within": told.share,
            },
        }


class VendorDoors(OwnDoors):
    """People act at the vendors. What has no vendor yet goes by the brand's own doors."""

    def __init__(self, vendors: Vendors, stage: Stage) -> None:
        super().__init__(stage)
        self._vendors = vendors
        self._sms, self._calls, self._wecom = vendors.sms, vendors.calls, vendors.wecom
        self._refused: set[str] = set()  # numbers whose owner says so in the call under way

    def friends_before(self, who: Person, staff: str, since: datetime) -> None:
        phone, name = who.contact.phone, who.contact.name
        self._wecom.existing(staff, who.external_userid, since, phone, name)

    def added(self, who: Person, came: Came, at: datetime) -> str:  # noqa: ARG002 - now, see below
        """Now, not when they meant to a moment ago: a welcome's code lives for twenty seconds."""
        name, account = who.contact.name, who.external_userid
        told = len(self._wecom.outbox)
        if came.link:
            place = self._stage.api.follow(came.link.removeprefix(LINKS.removesuffix("/a/")))
            staff = self._wecom.follows_link(place, account, name)
        elif came.found:
            staff = came.staff
            self._wecom.searches_phone(staff, who.contact.phone, account, name)
        else:  # at a counter, by a friend's card: nothing says by which order they came
            staff = came.staff
            self._wecom.searches_phone(staff, "", account, name, way=_BY_CARD)
        return staff if len(self._wecom.outbox) > told else ""

    def identified(self, who: Person, staff: str, at: datetime) -> None:
        phone, account = who.contact.phone, who.external_userid
        self._vendors.at(at, lambda: self._wecom.remarks(staff, account, mobile=phone))

    def deleted(self, who: Person, staff: str, at: datetime) -> None:
        account = who.external_userid
        self._vendors.at(at, lambda: self._wecom.deletes_staff(account, staff))

    def opted_out(self, who: Person, channel: str, at: datetime) -> None:
        if channel == "sms":
            self._vendors.at(at, lambda: self._sms.reply(who.contact.phone, "R"))
        elif channel == "voice_ai":
            self._refused.add(who.contact.phone)
        # to a guide it is said on the phone: the outcome of the task tells it

    def report(
        self,
        handed: Handed,
        kind: Kind,
        at: datetime,
        within: timedelta,  # noqa: ARG002 - vendors push at once, and again until they are heard
        **more: object,
    ) -> None:
        if kind == "call":
            self._vendors.at(at, lambda: self._called(handed, **more))
        elif handed.channel == "voice_ai":
            self._vendors.at(at, lambda: self._calls.vacant(handed.token))
        elif kind != "clicked":  # the page behind the link has seen who followed it
            code = {} if kind == "delivered" else dict(zip(("code", "words"), _OFF, strict=True))
            self._sms.report(handed.to, handed.token.partition("/")[0], **code)

    def _called(self, handed: Handed, **said: object) -> None:
        refuses = handed.to in self._refused
        self._refused.discard(handed.to)
        ended = Ended(
            bool(said["answered"]), int(str(said["seconds"])), str(said["intent"] or ""), refuses
        )
        self._calls.finish(handed.token, ended)

    def next_at(self) -> datetime | None:
        waiting = (self._sms.next_at(), self._calls.next_at(), self._wecom.next_at())
        return min((at for at in waiting if at is not None), default=None)

    def deliver(self, now: datetime) -> None:
        self._sms.deliver(now)
        self._calls.deliver(now)
        self._wecom.deliver(now)


_BY_CARD = 3


def _approved(text: str) -> str:
    """The template that a vendor approves for a material: no signature, its own variables, and of
    the link the domain: variables may hold none."""
    plain = text.removeprefix("【{{ brand }}】").replace("{{ link }}", LINKS + "${state}")
    return _VARIABLE.sub(r"${\1}", plain)


def link_in(text: str) -> str | None:
    """Where the link of a text leads.

    >>> link_in("加企业微信即可：https://hj.example/a/x1 拒收请回复R")
    'https://hj.example/a/x1'
    """
    found = _LINK.search(text)
    return found[0] if found else None
