"""Messages of the app to our own staff: a text, or a card that leads to a page."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.connectors.manifest import Notice, Tools
from siyu.connectors.wecom.client import Client, Failed, NotSent, Unclear
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.wire.answers import text
from siyu.kernel.errors import Broken, Refused
from siyu.kernel.sentence import Sentence

MOST = 1000  # members in one message
LONGEST_TEXT = 2048  # bytes
LONGEST_TITLE, LONGEST_BODY, LONGEST_URL = 128, 512, 2048  # bytes
ONCE_WITHIN = 14_400  # seconds, the most: what was told and not answered is told again
NOBODY = frozenset({81013, 82001, 81012})


def tell(config: Config, tools: Tools, staff: Sequence[str], notice: Notice) -> list[str]:
    """A notice as a card where it fits on one, else as a text that ends with the page."""
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
    client, lost = Client(config, tools), list[str]()
    for start in range(0, len(staff), MOST):
        some = staff[start : start + MOST]
        userids = {config.userid(one).lower(): one for one in some}
        try:
            answer = client.do("message/send", _body(config, list(userids), words, title, url))
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
    config: Config, userids: Sequence[str], words: str, title: str, url: str
) -> dict[str, object]:
    head = {
        "touser": "|".join(userids),
        "agentid": config.agent_id,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": ONCE_WITHIN,
    }
    if not url:
        return {**head, "msgtype": "text", "text": {"content": words}}
    card = {"title": title or words[:20], "description": words, "url": url}
    return {**head, "msgtype": "textcard", "textcard": card}


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
