"""The way back: `/hooks/wecom/<app>`, sealed and signed. Verify, open, hand on, remember; no call.
What a member presses on a card is done at once; the card is changed afterwards, by a pull.

What was heard is stored before WeCom is answered. It is not remembered here in a way that could
keep a repeated callback from being heard: ids alone decide what was told before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from siyu.connectors.manifest import Called, Heard, Press, Reply, Store, Tools
from siyu.connectors.wecom.client import adds, members, unusable
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire import callback, crypto, facts, messages, xml
from siyu.connectors.wecom.wire.callback import Known, Meant, Pair, Pressed
from siyu.kernel.errors import BadInput, NotFound
from siyu.kernel.sentence import Sentence

CARD = timedelta(hours=72)  # that the code of a card's button is good
REMEMBERED = timedelta(days=60)  # that a pair was told of: half friends may wait long
LOOKING = timedelta(days=7)  # that a customer is to be asked for
# Nothing tells when a quota that ends soon has ended, or a link that is not ours has members again.
UNTIL = {"quota_expire_soon": timedelta(days=7), unusable.ALARM: unusable.KEPT}
PLAIN = "text/plain; charset=utf-8"
DONE = Reply(b"success", media_type=PLAIN)
WAYS = "ways"  # the pull that leads them
HEARD = "heard"  # the last time that a callback was good: the check says so


def receive(config: Config, called: Called, tools: Tools) -> Heard:
    """One request of WeCom's: the check of the address, or an event."""
    if called.path != config.app or not config.aes_key:
        raise NotFound(
            Sentence(
                "no callback of WeCom's is expected here; see `app`, `token` and `aes_key`",
                "这里没有企业微信回调；请检查 `app`、`token` 和 `aes_key`",
            )
        )
    key = crypto.aes_key(config.aes_key)
    if called.method == "GET":
        sealed = called.query.get("echostr", "")
        _verify(config, called.query, sealed)
        echo = crypto.unseal(key, sealed, config.corpid)
        return Heard(reply=Reply(echo, media_type=PLAIN))
    sealed = xml.fields(xml.read(called.body)).get("Encrypt", "")
    _verify(config, called.query, sealed)
    fields = xml.fields(xml.read(crypto.unseal(key, sealed, config.corpid)))
    said = callback.meant(fields, config.staff, lambda pair: known(tools.store, pair))
    for userid in said.members:
        until = called.now + LOOKING
        members.note(tools.store, userid, called.now, until, gone=said.member_gone)
    turned = _remember(config, said, called, tools)
    if said.pressed is not None:
        _press(config, said.pressed, called, tools)
    return Heard(said.events, DONE, (*said.due, WAYS) if turned else said.due)


def _press(config: Config, pressed: Pressed, called: Called, tools: Tools) -> None:
    """Of presses in a row, and of one that is told again, the first says what is on the card."""
    words = tools.press(Press(pressed.token, pressed.key, config.staff(pressed.userid)))
    key = f"card/{facts.digest(pressed.token, pressed.userid.lower())}"
    if words and tools.store.get(key) is None:
        value = json.dumps([pressed.code, pressed.userid, words])
        tools.store.put(key, value, called.now + CARD)


def known(store: Store, pair: Pair) -> Known:
    """What callbacks have told of a pair."""
    return Known.read(store.get(f"pair/{pair.name}"))


def _verify(config: Config, query: Mapping[str, str], sealed: str) -> None:
    if not sealed:
        raise BadInput(Sentence("there is nothing sealed in it", "内容里没有密文"))
    crypto.verify(
        config.token,
        query.get("msg_signature", ""),
        query.get("timestamp", ""),
        query.get("nonce", ""),
        sealed,
    )


def _remember(config: Config, said: Meant, called: Called, tools: Tools) -> bool:
    """Whether who is behind codes and links changes."""
    store, now = tools.store, called.now
    turned = bool(said.lost_link or said.unusable_link)
    if said.welcome and said.pair is not None:
        value = json.dumps([said.welcome, said.did, now.isoformat()])
        store.put(f"welcome/{said.pair.name}", value, now + messages.CODE_KEPT)
    if said.known is not None and said.pair is not None:
        if len(said.known.told) > len(known(store, said.pair).told):
            had = adds.count(store, said.pair.userid, now)
            turned |= adds.full(store, had, config.adds_per_day)
        store.put(f"pair/{said.pair.name}", said.known.written(), now + REMEMBERED)
    if said.look:
        value = json.dumps([said.look, now.isoformat()])  # a further word is another value
        store.put(f"look/{facts.digest(said.look)}", value, now + LOOKING)
    if said.chat:
        value = json.dumps([said.chat, now.isoformat(), said.dismissed])
        store.put(f"hint/{facts.digest(said.chat)}", value, now + LOOKING)
    for alarm in said.alarms:
        until = now + UNTIL[alarm] if alarm in UNTIL else None
        store.put(f"alarm/{alarm}", now.isoformat(), until)
        tools.alarms.begin(
            alarm, callback.NOTICES[alarm], quota=alarm in callback.QUOTAS, until=until
        )
    for alarm in said.over:
        store.take(f"alarm/{alarm}")
        tools.alarms.end(alarm)
    if said.lost_link:
        _forget_link(store, said.lost_link)
        store.put(f"lost/{said.lost_link}", "", now + LOOKING)
        unusable.over(tools, said.lost_link)
    if said.unusable_link:
        unusable.note(store, said.unusable_link, now)
    store.put(HEARD, now.isoformat())
    return turned


def _forget_link(store: Store, link_id: str) -> None:
    """A link that leads nowhere any more is made anew when it is next asked for."""
    for key in store.keys("link/"):
        found = store.get(key)
        if found is not None and json.loads(found)[0] == link_id:
            store.take(key)
