"""What connectors may read of texts: as they go out."""

from __future__ import annotations

from siyu.connectors.known import Text
from siyu.connectors.texts import TextsOf
from siyu.content import actions as content
from siyu.content.model import Material
from siyu.staff.actions import seed
from siyu.staff.model import Brand

LINK = "https://s.example/{state}"


def sms(code: str, locale: str, body: str) -> Material:
    return Material(code, locale, "sms", body, {})


def test_texts_are_those_of_the_channel_in_the_language_in_which_they_go_out(db) -> None:
    call = Material("call", "zh", "voice_ai", "您好", {})
    shelf = [
        sms("both", "zh", "【花】你好"), sms("both", "en", "Hello"), sms("only", "en", "Bye"), call,
    ]  # fmt: skip
    with db.transaction() as conn:
        seed(conn, Brand("花间", "Asia/Shanghai", "CNY", "CN", "zh"), [], [])
        content.install(conn, shelf, "test")

    found = TextsOf(db, LINK).of(["sms"])

    alike = {"brand": "花间", "link": LINK}
    assert found == [Text("both", "【花】你好", alike), Text("only", "Bye", alike)]


def test_where_nothing_is_written_no_brand_is_needed(db) -> None:
    assert TextsOf(db, LINK).of(["sms"]) == ()
