"""Pages inside WeCom, and words to staff."""

from __future__ import annotations

from dataclasses import replace

import pytest

from siyu.connectors.manifest import Choice, Notice, Press
from siyu.connectors.wecom.source import answered, notices, pages
from siyu.connectors.wecom.wire import pages as wire
from siyu.kernel.errors import Broken, Unknown

ANNA = "wmANNA0000000000001"


def test_the_signature_is_that_of_the_published_example() -> None:
    ticket = (
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    )
    url = "http://mp.weixin.qq.com?params=value"

    for page in (url, f"{url}#/customers"):
        signed = wire.signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, page)
        assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_addresses_for_logging_in_carry_the_page_and_the_state(corp) -> None:
    inside = wire.authorize_url(corp.config, "https://shop.example/t?a=1", "s1")
    browser = wire.login_url(corp.config, "https://shop.example/t?a=1", "s1")

    assert "redirect_uri=https%3A%2F%2Fshop.example%2Ft%3Fa%3D1&" in inside
    assert inside.endswith("&agentid=1000002#wechat_redirect")
    assert "redirect_uri=https%3A%2F%2Fshop.example%2Ft%3Fa%3D1&state=s1" in browser


def test_who_opened_a_page_is_said_once_and_by_our_name(corp) -> None:
    code = corp.fake.opens_page("zhangsan")
    assert pages.visitor(corp.config, corp.tools, code) == pages.Visitor(staff="g-zhang")
    with pytest.raises(Unknown):
        pages.visitor(corp.config, corp.tools, code)

    corp.fake.existing("lisi", ANNA, corp.clock.now())
    customer = pages.visitor(corp.config, corp.tools, corp.fake.opens_page(ANNA))
    assert customer == pages.Visitor(external_userid=ANNA)
    late = corp.fake.opens_page("lisi")
    corp.clock.advance(minutes=6)
    for code in (late, corp.fake.opens_page("a passer-by"), "made up"):
        with pytest.raises(Unknown):
            pages.visitor(corp.config, corp.tools, code)


def test_a_ticket_serves_all_pages_until_shortly_before_its_end(corp) -> None:
    first = pages.signed(corp.config, corp.tools, "https://shop.example/a", "corp")
    again = pages.signed(corp.config, corp.tools, "https://shop.example/b", "corp")
    pages.signed(corp.config, corp.tools, "https://shop.example/b", "agent")
    assert first.nonce != again.nonce
    assert (corp.fake.requests["get_jsapi_ticket"], corp.fake.requests["ticket/get"]) == (1, 1)

    corp.clock.advance(seconds=7200 - 299)
    pages.signed(corp.config, corp.tools, "https://shop.example/a", "corp")
    assert corp.fake.requests["get_jsapi_ticket"] == 2


def test_staff_are_told_and_who_can_not_be_told_is_named(corp) -> None:
    lost = notices.notify(
        corp.config, corp.tools, ["g-zhang", "left", "lisi"], "待添加客户 8 位",
        title="任务", url="https://shop.example/t",
    )  # fmt: skip

    assert lost == ["left"]
    card = {"title": "任务", "description": "待添加客户 8 位", "url": "https://shop.example/t"}
    assert corp.fake.notices == [
        (who, {"msgtype": "textcard", **card}) for who in ("zhangsan", "lisi")
    ]
    assert notices.notify(corp.config, corp.tools, ["left"], "x") == ["left"]
    assert notices.notify(corp.config, corp.tools, ["lisi"], "x") == []
    with pytest.raises(ValueError, match="2048"):
        notices.notify(corp.config, corp.tools, ["lisi"], "x" * 2049)


def _asked(name: str = "tsk_1@1") -> Notice:
    choices = (Choice("requested", "已发申请"), Choice("wrong_person", "号码非本人"))
    return Notice("1 个新待办", "加好友 1", "https://siyu.example/tasks", choices, name)


def test_a_notice_with_choices_is_a_card_with_buttons_and_told_again_the_same_one(corp) -> None:
    for _ in range(2):
        assert notices.tell(corp.config, corp.tools, ["g-zhang", "gone"], _asked()) == ["gone"]

    ((who, card),) = corp.fake.notices
    assert (who, card["msgtype"], card["task_id"]) == ("zhangsan", "template_card", "tsk_1@1")
    assert [one["key"] for one in card["button_list"]] == ["requested", "wrong_person"]
    assert card["card_action"] == {"type": 1, "url": "https://siyu.example/tasks"}


def test_where_no_card_with_buttons_is_taken_the_notice_is_told_without(corp) -> None:
    deaf = replace(corp.config, token="", aes_key="")
    assert notices.tell(deaf, corp.tools, ["g-zhang"], _asked()) == []
    assert notices.tell(corp.config, corp.tools, ["g-zhang"], _asked("no token")) == []

    assert [card["msgtype"] for _, card in corp.fake.notices] == ["textcard"]  # the same words


def test_the_code_of_a_button_changes_a_card_once_and_not_after_three_days(corp) -> None:
    pressed: list[Press] = []
    tools = replace(corp.tools, press=lambda one: pressed.append(one) or "已完成")
    corp.ours.corp = replace(corp, tools=tools)
    for token in ("tsk_1@1", "tsk_2@1"):
        notices.tell(corp.config, tools, ["g-zhang"], _asked(token))
        corp.fake.presses("zhangsan", token, "requested")
    assert corp.deliver() == 2
    assert pressed == [Press(f"tsk_{n}@1", "requested", "g-zhang") for n in (1, 2)]
    assert (corp.ours.events, corp.ours.due) == ([], ["cards", "cards"])

    corp.fake.faults.append("fail")
    with pytest.raises(Broken):
        list(answered.pull(corp.config, tools, ""))
    list(answered.pull(corp.config, tools, ""))
    list(answered.pull(corp.config, tools, ""))
    assert [one.shown for one in corp.fake.cards.values()] == [{"zhangsan": "已完成"}] * 2
    assert corp.fake.requests["message/update_template_card"] == 3

    notices.tell(corp.config, tools, ["g-zhang"], _asked("tsk_3@1"))
    corp.fake.presses("zhangsan", "tsk_3@1", "requested")
    corp.deliver()
    corp.clock.advance(hours=73)
    list(answered.pull(corp.config, tools, ""))
    assert corp.fake.cards["tsk_3@1"].shown == {}
