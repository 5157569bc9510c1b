"""What people read of an error is there in both languages, and both say the same.

The list is made from the source: whatever raises one of our errors, or names a problem, where the
console or a command of a brand's can meet it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from siyu.analytics.views.explain import budget_words
from siyu.connectors import ringing
from siyu.connectors.scripts import ready
from siyu.connectors.wecom.wire import messages
from siyu.kernel.sentence import Sentence, kept
from siyu.outbox.actions import LONGEST_REASON
from siyu.outbox.model import NO_CODE, REASONS, TOO_LATE, Message

SRC = Path(__file__).parent.parent / "src" / "siyu"
# Said before a brand can be read, or without one: in a terminal that speaks English then.
TERMINAL = ("db", "settings")
# Read by the programs that send facts, a field and a rule each; no page of the console shows them.
PROGRAMS = {"events/check.py", "kernel/signature.py"}
HAN = re.compile(r"[\u4e00-\u9fff]")
# Every connector's form, of whichever there are.
CONFIGS = tuple(one.relative_to(SRC).as_posix() for one in (SRC / "connectors").glob("*/config.py"))
# Where a ValueError is no defect: it says what somebody wrote wrong, and becomes a problem.
VALUES = (
    "journeys/model", "journeys/nodes", "journeys/predicates", "journeys/check", "segments/check",
    "segments/predicates", "kernel/time", "kernel/money", "staff/model", "budget/model",
    "tasks/model", "vault/model", "subscribers/model", "connectors/orderfile/wire", *CONFIGS,
    "analytics/check", "analytics/views/questions",
    "connectors/ringing", "connectors/scripts", "connectors/access_key",
)  # fmt: skip


def _files() -> list[Path]:
    found = sorted(SRC.rglob("*.py"))
    return [
        one
        for one in found
        if one.relative_to(SRC).parts[0] not in TERMINAL
        and one.relative_to(SRC).as_posix() not in PROGRAMS
    ]


@cache
def _classes() -> dict[str, ast.ClassDef]:
    """Every class of the tree, also those that a room adds, whatever has been imported so far."""
    classes = [
        node
        for path in _files()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    found: dict[str, ast.ClassDef] = {}
    before = -1
    while before < len(found):
        before = len(found)
        for one in classes:
            bases = {base.id for base in one.bases if isinstance(base, ast.Name)}
            if one.name == "SiyuError" or bases & found.keys():
                found[one.name] = one
    return found


def _kinds() -> set[str]:
    return _classes().keys() - {"BadSettings", "Broken", "DatabaseDown"}


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _said(path: Path) -> Iterator[ast.expr]:
    """What an error or a problem says, as the source has it; names are looked up."""
    kinds = _kinds()
    if path.relative_to(SRC).as_posix().startswith(VALUES):
        kinds |= {"ValueError", "Wrong", "Unreadable"}
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        given = {
            node.targets[0].id: node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and (said := _words_of(node, kinds)) is not None:
                yield given.get(said.id, said) if isinstance(said, ast.Name) else said


def _words_of(call: ast.Call, kinds: set[str]) -> ast.expr | None:
    name, given = _name(call), call.args
    if name == "_Wrong" and given:
        return given[-1]
    if name in kinds and given:
        return given[0]
    if name in ("Problem", "wrong") and len(given) > 1:
        return given[1]
    return None


def _plain(said: ast.expr) -> bool:
    """English alone: a text, or texts put together."""
    match said:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(left=left, right=right):
            return _plain(left) or _plain(right)
        case ast.IfExp(body=body, orelse=orelse):
            return _plain(body) or _plain(orelse)
        case ast.Call():
            return _name(said) in ("str", "format", "join")
    return False


def _values(text: ast.expr) -> list[str]:
    """What is filled in, whatever its place; `near.zh` is `near` in the other language."""
    if not isinstance(text, ast.JoinedStr):
        return []
    found = [ast.unparse(part) for part in text.values if isinstance(part, ast.FormattedValue)]
    return sorted(re.sub(r"\.zh\b", "", one) for one in found)


def _sentences(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) == "Sentence" and len(node.args) == 2:
            yield node


def test_no_error_that_the_console_or_a_command_can_meet_is_said_in_english_alone() -> None:
    silent = [
        f"{path.relative_to(SRC)}:{said.lineno}"
        for path in _files()
        for said in _said(path)
        if _plain(said)
    ]

    assert silent == []


def test_both_languages_fill_in_the_same() -> None:
    uneven = [
        f"{path.relative_to(SRC)}:{call.lineno} {_values(call.args[0])} {_values(call.args[1])}"
        for path in _files()
        for call in _sentences(ast.parse(path.read_text("utf-8")))
        if all(isinstance(one, ast.Constant | ast.JoinedStr) for one in call.args)
        and _values(call.args[0]) != _values(call.args[1])
    ]

    assert uneven == []


def test_the_codes_in_backquotes_are_the_same_in_both() -> None:
    """`at_least`, `siyu staff list`: what is typed is not translated."""
    code = re.compile(r"`[^`]+`")
    uneven = [
        f"{path.relative_to(SRC)}:{call.lineno}"
        for path in _files()
        for call in _sentences(ast.parse(path.read_text("utf-8")))
        if all(isinstance(one, ast.Constant) for one in call.args)
        and sorted(code.findall(ast.literal_eval(call.args[0])))
        != sorted(code.findall(ast.literal_eval(call.args[1])))
    ]

    assert uneven == []


@pytest.mark.parametrize("name", sorted(_classes()))
def test_an_error_without_words_of_its_own_says_its_docstring_in_both(name: str) -> None:
    given = {
        node.targets[0].id: ast.unparse(node.value)
        for node in _classes()[name].body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }

    assert HAN.search(given.get("zh", "")), f"{name} has no Chinese of its own"


def test_why_we_say_that_a_message_failed_has_words_in_both() -> None:
    said = {
        NO_CODE, TOO_LATE, messages.TOO_LONG, messages.NOT_A_FRIEND, messages.HAD_ENOUGH,
        messages.NOT_PRESSED, ringing.CLOSED,
    }  # fmt: skip

    assert said <= REASONS.keys()


def _reasons() -> list[tuple[str, ast.expr]]:
    """Every reason that a connector's code gives for what did not go out."""
    found: list[tuple[str, ast.expr]] = []
    for path in sorted((SRC / "connectors").rglob("*.py")):
        if "fake" in path.parts or path.name == "fake.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [one.value for one in node.keywords if one.arg == "reason"]
            place = {"Result": 3, "each": 2, "_each": 2, "_shut": 1}.get(name)
            if place is not None and len(node.args) > place:
                given.append(node.args[place])
            if place is not None:
                found += [(f"{path.relative_to(SRC)}:{one.lineno}", one) for one in given]
    return found


def _english_only(reason: ast.expr) -> bool:
    """Words of ours in one language: written there, put together, cut out of a sentence, or the
    name of a class."""
    if isinstance(reason, ast.Constant):
        return reason.value not in REASONS
    cut = isinstance(reason, ast.Subscript) and isinstance(reason.slice, ast.Slice)
    named = isinstance(reason, ast.Attribute) and reason.attr == "__name__"
    made = isinstance(reason, ast.Call) and getattr(reason.func, "id", "") == "str"
    return isinstance(reason, ast.JoinedStr | ast.BinOp) or cut or named or made


def test_no_reason_of_a_connectors_is_english_alone() -> None:
    found = _reasons()

    assert len(found) > 30
    assert [where for where, reason in found if _english_only(reason)] == []


def test_words_that_become_a_reason_by_a_name_are_a_sentence_too() -> None:
    """`reason = …` and `why = …` in a channel: never a text of ours in one language."""
    wrong = [
        f"{path.relative_to(SRC)}:{node.lineno}"
        for path in sorted((SRC / "connectors").rglob("*.py"))
        if "channel" in path.stem or "channel" in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") in {"reason", "why"}
        and _english_only(node.value)
    ]

    assert wrong == []


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_of_the_outbox_is_told_in_both(code: str) -> None:
    assert kept(code) == code
    assert HAN.search(budget_words(code, "zh"))
    assert budget_words(code, "en") == REASONS[code]["en"]


def test_a_reason_with_values_is_kept_and_told_in_both() -> None:
    said = ready([], Message("t", "voice_ai", "", "", "hello", "", "", "", "", "", "", None, ""))
    assert isinstance(said, Sentence)

    text = kept(said)

    assert type(text) is str
    assert budget_words(text, "en") == "no script stands for the material hello"
    assert budget_words(text, "zh") == "素材 hello 没有对应的话术"
    assert (
        budget_words("isv.BUSINESS_LIMIT 触发天级流控", "en") == "isv.BUSINESS_LIMIT 触发天级流控"
    )
    assert len(kept(Sentence("e" * 900, "中" * 900))) < LONGEST_REASON
