"""Moments (客户朋友圈), as WeCom wants them and tells of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from siyu.connectors.moments import Moment
from siyu.connectors.wecom.wire.answers import Json, inner, number, objects, text
from siyu.connectors.wecom.wire.media import Kind
from siyu.kernel.sentence import Sentence

LONGEST_TEXT = 2000  # characters
LONGEST_TITLE = 64
MOST_PICTURES = 9
DONE = 3  # of a job
PUBLISHED = 1
BY_CORP = 0
_SAID = {
    "invalid text size": Sentence("the text is too long", "文字太长"),
    "invalid attachments msgtype": Sentence(
        "these attachments can't stand together", "附件类型不能这样组合"
    ),
    "invalid attachments size": Sentence("there are too many attachments", "附件太多"),
}
_OTHER = Sentence("WeCom did not make it", "企业微信没有创建成功")


def problem(moment: Moment, kinds: Sequence[Kind]) -> tuple[str, Sentence] | None:
    """Which field WeCom would not take, and why; `kinds` of its media, in order."""
    videos = kinds.count("video")
    if not moment.text.strip() and not moment.media and not moment.link:
        return "text", Sentence("write a text or add a picture", "请写文字或添加图片")
    if len(moment.text) > LONGEST_TEXT:
        return "text", Sentence(f"has at most {LONGEST_TEXT} characters", f"最多 {LONGEST_TEXT} 字")
    if moment.link and (len(kinds) != 1 or videos):
        return "media", Sentence("a link has one picture, its cover", "链接需要一张图片作封面")
    if moment.link and not moment.link.startswith(("https://", "http://")):
        return "link", Sentence(
            "must be like https://shop.example/new", "应类似 https://shop.example/new"
        )
    if moment.link and not 0 < len(moment.title) <= LONGEST_TITLE:
        return "title", Sentence(
            f"a link's title has 1 to {LONGEST_TITLE} characters",
            f"链接标题为 1 到 {LONGEST_TITLE} 个字",
        )
    if len(kinds) > MOST_PICTURES or (videos and len(kinds) > 1):
        return "media", Sentence(
            f"at most {MOST_PICTURES} pictures, or one video",
            f"最多 {MOST_PICTURES} 张图片，或一个视频",
        )
    return None


def body(
    moment: Moment, media: Sequence[tuple[str, Kind]], users: Sequence[str], tags: Sequence[str]
) -> dict[str, Any]:
    """The body of `add_moment_task`: media ids with their kinds, userids and tag ids."""
    if moment.link:
        link = {"title": moment.title, "url": moment.link, "media_id": media[0][0]}
        attachments = [{"msgtype": "link", "link": link}]
    else:
        attachments = [{"msgtype": kind, kind: {"media_id": one}} for one, kind in media]
    return {
        **({"text": {"content": moment.text}} if moment.text else {}),
        **({"attachments": attachments} if attachments else {}),
        "visible_range": {
            "sender_list": {"user_list": list(users)},
            **({"external_contact_list": {"tag_list": list(tags)}} if tags else {}),
        },
    }


def made(answer: Json) -> tuple[str, Sentence | None] | None:
    """What a job came to: the moment's id, or why there is none; None while it runs."""
    if number(answer, "status") != DONE:
        return None
    result = inner(answer, "result")
    moment_id = text(result, "moment_id")
    if number(result, "errcode") or not moment_id:
        return "", _SAID.get(text(result, "errmsg").partition(",")[0].strip(), _OTHER)
    return moment_id, None


def tasks(page: Json) -> dict[str, bool]:
    """Userid → whether they have published, of a page of `get_moment_task`."""
    return {
        text(one, "userid"): number(one, "publish_status") == PUBLISHED
        for one in objects(page, "task_list")
        if text(one, "userid")
    }
