"""Messages of the app to our own staff: texts, cards that lead to a page, cards with buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog

from siyu.connectors.manifest import Notice, Tools
from siyu.connectors.wecom.client import Client, Failed, NotSent, Unclear
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire.answers import text
from siyu.kernel.errors import Broken, Refused
from siyu.kernel.sentence import Sentence

log = structlog.get_logger(__name__)
MOST = 1000  # members in one message
LONGEST_TEXT = 2048  # bytes
LONGEST_TITLE, LONGEST_BODY, LONGEST_URL = 128, 512, 2048  # bytes
ONCE_WITHIN = 14_400  # seconds, the most: what was told and not answered is told again
NOBODY = frozenset({81013, 82001, 81012})


def tell(config: Config, tools: Tools, staff: Sequence[str], notice: Notice) -> list[str]:
    """A notice as a card where it fits on one, else as a text that ends with the page.

    Buttons need a callback address. Where WeCom takes no card with buttons, it is told without.
    """
    if notice.choices and config.aes_key:
        try:
            return _sent(config, tools, staff, _buttons(notice))
        except Refused as refused:
            log.warning("a card with buttons was refused", why=str(refused))
    fits = len(notice.words.encode()) <= LONGEST_BODY
    if notice.url and fits:
        title = shortened(notice.title, LONGEST_TITLE)
        return notify(config, tools, staff, notice.words, title=title, url=notice.url)
    page = f"\n{notice.url}" if notice.url else ""
    words = shortened(f"{notice.title}\n{notice.words}", LONGEST_TEXT - len(page.encode()))
    return notify(config, tools, staff, f"{words}{page}")


def shortened(words: str, most: int) -> str:
    """The words, in at most so many bytes.

    >>> shortened("昨日新增好友", 12), shortened("昨日", 12)
    ('昨日新…', '昨日')
    """
    if len(words.encode()) <= most:
        return words
    return words.encode()[: most - len("…".encode())].decode(errors="ignore") + "…"


def notify(
    config: Config,
    tools: Tools,
    staff: Sequence[str],
    words: str,
    *,
    title: str = "",
    url: str = "",
) -> list[str]:
    """Tell these members; who of them can't be told (left, out of sight). A card with `url`.

    WeCom drops silently what is more than 30 messages a minute for one member.
    """
    _fits(words, title, url)
    return _sent(config, tools, staff, _told(words, title, url))


def _sent(
    config: Config, tools: Tools, staff: Sequence[str], message: Mapping[str, object]
) -> list[str]:
    client, lost = Client(config, tools), list[str]()
    for start in range(0, len(staff), MOST):
        some = staff[start : start + MOST]
        userids = {config.userid(one).lower(): one for one in some}
        try:
            answer = client.do("message/send", _body(config, list(userids), message))
        except Failed as failed:
            if failed.code not in NOBODY:
                raise Refused(failed.said) from None
            lost += some
        except (NotSent, Unclear):
            raise Broken("WeCom can't be reached, or its answer can't be read.") from None
        else:
            gone = f"{text(answer, 'invaliduser')}|{text(answer, 'unlicenseduser')}".lower()
            lost += [userids[one] for one in gone.split("|") if one in userids]
    return lost


def _body(
    config: Config, userids: Sequence[str], message: Mapping[str, object]
) -> dict[str, object]:
    return {
        "touser": "|".join(userids),
        "agentid": config.agent_id,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": ONCE_WITHIN,
        **message,
    }


def _told(words: str, title: str, url: str) -> Mapping[str, object]:
    if not url:
        return {"msgtype": "text", "text": {"content": words}}
    card = {"title": title or words[:20], "description": words, "url": url}
    return {"msgtype": "textcard", "textcard": card}


def _buttons(notice: Notice) -> Mapping[str, object]:
    """What is pressed comes back with `task_id` and `key`; the whole card leads to the page."""
    page = {"card_action": {"type": 1, "url": notice.url}} if notice.url else {}
    card = {
        "card_type": "button_interaction",
        "main_title": {"title": shortened(notice.title, LONGEST_TITLE)},
        "sub_title_text": shortened(notice.words, LONGEST_BODY),
        "task_id": notice.token,
        "button_list": [
            {"text": one.words, "style": 1 if place == 0 else 2, "key": one.key}
            for place, one in enumerate(notice.choices)
        ],
        **page,
    }
    return {"msgtype": "template_card", "template_card": card}


def _fits(words: str, title: str, url: str) -> None:
    most = LONGEST_BODY if url else LONGEST_TEXT
    for part, limit in ((words, most), (title, LONGEST_TITLE), (url, LONGEST_URL)):
        if len(part.encode()) > limit:
            raise ValueError(
                Sentence(
                    f"a notice to staff takes at most {limit} bytes here",
                    f"发给员工的内容这里最多 {limit} 字节",
                )
            )
