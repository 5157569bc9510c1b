"""The questions of a survey as a form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from html import escape

from siyu.kernel.sentence import Sentence
from siyu.pages.decide import field
from siyu.pages.model import LONGEST_TEXT, Question, Survey
from siyu.pages.render import Shown, posted

SEND = Sentence("Send", "提交")
OPTIONAL = Sentence("optional", "选填")
MISSING = Sentence("Please answer this.", "请回答这一题。")
MONTH = Sentence("Year and month, like 2026-05", "年和月，如 2026-05")


def questions(
    shown: Shown, survey: Survey, said: Mapping[str, str], wrong: Collection[str]
) -> list[str]:
    """All of them; what somebody has said before stands there, what is `wrong` is marked."""
    inner = "".join(_question(shown, one, said, one.code in wrong) for one in survey.questions)
    return [posted(shown, "answer", inner, SEND)]


def _question(shown: Shown, one: Question, said: Mapping[str, str], bad: bool) -> str:
    name, before = field(one), said.get(field(one), "")
    asked = escape(one.ask.of(shown.language))
    if not one.required:
        asked += f' <span class="soft">({shown.say(OPTIONAL)})</span>'
    wrong = f'<span class="bad" id="{name}-bad">{shown.say(MISSING)}</span>' if bad else ""
    if one.choices:
        kind = "radio" if one.type == "one" else "checkbox"
        picked = before.split("\n")
        inner = "".join(
            f'<label class="pick"><input type="{kind}" name="{name}" value="{escape(code)}"'
            f"{' checked' if code in picked else ''}>"
            f"<span>{escape(words.of(shown.language))}</span></label>"
            for code, words in one.choices.items()
        )
        return f"<fieldset><legend>{asked}</legend>{wrong}{inner}</fieldset>"
    label = f'<legend><label for="{name}">{asked}</label></legend>{wrong}'
    invalid = f' aria-invalid="true" aria-describedby="{name}-bad"' if bad else ""
    needed = " required" if one.required else ""
    if one.type == "month":
        return (
            f'<fieldset>{label}<input type="month" id="{name}" name="{name}"{needed}{invalid} '
            f'placeholder="2026-05" title="{shown.say(MONTH)}" '
            f'value="{escape(before, quote=True)}">'
            "</fieldset>"
        )
    return (
        f'<fieldset>{label}<textarea id="{name}" name="{name}" rows="3"{needed}{invalid} '
        f'maxlength="{LONGEST_TEXT}">{escape(before)}</textarea></fieldset>'
    )
