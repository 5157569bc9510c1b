"""What we write to a friend's card at WeCom: corp tags and phones. It does not come back as news.

WeCom calls nobody back for what came over its API, and the next pull knows it from us already.
"""

from __future__ import annotations

from collections.abc import Sequence

from siyu.connectors.manifest import Tools
from siyu.connectors.wecom.client import OF, Client, Failed, Json, NotSent, Unclear
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source.lists import tag_names
from siyu.connectors.wecom.source.remembered import Remembered
from siyu.connectors.wecom.wire import contacts, facts
from siyu.connectors.wecom.wire.callback import Pair
from siyu.kernel.errors import Broken, NotFound, Refused
from siyu.kernel.sentence import Sentence


def mark(
    config: Config,
    tools: Tools,
    staff: str,
    external_userid: str,
    *,
    on: Sequence[str] = (),
    off: Sequence[str] = (),
) -> None:
    """Set and take away corp tags, by `group/name`, on one of our staff's friends."""
    client, pair = Client(config, tools), Pair(config.userid(staff), external_userid)
    setting, clearing = _ids(client, tools, on), _ids(client, tools, off)
    if not setting and not clearing:
        return
    body = {
        "userid": pair.userid,
        "external_userid": external_userid,
        "add_tag": setting,
        "remove_tag": clearing,
    }
    _done(client, "mark_tag", body)
    remembered = Remembered(tools.store)
    told = remembered.get(pair)
    if told is not None:
        kept = tuple(dict.fromkeys([*(one for one in told.tags if one not in clearing), *setting]))
        remembered.put(pair, told._replace(tags=kept, version=told.version + 1))
        remembered.flush()


def note_phone(config: Config, tools: Tools, staff: str, external_userid: str, phone: str) -> None:
    """Note a phone with a friend, beside those that are there."""
    client, pair = Client(config, tools), Pair(config.userid(staff), external_userid)
    try:
        answer = client.get(f"{OF}/get", external_userid=external_userid)
    except Failed as failed:
        raise Refused(failed.said) from None
    except (NotSent, Unclear):
        raise Broken(UNREADABLE) from None
    mine = [one for one in contacts.followers(answer) if one.pair.userid == pair.userid]
    if not mine:
        raise NotFound(Sentence("they are not friends (any more)", "不是好友（或已不是）"))
    known = [one for one in mine[0].mobiles if one]
    plain = facts.phone(phone)
    if plain is None or plain in map(facts.phone, known):
        return
    body = {
        "userid": pair.userid,
        "external_userid": external_userid,
        "remark_mobiles": [*known, plain],
    }
    _done(client, "remark", body)
    remembered = Remembered(tools.store)
    told = remembered.get(pair)
    if told is not None:
        mobiles = (*told.mobiles, facts.digest("phone", plain))
        remembered.put(pair, told._replace(mobiles=mobiles, version=told.version + 1))
        remembered.flush()


UNREADABLE = "WeCom can't be reached, or its answer can't be read."


def _ids(client: Client, tools: Tools, names: Sequence[str]) -> list[str]:
    """The tags of these names, as they were when somebody last asked; else as they are now."""
    for fresh in (False, True):
        ids = {name: tag for tag, name in tag_names(client, tools, fresh=fresh).items()}
        if all(name in ids for name in names):
            return [ids[name] for name in names]
    raise NotFound(Sentence("there is no such corp tag", "没有这个企业标签"))


def _done(client: Client, path: str, body: Json) -> None:
    try:
        client.do(f"{OF}/{path}", body)
    except Failed as failed:
        raise Refused(failed.said) from None
    except (NotSent, Unclear):
        raise Broken(UNREADABLE) from None
