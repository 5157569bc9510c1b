"""What is posted to us: one suite for every connector that hears, with genuine requests of its
vendor, whatever becomes of them on their way."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.connectors.bench import NOW, SECRET, Door, Overheard, Plug, Remembered, Still
from tests.connectors.sms_aliyun import bench as sms_aliyun
from tests.connectors.voice_calls import bench as voice_calls
from tests.connectors.wecom import bench as wecom

from siyu import connectors
from siyu.connectors.manifest import Called, Heard, Tools
from siyu.connectors.orders import config as orders
from siyu.connectors.orders.webhook import NONCE, SIGNATURE, TIMESTAMP, sign
from siyu.connectors.registry import manifests
from siyu.connectors.voice_calls.channel import VoiceCalls
from siyu.connectors.voice_calls.fake import Service
from siyu.connectors.webhook import config as webhook
from siyu.connectors.wecom.fake import App, WeCom
from siyu.events.check import Parsed, parse
from siyu.kernel import signature
from siyu.kernel.errors import BadInput, BadSignature, SiyuError

DAY = timedelta(days=1)


class Ear(NamedTuple):
    """What a vendor posted of a little story, and how it is heard. `known`: what was remembered
    before; `forged`: a request as somebody would post it who has seen one; `timeless`: how ids of
    facts begin for which the vendor tells no time, so that the day on which they come is theirs."""

    name: str
    config: Any
    called: list[Called]
    known: dict[str, str]
    forged: Callable[[Called], list[Called]]
    timeless: str = "-"

    def hear(self, called: Sequence[Called]) -> dict[tuple[str, str], tuple[Any, ...]]:
        """What is in the inbox afterwards: of what is told twice, the first counts."""
        receive = _receiver(self.name)
        store, found = Remembered(), dict[tuple[str, str], tuple[Any, ...]]()
        store.known |= self.known
        for one in called:
            try:
                heard = receive(self.config, one, Tools(Still(one.now), store))
            except SiyuError:
                continue
            for event in heard.events:
                told = parse(event, "CN", one.now)
                assert isinstance(told, Parsed), told
                name, at = told.id, str(told.occurred_at)
                if name.startswith(self.timeless):
                    name, at = name.rpartition("/")[0], "-"
                said = (told.kind, at, told.payload, dict(told.keys))
                found.setdefault((told.source, name), said)
        return found


def _receiver(name: str) -> Callable[[Any, Called, Tools], Heard]:
    found = manifests()[name].receive
    assert found is not None
    return found


def _flipped(called: Called) -> list[Called]:
    """One bit is another, at several places of the body."""
    body = called.body
    places = {0, len(body) // 3, len(body) // 2, len(body) - 2}
    return [
        called._replace(body=body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]) for at in places
    ]


def _unsigned(called: Called, *names: str) -> list[Called]:
    """Without each of these headers, and with another one."""
    headers = dict(called.headers)
    plain = {key.lower(): value for key, value in headers.items()}
    return [
        called._replace(headers={**plain, name.lower(): value})
        for name in names
        for value in ("", "0" * len(plain[name.lower()]))
    ]


class Case(dict[str, str]):
    """Headers by any case, as a server has them."""

    def get(self, name: str, default: str = "") -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        return super().get(name.lower(), default)


def _posted(path: str, body: bytes, headers: dict[str, str]) -> Called:
    held = Case({name.lower(): value for name, value in headers.items()})
    return Called("POST", path, {}, held, body, NOW, datetime.now(UTC))


def _webhook(vendor: Plug, ours: Plug) -> Ear:
    said = [
        {"id": "tch_1", "kind": "delivered", "at": "2026-11-20T09:00:05+08:00"},
        {"id": "tch_1", "kind": "read", "at": "2026-11-20T09:01:05+08:00"},
        {"id": "tch_2", "kind": "failed", "at": "2026-11-20T09:00:05+08:00", "reason": "off"},
    ]
    bodies = [
        json.dumps([{**one, "receipt_id": f"r-{place}"}]).encode() for place, one in enumerate(said)
    ]
    called = [
        _posted("receipts", one, signature.headers(SECRET, one, datetime.now(UTC)))
        for one in bodies
    ]

    def forged(one: Called) -> list[Called]:
        names = signature.SIGNATURE, signature.TIMESTAMP
        return [*_flipped(one), *_unsigned(one, *names)]

    config = webhook.Config(url="https://provider.example", secret=SECRET)
    return Ear("webhook", config, called, {}, forged)


def _orders(vendor: Plug, ours: Plug) -> Ear:
    paid = {
        "store_code": "S01", "pos_order_no": "P1", "sku": "MASK", "qty": 2, "paid_amount": 129,
        "paid_at": "2026-11-20 09:30:00", "phone": "13800138000",
    }  # fmt: skip
    back = {**paid, "pos_order_no": "R1", "refund_of": "P1", "paid_amount": -64.5, "qty": -1}
    called: list[Called] = []
    for place, rows in enumerate([[paid], [{**paid, "pos_order_no": "P2"}], [back]]):
        body, stamp = json.dumps(rows).encode(), str(int(datetime.now(UTC).timestamp()))
        nonce = f"nonce-{place:04}"
        signed = sign(SECRET, stamp, nonce, body)
        headers = {TIMESTAMP: stamp, NONCE: nonce, SIGNATURE: signed}
        called.append(_posted("pos", body, headers))

    def forged(one: Called) -> list[Called]:
        return [*_flipped(one), *_unsigned(one, SIGNATURE, TIMESTAMP, NONCE)]

    return Ear("orders", orders.Config(secret=SECRET), called, {}, forged)


def _sms(vendor: Plug, ours: Plug) -> Ear:
    clock, store = Still(), Remembered()
    fake = sms_aliyun.service(clock)
    channel, tools = sms_aliyun.connected(store, clock, vendor.into(fake.app))
    channel.send([sms_aliyun.message(n) for n in range(3)])
    config = sms_aliyun.config(vendor.url)
    door = Door(_receiver("sms_aliyun"), config, tools)
    fake.hook = f"{ours.into(door.app)}/hooks/sms_aliyun/{sms_aliyun.HOOK}"
    known = dict(store.known)
    for number, code in enumerate(["DELIVERED", "MOBILE_IN_BLACK"]):
        fake.report(sms_aliyun.message(number).to, code=code)
        fake.deliver(NOW)
    fake.reply(sms_aliyun.message(0).to, "退订")
    fake.deliver(NOW)

    def forged(one: Called) -> list[Called]:  # nothing is signed: the path is the secret
        other = one.path.replace(sms_aliyun.HOOK, sms_aliyun.HOOK[:-1] + "x")
        return [one._replace(path=path) for path in (other, "report", "/report", other.upper())]

    return Ear("sms_aliyun", config, door.called, known, forged)


def _calls(vendor: Plug, ours: Plug) -> Ear:
    clock, store = Still(), Remembered()
    fake = Service(SECRET, clock.now)
    config = voice_calls.config(vendor.into(fake.app), hook_secret=voice_calls.HOOK)
    tools = Tools(clock, store)
    VoiceCalls(config, tools).send([voice_calls.message(n) for n in range(3)])
    door = Door(_receiver("voice_calls"), config, tools)
    fake.hook = f"{ours.into(door.app)}/hooks/voice_calls"
    known = dict(store.known)
    fake.finish("tch_0", intent="B")
    fake.grade("tch_0", "A")
    fake.finish("tch_1", "REFUSED")
    fake.leave_out("tch_2", "BLACK_LIST", "")
    fake.deliver(NOW)

    def forged(one: Called) -> list[Called]:
        names = signature.SIGNATURE, signature.TIMESTAMP
        return [*_flipped(one), *_unsigned(one, *names), one._replace(path=f"x/{one.path}")]

    return Ear("voice_calls", config, door.called, known, forged, "intent/")


def _wecom(vendor: Plug, ours: Plug) -> Ear:
    clock, store = Still(NOW - timedelta(hours=1)), Remembered()
    config = wecom.config(vendor.url)
    door = Door(_receiver("wecom"), config, Tools(clock, store))
    hook = f"{ours.into(door.app)}/hooks/wecom/app"
    app = App(1000002, wecom.SECRET, wecom.TOKEN, wecom.AES, hook)
    fake = WeCom(wecom.CORP, [app], clock.now, ["lisi"])
    anna, bella = wecom.FRIENDS[:2]
    story: list[Callable[[], None]] = [
        lambda: fake.searches_phone("lisi", "13800000001", anna),
        lambda: fake.deletes_staff(anna, "lisi"),
        lambda: fake.searches_phone("lisi", "13800000001", anna),
        lambda: fake.searches_phone("lisi", "13800000002", bella),
        lambda: fake.deletes_customer("lisi", bella),
    ]
    for step in story:
        step()
        fake.deliver(clock.at)
        clock.at += timedelta(minutes=1)

    def forged(one: Called) -> list[Called]:
        signed = "msg_signature", "timestamp", "nonce"
        others = [{**one.query, name: "0" + one.query[name][1:]} for name in signed]
        sealed = one.body.index(b"Encrypt") + 40
        other = bytes([one.body[sealed] ^ 1])
        return [
            *(one._replace(query=query) for query in others if query != one.query),
            one._replace(body=one.body[:sealed] + other + one.body[sealed + 1 :]),
        ]

    heard = [one._replace(now=NOW) for one in door.called]  # once the whole story is over
    return Ear("wecom", config, heard, {}, forged)


EARS = {
    "orders": _orders,
    "sms_aliyun": _sms,
    "voice_calls": _calls,
    "webhook": _webhook,
    "wecom": _wecom,
}


@pytest.fixture(params=sorted(EARS))
def ear(request: pytest.FixtureRequest, plugs: tuple[Plug, Plug]) -> Ear:
    return EARS[request.param](*plugs)


def test_twice_late_or_in_any_order_the_same_is_heard(ear: Ear) -> None:
    once = ear.hear(ear.called)
    assert len(once) >= 3

    middle = len(ear.called) // 2
    others = {
        "each twice": [one for one in ear.called for _ in range(2)],
        "all twice": ear.called * 2,
        "the latest first": ear.called[::-1],
        "from the middle": [*ear.called[middle:], *ear.called[:middle]],
        "shuffled and twice": [*ear.called[::-1], *ear.called],
        "a day late": [one._replace(now=one.now + DAY) for one in ear.called],
        "by a clock an hour behind": [one._replace(now=one.now - DAY / 24) for one in ear.called],
        "one a day late": [*ear.called[1:], ear.called[0]._replace(now=NOW + DAY)],
    }
    for why, called in others.items():
        assert ear.hear(called) == once, why


def test_what_somebody_forged_is_not_heard_and_leaves_no_trace(ear: Ear) -> None:
    receive = _receiver(ear.name)
    for called in ear.called[:2]:
        for forged in ear.forged(called):
            store = Remembered()
            store.known |= ear.known
            with pytest.raises((BadSignature, BadInput)):
                receive(ear.config, forged, Tools(Still(), store))
            assert store.known == ear.known


def test_neither_a_secret_nor_a_phone_is_in_what_hearing_logs_or_fails_with(ear: Ear) -> None:
    receive, overheard = _receiver(ear.name), Overheard()
    forged = [other for one in ear.called[:2] for other in ear.forged(one)]
    torn = [one._replace(body=one.body[: len(one.body) // 2]) for one in ear.called]
    for called in [*ear.called, *forged, *torn]:
        store = Remembered()
        store.known |= ear.known
        with overheard.listening():
            receive(ear.config, called, Tools(Still(called.now), store))

    assert "Traceback" in overheard.text
    told = wecom.AES, wecom.TOKEN, voice_calls.HOOK, sms_aliyun.HOOK
    assert overheard.betrayed(SECRET, *told) == []


def test_every_connector_that_hears_is_heard_here() -> None:
    assert set(EARS) == {name for name, one in manifests().items() if one.receive is not None}


def test_no_signature_and_no_secret_is_compared_but_in_constant_time() -> None:
    """`==` ends at the first letter that differs, and so tells a guesser how far he is."""
    told = ("sign", "secret", "digest", "mac", "expected")
    wrong: list[str] = []
    root = Path(connectors.__file__).parent
    for path in root.rglob("*.py"):
        if "fake" in path.parts or path.name == "fake.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
                continue
            sides = [node.left, *node.comparators]
            names = [one.id if isinstance(one, ast.Name) else "" for one in sides]
            names += [one.attr if isinstance(one, ast.Attribute) else "" for one in sides]
            if any(word in name.lower() for name in names for word in told):
                wrong.append(f"{path.relative_to(root)}:{node.lineno}")
    assert wrong == []
