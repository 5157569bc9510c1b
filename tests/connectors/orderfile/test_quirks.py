"""How back offices and spreadsheets dress up what they write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.exports import DOUYIN_2024, PDD, TAOBAO_CLASSIC, Export, Told, of

from siyu.connectors.orderfile.config import Mapping, parse
from siyu.connectors.orderfile.source.orders import open_file
from siyu.events.model import Incoming
from siyu.kernel.errors import Problem
from siyu.kernel.sentence import Sentence, within

File = Callable[..., Path]
Read = Callable[..., tuple[list[Incoming], list[Problem]]]


@pytest.fixture
def read(file: File, text: str) -> Read:
    """`read("1,2026-…", more="masked_phone: keep")`: the events and the refusals of these rows."""

    def found(
        *rows: str, more: str = "", order: str = "form: any", header: str | None = None
    ) -> tuple[list[Incoming], list[Problem]]:
        said = text.replace("phone: phone,", f"phone: phone, {more}")
        said = said.replace("{column: nr, refund_prefix: C", f"{{column: nr, {order}")
        path = file(*rows) if header is None else file(*rows, header=header)
        refused: list[Problem] = []
        told = open_file(path, parse(said)).tell(lambda _, why: refused.append(why))
        return [one.event for one in told], refused

    return found


@pytest.mark.parametrize(
    "header",
    [
        "nr ,when　,sku,n,price,who,phone\t,name",
        "\ufeffnr,ｗｈｅｎ,sku,n,price(元),who,phone,name",
        '"=""nr""",when,sku,n,price（元）,who,phone,name',
    ],
)
def test_a_header_is_known_however_it_is_spaced_and_typed(read: Read, header: str) -> None:
    events, refused = read("1,2026-11-01,a,1,1,b,,", header=header)

    assert ([event.id for event in events], refused) == (["1"], [])


def test_titles_above_the_header_are_passed_over_and_lines_stay_true(
    tmp_path: Path, told: Told
) -> None:
    found = told(
        DOUYIN_2024,
        of("主订单编号=1;订单状态=待发货"),
        titles=["抖店订单导出", "导出时间：2026-09-20,共 1 笔", ""],
    )

    assert found[0] == "douyin"
    assert [(line, column) for line, column, _ in found[2]] == [(5, "主订单编号")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_encoding_is_found_out(told: Told, encoding: str) -> None:
    export = Export(TAOBAO_CLASSIC.header, encoding, TAOBAO_CLASSIC.dress)
    mapping, _, refused, (_, _, _, _, person, _) = told(
        export,
        of(
            "订单编号=3936370796252445566;买家实际支付金额=1;订单状态=交易成功;收货人姓名=王㛃;"
            "订单付款时间=2026-09-15 10:23:11;宝贝标题=面膜;宝贝总数量=1"
        ),
    )

    assert (mapping, refused, person) == ("taobao", [], {"name": "王㛃"})


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ('"=""0012"""', "0012"),
        ("'0012", "0012"),
        ("\t0012", "0012"),
        ("0012\t", "0012"),
        ('"""0012"""', "0012"),
        ("　0012　", "0012"),
    ],
)
def test_a_number_comes_out_of_what_marks_it_as_text(read: Read, cell: str, number: str) -> None:
    ((event,), refused) = read(f"{cell},2026-11-01,a,1,1,b,,")

    assert (event.id, refused) == (number, [])


@pytest.mark.parametrize("cell", ["-", "--", "null", "无", "NULL", "—"])
def test_words_for_nothing_are_nothing(read: Read, cell: str) -> None:
    ((event,), refused) = read(f"1,2026-11-01,a,1,1,{cell},{cell},{cell}")

    assert (event.keys, event.person, refused) == ({"order": "own/1"}, {}, [])


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("￥12.30", 1230),
        ("¥ 12.30", 1230),
        ("12.30元", 1230),
        ('"￥1,234.50"', 123450),
        ('"1,234.50 元"', 123450),
        ("\t12.30", 1230),
    ],
)
def test_an_amount_is_read_without_its_currency(read: Read, cell: str, minor: int) -> None:
    ((event,), refused) = read(f"1,2026-11-01,a,1,{cell},b,,")

    assert (f'"total_minor":{minor}'.encode() in bytes(event.data), refused) == (True, [])


@pytest.mark.parametrize(
    "when", ["2026-11-01 08:03:00", "2026/11/1 8:03", "2026/11/01 08:03:00", "2026-11-1 8:03"]
)
def test_a_time_is_read_as_a_spreadsheet_writes_it(read: Read, when: str) -> None:
    ((event,), _) = read(f"1,{when},a,1,1,b,,")

    assert event.occurred_at == "2026-11-01T00:03:00+00:00"


@pytest.mark.parametrize(
    "number", ["4.5E+18", "3.93637E+18", "3936370796252440000", "691792676882364000"]
)
def test_a_number_that_excel_has_damaged_is_refused_in_both_languages(
    read: Read, number: str
) -> None:
    events, (why,) = read(f"{number},2026-11-01,a,1,1,b,,", order="form: digits")

    assert (events, why.where) == ([], "nr")
    assert isinstance(why.why, Sentence)
    assert why.why.startswith("the file was re-saved in Excel, the numbers are damaged")
    assert within("zh", why.why).startswith("文件被 Excel 重新保存过，号码已损坏")


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("\t3936370796252440000", "digits"),
        ('"=""3936370796252440000"""', "digits"),
        ("1200000000", "digits"),
        ("202609010001000000", "any"),
    ],
)
def test_zeros_at_the_end_of_a_number_that_no_spreadsheet_has_touched_are_its_own(
    read: Read, cell: str, form: str
) -> None:
    events, refused = read(f"{cell},2026-11-01,a,1,1,b,,", order=f"form: {form}")

    assert (len(events), refused) == (1, [])


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("digits", "3936370796252445566", "T39363"),
        ("dated", "261120-123456789012345", "261120-12345"),
        ("lettered", "E20261120100000012345678", "20261120100000012345678"),
    ],
)
def test_a_number_has_the_form_of_its_platform(read: Read, form: str, good: str, bad: str) -> None:
    rows = [f"{number},2026-11-01,a,1,1,b,," for number in (good, bad)]
    ((event,), (why,)) = read(*rows, order=f"form: {form}")

    assert (event.id, why.where) == (good, "nr")
    assert why.why == f"'{bad}' is no order number of this platform"


@pytest.mark.parametrize(
    ("phone", "keys", "masked"),
    [
        ("13800000001", {"phone": "+8613800000001"}, None),
        ("'13800000001", {"phone": "+8613800000001"}, None),
        ("138****0001", {}, "138****0001"),
        ("18400000000-7576", {}, None),
        ("13800000000转1234", {}, None),
        ("$$kZ8+/aB9xQ==$$", {}, None),
        ("##kZ8+/aB9xQ==##", {}, None),
        ("~kZ8aB9xQ~", {}, None),
        ("AbCd1234EfGh5678IjKl9012MnOp==", {}, None),
    ],
)
def test_only_a_whole_number_says_who_it_is(
    read: Read, phone: str, keys: dict[str, str], masked: str | None
) -> None:
    ((event,), refused) = read(f"1,2026-11-01,a,1,1,,{phone},", more="masked_phone: keep,")

    assert (event.keys, refused) == (keys | {"order": "own/1"}, [])
    assert event.person == ({} if masked is None else {"masked_phone": masked})


@pytest.mark.parametrize("name", ["##密文##", "王**", "$$a9/+$$", "-"])
def test_a_name_that_nobody_can_read_is_none(read: Read, name: str) -> None:
    ((event,), refused) = read(f"1,2026-11-01,a,1,1,b,,{name}")

    assert (event.person, refused) == ({}, [])


def test_a_masked_account_is_nobody(read: Read) -> None:
    ((event,), _) = read("1,2026-11-01,a,1,1,t**1,,")

    assert event.keys == {"order": "own/1"}


def test_a_file_with_tabs_between_its_cells_is_read(tmp_path: Path) -> None:
    path = tmp_path / "orders.txt"
    text = PDD.csv(of("订单号=261120-123456789012345;订单状态=待发货;用户实付金额(元)=9"))
    path.write_bytes(text.replace(b"\t", b"").replace(b",", b"\t"))
    file = open_file(path)

    assert (file.mapping.mapping, file.delimiter) == ("pinduoduo", "\t")


def test_a_column_that_has_another_name_is_known_by_any_of_them(
    file: File, mapping: Mapping, text: str
) -> None:
    said = parse(text.replace("phone: phone", "phone: [手机, 联系电话]"))
    path = file(
        "1,2026-11-01,a,1,1,b,,13800000001,", header="nr,when,sku,n,price,who,联系电话,手机,name"
    )
    with pytest.raises(Exception, match="phone"):
        open_file(path, mapping)
    changed = parse(
        text.replace("phone: phone", "phone: [联系电话, 手机]").replace(", phone, name]", ", name]")
    )
    (event,) = open_file(path, changed).events()

    assert said.customer.phone == ["手机", "联系电话"]
    assert event.keys["phone"] == "+8613800000001"
