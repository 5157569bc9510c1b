"""Lists of people as files: tags, names, and who is not to be contacted; in and out."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from tests.connectors.orderfile.conftest import book_of

ONE, TWO = "13800000001", "13800000002"
ORDER = {
    "shop": "flagship", "order_no": "T1", "currency": "CNY", "total_minor": 100, "lines": [],
}  # fmt: skip


class Lists:
    """A few people, and somebody with a spreadsheet."""

    def __init__(self, story: Any) -> None:
        self.story = story
        story.tell("order.paid", ORDER, {"phone": ONE, "order": "flagship/T1"})
        story.tell("friend.added", {"staff": "guide-1"}, {"external_userid": "wm1"})
        story.tick()

    def put(self, content: bytes | str, query: str, language: str = "en") -> Any:
        body = content if isinstance(content, bytes) else content.encode()
        answer = self.story.http.post(
            f"/api/v1/lists/file?by=ana&{query}",
            content=body,
            headers={
                "Authorization": f"Bearer {self.story.app.settings.api_key}",
                "Accept-Language": language,
            },
        )
        assert answer.status_code == 200, answer.text
        self.story.tick()
        return answer.json()

    def get(self, query: str) -> list[list[str]]:
        answer = self.story.ask("GET", f"/api/v1/lists/file?{query}")
        assert answer.status_code == 200, answer.text
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]

    def tags(self) -> list[tuple[Any, ...]]:
        return self.story.facts(
            "select t.name, i.kind from tag t join identity i on i.id = t.identity_id order by 1, 2"
        )


@pytest.fixture
def lists(story: Any) -> Lists:
    return Lists(story)


def test_tags_come_in_by_whatever_names_a_person(lists: Lists) -> None:
    text = (
        "手机号,外部联系人ID,店铺代码,订单号,标签\n"
        f"'{ONE},,,,vip\n,wm1,,,敏感肌\n,,flagship,T1,老客\n{TWO},,,,vip\n"
    )
    found = lists.put(text.encode("gb18030"), "as=tags")

    assert found == {"taken": 4, "known": 0, "refused": []}
    assert lists.tags() == [
        ("vip", "phone"), ("vip", "phone"), ("敏感肌", "external_userid"), ("老客", "order"),
    ]  # fmt: skip
    assert lists.put(text.encode("gb18030"), "as=tags") == {"taken": 0, "known": 4, "refused": []}


def test_a_list_of_names_has_one_tag_and_comes_as_excel_too(lists: Lists) -> None:
    book = book_of({"会员日": [["手机", "备注"], [int(ONE), "x"], [int(TWO), "y"]]})

    assert lists.put(book, "as=names&tag=会员日")["taken"] == 2
    assert {name for name, _ in lists.tags()} == {"会员日"}
    assert [row[2:4] for row in lists.get("as=names&tag=会员日")] == [
        ["138****0001", "会员日"],
        ["138****0002", "会员日"],
    ]


def test_what_can_not_be_used_is_said_with_line_column_and_reason(lists: Lists) -> None:
    found = lists.put(
        f"电话,外部联系人ID,订单号,标签\n{ONE},,,\n,,,vip\n138****0001,,,vip\n1.38E+10,,,vip\n,wm9,,vip\n"
        f",,T1,vip\n{ONE},,,vip,x\n",
        "as=tags",
        "zh",
    )

    assert found["taken"] == 0
    assert [tuple(one.values()) for one in found["refused"]] == [
        (2, "标签", "是空的"),
        (3, "电话", "这一行没有写明是谁"),
        (4, "电话", "已打码：需要完整号码"),
        (5, "电话", found["refused"][3]["why"]),
        (6, "外部联系人ID", "这里没有对应的客户"),
        (7, "shop", "订单号需要写明店铺"),
        (8, "", "有 5 列，表头有 4 列"),
    ]
    assert "Excel" in found["refused"][3]["why"]


def test_who_is_on_the_blacklist_is_never_contacted_even_who_comes_later(lists: Lists) -> None:
    assert lists.put(f"phone\n{ONE}\n{TWO}\n", "as=blacklist")["taken"] == 2

    withdrawn = lists.story.facts("select count(*) from consent where state = 'withdrawn'")
    assert withdrawn == [(18,)]
    assert [row[2] for row in lists.get("as=blacklist")] == ["138****0001", "138****0002"]


def test_phones_go_out_in_clear_only_where_asked_for_and_it_is_written_down(lists: Lists) -> None:
    lists.put(f"phone,tag\n{ONE},vip\n", "as=tags")

    assert lists.get("as=tags&tag=vip")[0][2] == "138****0001"
    assert lists.get("as=tags&tag=vip&phones=true")[0][2] == f"+86{ONE}"
    assert lists.get("as=tags&tag=none") == []
    audit = lists.story.facts(
        "select action, object, reason from audit where action ~ 'list' order by id"
    )
    assert audit == [
        ("list.import", "tags", "1 rows"),
        ("list.export", "tags vip", "1 rows, phones masked"),
        ("list.export", "tags vip", "1 rows, phones in clear"),
        ("list.export", "tags none", "0 rows, phones masked"),
    ]


@pytest.mark.parametrize("query", ["as=names", "as=tags"])
def test_a_list_without_its_tag_is_refused(lists: Lists, query: str) -> None:
    answer = lists.story.http.post(
        f"/api/v1/lists/file?by=ana&{query}",
        content=f"phone\n{ONE}\n".encode(),
        headers={"Authorization": f"Bearer {lists.story.app.settings.api_key}"},
    )

    assert answer.status_code == 400
    assert "tag" in answer.json()["detail"]
