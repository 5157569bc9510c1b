"""Bring a file in over HTTP: look, say how it is read, start, stop, go on, take the rejects."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.orderfile.conftest import book_of

from siyu.worker.imports import Importer, prune

HEADER = "订单编号,付款时间,商品名称,商家编码,数量,实付金额,买家会员名,收件人手机号,收件人,备注"
GOOD = "A1,2026-11-01 10:00:00,精华,S1,1,199.00,mei,13800000001,王小明,放门口"
TWO = "A1,2026-11-01 10:00:00,面霜,S2,2,398.00,mei,13800000001,王小明,放门口"
MASKED = "A2,2026-11-02 10:00:00,精华,S1,1,199.00,lan,138****0002,李*,"
BROKEN = "A3,yesterday,精华,S1,1,199.00,hua,13800000003,赵华,=1+1"
READING: dict[str, Any] = {
    "shop": {"code": "douyin-1", "name": "抖店一号", "platform": "douyin"},
    "currency": "CNY",
    "time": {"column": "付款时间", "zone": "Asia/Shanghai"},
    "order": {"column": "订单编号"},
    "line": {"sku": "商家编码", "title": "商品名称", "quantity": "数量", "amount": "实付金额"},
    "customer": {"buyer": "买家会员名", "phone": "收件人手机号", "name": "收件人"},
}


class Page:
    """What somebody does on the page, and what the threads beside the server do."""

    def __init__(self, story: Any) -> None:
        self.story = story
        self.importer = Importer(story.app)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        bearer = {"Authorization": f"Bearer {self.story.app.settings.api_key}"}
        return self.story.http.request(method, f"/api/v1/imports{path}", headers=bearer, **more)

    def put(self, content: bytes, name: str = "orders.csv") -> Any:
        answer = self.ask("POST", f"?by=ana&name={name}", content=content)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def looked_at(self, content: bytes, name: str = "orders.csv") -> Any:
        found = self.put(content, name)
        assert self.importer.look_once()
        return self.one(found["id"])

    def one(self, upload: str) -> Any:
        answer = self.ask("GET", f"/{upload}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, upload: str, what: str, **body: Any) -> Any:
        return self.ask("POST", f"/{upload}/{what}", json={"by": "ana", **body})

    def read_as(self, upload: str, **change: Any) -> Any:
        answer = self.do(upload, "mapping", mapping={**READING, **change})
        assert answer.status_code == 200, answer.text
        assert self.importer.look_once()
        return self.one(upload)

    def ready(self, content: bytes, **change: Any) -> Any:
        return self.read_as(self.looked_at(content)["id"], **change)

    def bring(self, upload: str) -> Any:
        assert self.do(upload, "start").status_code == 200
        assert self.imported()
        self.story.tick()
        return self.one(upload)

    def imported(self) -> bool:
        """A lock is free a moment after its session has ended; the server asks again, too."""
        return any(self.importer.import_once() for _ in range(500))

    @property
    def folder(self) -> Path:
        return self.story.app.settings.home / "uploads"

    def files(self) -> list[Path]:
        return [one for one in self.folder.rglob("*") if one.is_file()]


@pytest.fixture
def page(story: Any) -> Page:
    return Page(story)


def text(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode(encoding)


def orders(page: Page) -> list[tuple[Any, ...]]:
    return page.story.facts("select shop, order_no, total_minor from orders order by order_no")


def test_a_file_that_nobody_knows_is_read_as_somebody_says(page: Page) -> None:
    seen = page.looked_at(text(GOOD, TWO, MASKED, encoding="gb18030"))

    assert (seen["state"], seen["mapping"], seen["can"]) == ("unknown", None, ["read", "drop"])
    assert (seen["look"]["encoding"], seen["look"]["lines"]) == ("gb18030", 4)
    draft = seen["look"]["draft"]
    assert draft["order"] == {"column": "订单编号"}
    assert draft["time"] == {"column": "付款时间", "format": "iso"}
    assert draft["line"] == READING["line"]
    assert draft["customer"]["phone"] == "收件人手机号"

    ready = page.read_as(seen["id"])

    assert (ready["state"], ready["look"]["recognised"]) == ("ready", "given")
    dry = ready["dry"]
    assert (dry["rows"], dry["whole"], dry["new"], dry["known"]) == (3, True, 1, 0)
    assert (dry["rejected"], dry["masked_phones"]) == (1, 1)
    assert dry["reasons"][0]["field"] == "收件人手机号"


def test_masked_phones_can_be_left_out_instead(page: Page) -> None:
    customer = {**READING["customer"], "masked_phone": "leave_out"}
    ready = page.ready(text(GOOD, MASKED), customer=customer)

    assert (ready["dry"]["new"], ready["dry"]["rejected"], ready["dry"]["masked_phones"]) == (
        2,
        0,
        1,
    )
    assert page.bring(ready["id"])["report"]["orders"] == 2


def test_samples_show_a_column_and_nobody_in_it(page: Page) -> None:
    seen = page.looked_at(text(GOOD, MASKED))
    ready = page.read_as(seen["id"])

    for shown in (seen, ready):
        said = str(shown["look"])
        for secret in ("13800000001", "小明", "放门口"):
            assert secret not in said
    columns = {one["name"]: one for one in ready["look"]["columns"]}
    assert columns["收件人手机号"]["samples"] == ["138****0001", "138****0002"]
    assert columns["收件人"]["samples"] == ["王**", "李**"]
    assert columns["实付金额"] == {
        "name": "实付金额", "fields": ["line.amount"], "samples": ["199.00"],
    }  # fmt: skip
    (stored,) = page.story.facts("select look::text || coalesce(dry::text, '') from order_upload")
    assert "13800000001" not in stored[0]


def test_rows_that_cannot_be_used_are_told_and_taken_home(page: Page) -> None:
    ready = page.ready(text(GOOD, BROKEN))
    assert "yesterday" not in str(ready["dry"])

    done = page.bring(ready["id"])

    assert (done["state"], done["report"]["orders"], done["report"]["rejected"]) == ("done", 1, 1)
    assert "rejects" in done["can"]
    answer = page.ask("GET", f"/{done['id']}/rejects")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head[:3] == ["line", "field", "reason"]
    assert (row[0], row[1], row[-1]) == ("3", "付款时间", "'=1+1")
    lines = page.story.read("/api/v1/audit")["lines"]
    assert [one["action"] for one in lines if one["action"].startswith("import")] == [
        "import.upload", "import.start", "import.rejects",
    ]  # fmt: skip


def test_the_same_file_again_changes_nothing_and_is_known(page: Page) -> None:
    page.bring(page.ready(text(GOOD, TWO))["id"])
    before = orders(page)

    again = page.looked_at(text(GOOD, TWO), "again.csv")

    assert (again["state"], again["look"]["recognised"]) == ("ready", "yours")
    assert (again["dry"]["new"], again["dry"]["known"]) == (0, 1)
    report = page.bring(again["id"])["report"]
    assert (report["orders"], report["duplicates"]) == (0, 1)
    assert orders(page) == before == [("douyin-1", "A1", 59700)]


def test_a_doubled_click_and_a_second_window_are_one_import(page: Page) -> None:
    first, second = page.put(text(GOOD)), page.put(text(GOOD), "other.csv")

    assert first["id"] == second["id"]
    assert len(page.files()) == 1
    page.importer.look_once()
    upload = page.read_as(first["id"])["id"]
    assert [page.do(upload, "start").json()["state"] for _ in range(3)] == ["queued"] * 3
    assert page.imported()
    assert not page.importer.import_once()
    assert page.do(upload, "start").json()["state"] == "done"
    assert len(orders(page)) == 0
    page.story.tick()
    assert len(orders(page)) == 1


def test_a_file_is_for_its_owner_only_and_goes_once_it_is_in(page: Page) -> None:
    ready = page.ready(text(GOOD))
    (kept,) = page.files()

    assert kept.stat().st_mode & 0o077 == 0
    assert page.folder.stat().st_mode & 0o077 == 0
    page.bring(ready["id"])
    assert page.files() == []


def test_stopped_before_its_turn_it_can_be_started_again_or_dropped(page: Page) -> None:
    upload = page.ready(text(GOOD))["id"]
    page.do(upload, "start")
    assert page.do(upload, "drop").status_code == 409

    stopped = page.do(upload, "cancel").json()

    assert stopped["state"] == "cancelled"
    assert page.do(upload, "cancel").status_code == 200
    assert not page.importer.import_once()
    assert page.bring(upload)["report"]["orders"] == 1
    other = page.looked_at(text(GOOD, MASKED))["id"]
    assert page.do(other, "drop").json()["state"] == "dropped"
    assert page.do(other, "start").status_code == 409
    assert page.files() == []


def test_a_server_that_was_killed_in_the_middle_goes_on_at_its_next_start(page: Page) -> None:
    upload = page.ready(text(GOOD))["id"]
    page.do(upload, "start")
    with page.story.app.db.transaction() as conn:
        conn.execute("update order_upload set state = 'importing', stage = 'importing'")

    assert Importer(page.story.app).import_once()

    assert page.one(upload)["state"] == "done"


def test_stopped_under_way_it_goes_on_where_it_was(page: Page) -> None:
    rows = [GOOD.replace("A1", f"B{number}") for number in range(5_100)]
    upload = page.ready(text(*rows))["id"]
    page.do(upload, "start")
    with page.story.app.db.transaction() as conn:
        conn.execute("update order_upload set state = 'importing', stop_wanted = true")

    assert page.imported()

    assert page.one(upload)["state"] == "cancelled"
    assert page.one(upload)["can"] == ["read", "start", "drop"]
    assert page.bring(upload)["report"]["lines"] == 5_100


def test_only_one_server_imports_at_a_time(page: Page) -> None:
    upload = page.ready(text(GOOD))["id"]
    page.do(upload, "start")

    with page.story.app.db.try_lock("siyu imports"):
        assert not page.importer.import_once()
    assert page.one(upload)["state"] == "queued"
    assert page.imported()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (gzip.compress(text(GOOD)), "csv"),
        (book_of({"订单": [HEADER.split(","), GOOD.split(",")]}), "excel"),
        (text(GOOD).replace(b",", b";"), "csv"),
    ],
)  # fmt: skip
def test_what_a_file_is_is_told_by_what_it_holds(page: Page, content: bytes, kind: str) -> None:
    seen = page.looked_at(content, "no-ending")
    assert seen["look"]["kind"] == kind
    more = {"delimiter": seen["look"]["delimiter"]}

    ready = page.read_as(seen["id"], **more)

    assert (ready["state"], ready["dry"]["new"], ready["error"]) == ("ready", 1, "")
    assert page.bring(ready["id"])["report"]["orders"] == 1


BOMB = io.BytesIO()
with zipfile.ZipFile(BOMB, "w", zipfile.ZIP_DEFLATED) as _book:
    _book.writestr("xl/workbook.xml", "x")
    _book.writestr("xl/worksheets/sheet1.xml", b" " * (60 << 20))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB.getvalue(), "100 times its size"),
        (b"PK\x03\x04 no archive", "damaged"),
        (b"\x1f\x8b no gzip", "damaged gzip"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (b"line,field,reason\n1,a,b\n", "rejected rows"),
    ],
)
def test_a_hostile_file_is_refused_in_words_and_removed(
    page: Page, content: bytes, words: str
) -> None:
    seen = page.looked_at(content, "../../x.csv")

    assert (seen["state"], seen["file"], seen["can"]) == ("refused", "x.csv", [])
    assert words in seen["error"]
    assert page.files() == []


def test_a_file_that_is_too_large_is_refused_while_it_comes(begun: Callable[[], Any]) -> None:
    page = Page(begun())
    object.__setattr__(page.story.app.settings, "upload_mib", 1)
    large = b"a,b\n" * (1 << 19)

    told = page.ask("POST", "?by=ana&name=x", content=large)
    streamed = page.ask(
        "POST", "?by=ana&name=x", content=iter([large[: 1 << 20], large[1 << 20 :]])
    )

    assert (told.status_code, streamed.status_code) == (413, 413)
    assert page.files() == []
    assert page.ask("POST", "?by=ana&name=x", content=b"").status_code == 400


def test_what_is_wrong_with_a_mapping_is_said_field_by_field(page: Page) -> None:
    upload = page.looked_at(text(GOOD))["id"]
    wrong = {
        **READING,
        "currency": "XXX",
        "time": {"column": "付款时间", "format": "%H:%M"},
        "line": {"sku": "nowhere", "amount": "实付金额"},
    }

    answer = page.do(upload, "mapping", mapping=wrong)
    gone = page.do(upload, "mapping", mapping={**READING, "line": {**READING["line"], "sku": "X"}})

    assert answer.status_code == 400
    assert {one["where"] for one in answer.json()["problems"]} >= {"currency", "time.format"}
    assert [one["where"] for one in gone.json()["problems"]] == ["line.sku"]
    assert page.one(upload)["state"] == "unknown"


def test_old_files_go_whatever_became_of_them(page: Page) -> None:
    object.__setattr__(page.story.app.settings, "upload_days", 3)
    waiting = page.looked_at(text(GOOD))["id"]
    done = page.bring(page.ready(text(GOOD, BROKEN))["id"])["id"]
    assert len(page.files()) == 2  # one file, one file of rejects

    prune(page.story.app)
    assert len(page.files()) == 2
    clock: Any = page.story.app.clock
    clock.set(page.story.now + timedelta(days=4))
    prune(page.story.app)

    assert page.files() == []
    assert page.one(waiting)["state"] == "dropped"
    assert page.one(done)["can"] == []
    assert page.ask("GET", f"/{done}/rejects").status_code == 404


def test_imports_are_listed_with_those_of_the_command(page: Page, tmp_path: Path) -> None:
    page.bring(page.ready(text(GOOD))["id"])
    page.looked_at(text(MASKED))

    first = page.ask("GET", "?limit=1").json()
    rest = page.ask("GET", f"?limit=1&after={first['next']}").json()
    end = page.ask("GET", f"?after={rest['next']}").json()

    assert [one["state"] for one in first["imports"] + rest["imports"]] == ["ready", "done"]
    assert (end["imports"], end["next"]) == ([], rest["next"])
    (line,) = page.ask("GET", "/history").json()["brought"]
    assert (line["file"], line["shop"], line["new"], line["known"]) == (
        "orders.csv", "douyin-1", 1, 0,
    )  # fmt: skip
    names = [one["mapping"] for one in page.ask("GET", "/mappings").json()["mappings"]]
    assert {"cdnow", "online-retail", "douyin-1"} <= set(names)


def test_imports_want_the_key_and_a_name(page: Page) -> None:
    assert page.story.http.post("/api/v1/imports?name=x", content=b"a").status_code == 401
    assert page.story.http.get("/api/v1/imports").status_code == 401
    assert page.ask("POST", "?name=x", content=b"a").status_code == 400
    assert page.ask("GET", "/imp_0000000000000").status_code == 404
