"""What the texts of a page and of a service can say, as forms that a console draws.

Fields are those of the types; here stand their words, in the order in which they are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from siyu.kernel.asked import Asks, Told, asks
from siyu.kernel.sentence import Sentence
from siyu.pages.model import CHOSEN, Page, Said, Service, Title

PLAIN: Mapping[type[Struct], str] = {
    Title: "words",
    Said: "prose",
}  # one field each, in both languages
_KINDS: Mapping[str, Sentence] = {
    "entry": Sentence("Add us", "添加好友"),
    "survey": Sentence("Survey", "问卷"),
    "booking": Sentence("Booking", "预约到店"),
    "reserve": Sentence("Reservation", "预留权益"),
    "wallet": Sentence("Wallet", "卡包"),
}
_TYPES: Mapping[str, Sentence] = {
    "one": Sentence("One of several", "单选"),
    "many": Sentence("Several of several", "多选"),
    "text": Sentence("Words of their own", "自由填写"),
    "month": Sentence("A month", "月份"),
}
_ADS: Mapping[str, Sentence] = {
    "utm_source": Sentence("Source (utm_source)", "来源（utm_source）"),
    "utm_medium": Sentence("Medium (utm_medium)", "媒介（utm_medium）"),
    "utm_campaign": Sentence("Campaign (utm_campaign)", "活动（utm_campaign）"),
    "utm_content": Sentence("Content (utm_content)", "内容（utm_content）"),
    "utm_term": Sentence("Term (utm_term)", "关键词（utm_term）"),
    "gdt_vid": Sentence("Tencent Ads click (gdt_vid)", "腾讯广告点击（gdt_vid）"),
    "qz_gdt": Sentence("Tencent Ads click (qz_gdt)", "腾讯广告点击（qz_gdt）"),
    "clickid": Sentence("Click (clickid)", "点击（clickid）"),
    "click_id": Sentence("Click (click_id)", "点击（click_id）"),
    "bd_vid": Sentence("Baidu click (bd_vid)", "百度点击（bd_vid）"),
}
_PAGE: Mapping[str, Told] = {
    "page": Told(
        Sentence("Code", "编码"),
        Sentence(
            "its address, too: /p/CODE; of a-z, 0-9 and -",
            "也是地址：/p/编码；由 a-z、0-9 和 - 组成",
        ),
        "code",
    ),
    "kind": Told(
        Sentence("Kind", "类型"),
        Sentence(
            "what it is for; some fields belong to one kind alone",
            "页面的用途；有些字段只属于一种类型",
        ),
        choices=_KINDS,
    ),
    "title": Told(Sentence("Title", "标题")),
    "words": Told(
        Sentence("Words", "正文"), Sentence("an empty line parts paragraphs", "空行分段")
    ),
    "channel": Told(
        Sentence("Channel code", "活码"),
        Sentence(
            "by which its friends come, and with it their source",
            "好友通过哪个活码加入，决定来源",
        ),
        "channel",
    ),
    "survey": Told(
        Sentence("Survey", "问卷"),
        None,
        only={"kind": ("survey",)},
    ),
    "service": Told(
        Sentence("Service", "服务"),
        Sentence("which one can be booked on it", "预约哪项服务"),
        "service",
        {"kind": ("booking",)},
    ),
    "offer": Told(
        Sentence("Offer", "权益"),
        Sentence("of which pieces can be reserved on it", "预留哪项权益"),
        "offer",
        {"kind": ("reserve",)},
    ),
    "hold": Told(
        Sentence("Kept for", "保留多久"),
        Sentence("how long a piece is set aside", "为客户保留的时间"),
        "span",
        {"kind": ("reserve",)},
    ),
    "button": Told(
        Sentence("Button", "按钮文字"),
        Sentence("the words on it; left out: the usual ones", "不写为默认文字"),
    ),
    "picture": Told(
        Sentence("Picture", "图片"),
        Sentence("an address that begins with https://", "以 https:// 开头的地址"),
        "address",
    ),
    "picture_says": Told(
        Sentence("What the picture shows", "图片内容"),
        Sentence("for people who can't see it", "供看不到图片的人了解"),
    ),
    "keep": Told(
        Sentence("Ad parameters that are kept", "保留的广告参数"),
        Sentence("of an address; left out: all of these", "不写为全部"),
        choices=_ADS,
    ),
}
_SURVEY: Mapping[str, Told] = {
    "version": Told(
        Sentence("Version", "版本"),
        Sentence(
            "with another one, whoever has answered is asked once more",
            "改了版本，答过的人会再被问一次",
        ),
    ),
    "questions": Told(Sentence("Questions", "问题")),
}
_QUESTION: Mapping[str, Told] = {
    "code": Told(
        Sentence("Code", "编码"),
        Sentence("answers are kept by it: leave it as it is", "答案按编码保存，不要改"),
        "code",
    ),
    "type": Told(Sentence("Answered by", "答题方式"), choices=_TYPES),
    "ask": Told(Sentence("Question", "问题"), takes="words"),
    "choices": Told(
        Sentence("Choices", "选项"),
        Sentence("2 to 30, each by a code of its own", "2 到 30 个，各有编码"),
        only={"type": CHOSEN},
    ),
    "required": Told(Sentence("Has to be answered", "必答")),
}
_SERVICE: Mapping[str, Told] = {
    "service": Told(
        Sentence("Code", "编码"), Sentence("of a-z, 0-9 and -", "由 a-z、0-9 和 - 组成"), "code"
    ),
    "title": Told(Sentence("Title", "名称")),
    "minutes": Told(
        Sentence("Minutes", "每个时段几分钟"), Sentence("how long a time is", "一个时段的长度")
    ),
    "ahead": Told(
        Sentence("How far ahead", "最多提前多久"), Sentence("at most 90 days", "最多 90 天"), "span"
    ),
    "notice": Told(
        Sentence("How long before", "最晚提前多久"),
        Sentence("the latest that it can be booked", "之后不能再约"),
        "span",
    ),
    "late": Told(
        Sentence("Missed after", "多久后算未到店"),
        Sentence("so long after its end nobody has come", "从时段结束算起"),
        "span",
    ),
    "per_customer": Told(
        Sentence("Bookings of a customer", "每位客户最多几个"),
        Sentence("open at the same time", "同时有效的预约"),
    ),
    "stores": Told(
        Sentence("Stores", "门店"),
        Sentence("which take bookings, when and for how many", "哪些门店可约、何时、几位"),
        "store",
    ),
}
_OPENING: Mapping[str, Told] = {
    "week": Told(Sentence("Hours", "营业时段"), None, "week"),
    "capacity": Told(
        Sentence("At a time", "同时几位"), Sentence("customers in each time", "每个时段接待的客户")
    ),
    "closed": Told(Sentence("Closed on", "休息日")),
}
TELLS: Mapping[str, Mapping[str, Told]] = {
    "Page": _PAGE,
    "Survey": _SURVEY,
    "Question": _QUESTION,
    "Service": _SERVICE,
    "Opening": _OPENING,
}
PAGE: Asks = asks(Page, TELLS, PLAIN)
SERVICE: Asks = asks(Service, TELLS, PLAIN)
