"""What a plan's text can say, as the form that a console draws. The reader knows no other word."""

from __future__ import annotations

from siyu.groups.model import CAPACITY, ROLL_OVER, THROUGH
from siyu.kernel.asked import Ask, Asks
from siyu.kernel.sentence import Sentence

LONGEST = 120  # characters of a title, a pattern, a code
MOST_PEOPLE = 10_000
LEAST_SHARE, WHOLE = 0.1, 1.0

PLAN = (
    Ask(
        "group",
        Sentence("Code", "编码"),
        Sentence(
            "a code of your own for the purpose, like mums: a-z, 0-9, _ and -",
            "用途的编码，如 mums：a-z、0-9、_ 和 -",
        ),
        "code",
        required=True,
        most=60,
    ),
    Ask("title", Sentence("Title", "名称"), None, "words", required=True, most=LONGEST),
    Ask(
        "admission",
        Sentence("Whom it invites", "邀请谁"),
        Sentence("the segment it invites; left out: everybody", "邀请哪个人群；不写为所有客户"),
        "segment",
    ),
    Ask(
        "apart_from",
        Sentence("Kept apart from", "不与同在"),
        Sentence(
            "plans that nobody is to be in as well; works both ways",
            "不与同在的计划，双向生效",
        ),
        "plan",
        many=True,
    ),
    Ask(
        "chats",
        Sentence("Group chats", "群"),
        Sentence(
            "by title, * for what differs, or by id",
            "群名（* 代表任意文字）或群 ID",
        ),
        "chat",
        many=True,
        required=True,
    ),
    Ask(
        "way",
        Sentence("Code that leads in", "入群码"),
        Sentence("the state of the code that leads into them", "带人进群的活码的 state"),
        "way",
    ),
    Ask(
        "capacity",
        Sentence("People in each", "每群人数上限"),
        Sentence("WeCom's own limit is 500", "企业微信上限 500"),
        "count",
        default=CAPACITY,
        least=1,
        most=MOST_PEOPLE,
    ),
    Ask(
        "roll_over",
        Sentence("Full at", "满到几成换群"),
        Sentence("at this share the next group is filled, like 0.9", "满到几成换下一个群，如 0.9"),
        "number",
        default=ROLL_OVER,
        least=LEAST_SHARE,
        most=WHOLE,
    ),
    Ask(
        "calendar",
        Sentence("What is said when", "群日历"),
        Sentence(
            "owners are asked to send it when its time comes",
            "到点后请群主发送",
        ),
        "",
        "Entry",
        many=True,
    ),
)
ENTRY = (
    Ask("on", Sentence("Weekdays", "星期"), None, "days", required=True),
    Ask("at", Sentence("At", "时刻"), None, "time", required=True),
    Ask("say", Sentence("Material", "素材"), None, "material", required=True),
    Ask(
        "through",
        Sentence("Through", "渠道"),
        None,
        "choice",
        default=THROUGH[0],
        choices={
            "group_message": Sentence("Group message", "群消息"),
            "moments": Sentence("Moments", "朋友圈"),
        },
    ),
    Ask(
        "owner",
        Sentence("Done by", "由谁"),
        Sentence(
            "where the group's owner is nobody of ours, and for Moments",
            "群主不在本系统时由谁来做；朋友圈由谁发",
        ),
        "staff",
    ),
)
FORMS: Asks = {"Plan": PLAN, "Entry": ENTRY}
