"""Lists of people as files: tags, names, and who is not to be contacted; in and out."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from tests.connectors.orderfile.conftest import book_of

from siyu.api import people_lists, sheets
from siyu.customers import actions
from siyu.customers.model import ListStep
from siyu.kernel.errors import Refused

BROKEN_OFF = "update people_list set done_at = null"  # as a crash leaves it
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

    def put(self, content: bytes | str, query: str, language: str = "en", to: str = "file") -> Any:
        body = content if isinstance(content, bytes) else content.encode()
        answer = self.story.http.post(
            f"/api/v1/lists/{to}?by=ana&{query}",
            content=body,
            headers={
                "Authorization": f"Bearer {self.story.app.settings.api_key}",
                "Accept-Language": language,
            },
        )
        assert answer.status_code == 200, answer.text
        self.story.tick()
        return answer.json()

    def get(self, kind: str, **more: object) -> list[list[str]]:
        said = {"kind": kind, "reason": "a mailing", "by": "ana", **more}
        answer = self.story.ask("POST", "/api/v1/lists/export", said)
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

    assert (found["taken"], found["known"], found["refused"], found["rejects"]) == (4, 0, [], "")
    assert lists.tags() == [
        ("vip", "phone"), ("vip", "phone"), ("敏感肌", "external_userid"), ("老客", "order"),
    ]  # fmt: skip
    again = lists.put(text.encode("gb18030"), "as=tags")
    assert (again["taken"], again["known"], again["id"]) == (0, 4, found["id"])


def test_a_list_of_names_has_one_tag_and_comes_as_excel_too(lists: Lists) -> None:
    book = book_of({"会员日": [["手机", "备注"], [int(ONE), "x"], [int(TWO), "y"]]})

    assert lists.put(book, "as=names&tag=会员日")["taken"] == 2
    assert {name for name, _ in lists.tags()} == {"会员日"}
    assert [row[2:4] for row in lists.get("names", tag="会员日")] == [
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
    assert found["rejects"].splitlines()[2] == f"3,电话,{found['refused'][1]['why']},,,,vip"


def test_who_is_on_the_blacklist_is_never_contacted_even_who_comes_later(lists: Lists) -> None:
    assert lists.put(f"phone\n{ONE}\n{TWO}\n", "as=blacklist")["taken"] == 2

    withdrawn = lists.story.facts("select count(*) from consent where state = 'withdrawn'")
    assert withdrawn == [(18,)]
    assert [row[2] for row in lists.get("blacklist")] == ["138****0001", "138****0002"]


def test_phones_go_out_in_clear_only_where_asked_for_and_it_is_written_down(lists: Lists) -> None:
    lists.put(f"phone,tag\n{ONE},vip\n", "as=tags")

    assert lists.get("tags", tag="vip")[0][2] == "138****0001"
    assert lists.get("tags", tag="vip", phones=True)[0][2] == f"+86{ONE}"
    assert lists.get("tags", tag="none") == []
    book = {"kind": "tags", "reason": "x", "by": "ana", "form": "xlsx"}
    assert lists.story.ask("POST", "/api/v1/lists/export", book).content.startswith(b"PK")
    unsaid = {"kind": "tags", "reason": " ", "by": "ana"}
    assert lists.story.ask("POST", "/api/v1/lists/export", unsaid).status_code == 400
    audit = lists.story.facts(
        "select action, object, reason from audit where action ~ 'list' order by id"
    )
    assert audit == [
        ("list.import", "tags", "1 rows"),
        ("list.export", "tags vip", "a mailing: 1 rows, phones masked"),
        ("list.export", "tags vip", "a mailing: 1 rows, phones in clear"),
        ("list.export", "tags none", "a mailing: 0 rows, phones masked"),
        ("list.export", "tags", "x: 1 rows, phones masked"),
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


def test_a_look_says_how_a_list_is_read_and_tells_nothing(lists: Lists) -> None:
    lists.put(f"phone\n{ONE}\n", "as=names&tag=vip")
    text = f"客户电话,备注\n{ONE},老客\n{TWO},新客\nx,\n"

    blind = lists.put(text, "as=names&tag=vip", to="look")
    told = lists.put(text, "as=names&tag=vip&read=phone=客户电话", "zh", to="look")

    assert (blind["missing"], blind["refused"]) == (["who"], 3)
    assert (told["missing"], told["here"], told["fresh"], told["known"]) == ([], 1, 1, 1)
    assert [(one["field"], one["rows"]) for one in told["reasons"]] == [("客户电话", 1)]
    assert told["columns"][0] == {
        "name": "客户电话", "field": "phone", "samples": ["138****0001", "138****0002", "****"],
    }  # fmt: skip
    assert ONE not in str(told)
    assert [name for name, _ in lists.tags()] == ["vip"]
    assert lists.put(text, "as=names&tag=vip&read=phone=客户电话")["taken"] == 1


def test_tags_of_a_list_are_taken_back_and_who_had_them_before_keeps_them(lists: Lists) -> None:
    lists.put(f"phone\n{ONE}\n", "as=names&tag=vip")
    both = f"phone\n{ONE}\n{TWO}\n"
    found = lists.put(both, "as=names&tag=vip")
    undo = f"/api/v1/lists/{found['id']}/undo"

    assert (found["taken"], found["known"]) == (1, 1)
    assert lists.story.ask("POST", undo, {"by": "ana"}).json() == {"taken_back": 1}
    lists.story.tick()
    assert [row[2] for row in lists.get("tags", tag="vip")] == ["138****0001"]
    assert lists.story.ask("POST", undo, {"by": "ana"}).status_code == 409

    assert lists.put(both, "as=names&tag=vip")["taken"] == 1  # a new list, as nothing of it stands
    (latest, before, *_) = lists.story.read("/api/v1/lists")["lists"]
    assert (latest["taken"], latest["known"], latest["can_undo"]) == (1, 1, True)
    assert (before["undone_by"], before["can_undo"]) == ("ana", False)
    assert lists.story.ask("POST", "/api/v1/lists/lst_1/undo", {"by": "ana"}).status_code == 404


def test_a_list_that_is_too_long_is_refused_before_anything_is_taken(
    lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    monkeypatch.setattr(people_lists, "BATCH", 1)
    ask = lists.story.http.post(
        "/api/v1/lists/file?by=ana&as=names&tag=vip",
        content=f"phone\n{ONE}\n{TWO}\n13800000003\n".encode(),
        headers={"Authorization": f"Bearer {lists.story.app.settings.api_key}"},
    )

    assert ask.status_code == 400
    assert lists.story.read("/api/v1/lists")["lists"] == []
    assert lists.put(f"phone\n{ONE}\n{TWO}\n", "as=names&tag=vip")["taken"] == 2


def test_a_list_whose_import_broke_off_is_taken_back_and_one_under_way_stops(lists: Lists) -> None:
    found = lists.put(f"phone\n{ONE}\n", "as=names&tag=vip")
    db = lists.story.app.db
    with db.transaction() as conn:
        conn.execute(BROKEN_OFF)

    assert lists.story.read("/api/v1/lists")["lists"][0]["can_undo"] is True
    undo = f"/api/v1/lists/{found['id']}/undo"
    assert lists.story.ask("POST", undo, {"by": "ana"}).json() == {"taken_back": 1}
    number = lists.story.app.ids.decode("lst", found["id"])
    with pytest.raises(Refused), db.transaction() as conn:
        actions.advance_list(conn, number, ListStep(1, 3, 1, 0, 0), lists.story.app.clock.now())


def test_who_asked_for_no_messages_is_not_taken_back(lists: Lists) -> None:
    found = lists.put(f"phone\n{ONE}\n", "as=blacklist")

    undo = f"/api/v1/lists/{found['id']}/undo"
    assert lists.story.ask("POST", undo, {"by": "ana"}).status_code == 409
    assert lists.story.read("/api/v1/lists")["lists"][0]["can_undo"] is False
