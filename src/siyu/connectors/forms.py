"""A connector's settings as a form: what to ask for, what stands there now, and saving it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError

from siyu.kernel.errors import BadInput, BadSettings, Problem, Refused
from siyu.kernel.sentence import Sentence, wording
from siyu.settings import Origin

Kind = Literal["text", "secret", "number", "yes_no", "choice", "many"]
SETTINGS_FILE = "siyu.toml"
CHINESE = (  # what msgspec says, as a pattern → in Chinese
    (r"Object missing required field `(.*)`", r"缺少 \1"),
    (r"Expected `.*` of length >= (\d+)", r"至少 \1 个字符或项"),
    (r"Expected `.*` of length <= (\d+)", r"最多 \1 个字符或项"),
    (r"Expected `.*` >= (.*)", r"应 ≥ \1"),
    (r"Expected `.*` <= (.*)", r"应 ≤ \1"),
    (r"Expected `array.*`, got .*", "应是列表 [ ]"),
    (r"Expected `object.*`, got .*", "应是表 { }"),
    (r"Expected `int.*`, got .*", "应是整数"),
    (r"Expected `float.*`, got .*", "应是数字"),
    (r"Expected `str.*`, got .*", "应是文字"),
    (r"Invalid enum value .*", "不在可选的值里"),
)


class Entry(NamedTuple):
    """One field of a form. `value`: what it is or would be by default, empty for a secret; `many`
    are lists and tables, written as JSON. `fixed`: the environment says it, no form changes it."""

    name: str
    kind: Kind
    about: Sentence
    choices: tuple[str, ...]
    value: str
    default: str
    origin: Origin
    fixed: bool


def form(config: type[Any], table: Mapping[str, Any], told: Mapping[str, Any]) -> list[Entry]:
    """Every field of a connector's form. `table`: what is set, `told`: that part of it which the
    environment says."""
    hints = get_type_hints(config, include_extras=True)
    return [_entry(one, hints[one.name], table, told) for one in fields(config)]


def _entry(one: Field[Any], hint: Any, table: Mapping[str, Any], told: Mapping[str, Any]) -> Entry:
    meta = next(m for m in hint.__metadata__ if m.description)
    extra: Mapping[str, object] = meta.extra or {}
    kind, choices = ("secret", ()) if not one.repr else _kind(get_args(hint)[0])
    default = one.default if one.default is not MISSING else None
    if one.default is MISSING and one.default_factory is not MISSING:
        default = one.default_factory()
    value = table.get(one.name, default)
    origin: Origin = "unset"
    if one.name in told:
        origin = "environment"
    elif one.name in table:
        origin = "settings_file"
    return Entry(
        one.name,
        kind,
        Sentence(meta.description, str(extra.get("zh", meta.description))),
        choices,
        "" if kind == "secret" else _written(value),
        "" if kind == "secret" else _written(default),
        origin,
        one.name in told,
    )


def _kind(hint: Any) -> tuple[Kind, tuple[str, ...]]:
    if get_origin(hint) is Literal:
        return "choice", tuple(map(str, get_args(hint)))
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
    plain: dict[Any, Kind] = {bool: "yes_no", int: "number", float: "number", str: "text"}
    return plain.get(hint, "many"), ()


def _written(value: Any) -> str:
    if value in (None, "", (), [], {}):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return msgspec.json.encode(msgspec.to_builtins(value)).decode()


def filled(
    name: str, config: type[Any], table: Mapping[str, Any], typed: Mapping[str, str | None]
) -> dict[str, Any]:
    """What the table would be with these texts typed in; None: as if nobody had set it.

    BadInput names each field that is wrong; a form's own check speaks for the whole.
    """
    entries = {one.name: one for one in form(config, table, {})}
    problems: list[Problem] = []
    found = dict(table)
    for field, text in typed.items():
        if field not in entries:
            problems.append(Problem(field, Sentence("is not known here", "没有这个字段")))
        elif text is None:
            found.pop(field, None)
        else:
            try:
                found[field] = _read(entries[field], text.strip())
            except ValueError as error:
                problems.append(Problem(field, wording(error)))
    if not problems:
        try:
            msgspec.convert(found, config, strict=False)
        except msgspec.ValidationError as error:
            problems.append(_complaint(error))
    if problems:
        raise BadInput(
            Sentence(f"The settings of {name} can't be used.", f"{name} 的设置不能用。"),
            tuple(problems),
        )
    return found


def _read(entry: Entry, text: str) -> Any:
    if entry.kind == "number":
        try:
            return int(text)
        except ValueError:
            raise ValueError(Sentence("must be a whole number", "必须是整数")) from None
    if entry.kind == "yes_no":
        if text not in ("true", "false"):
            raise ValueError(Sentence("must be true or false", "必须是 true 或 false"))
        return text == "true"
    if entry.kind == "many":
        try:
            return msgspec.json.decode(text or "[]")
        except msgspec.DecodeError:
            raise ValueError(Sentence("must be JSON", "必须是 JSON")) from None
    return text


def _complaint(error: msgspec.ValidationError) -> Problem:
    """Where and why; a form's own check says `field: why`, as a Sentence in both languages."""
    words, _, where = str(error).partition(" - at ")
    own = error.__cause__
    zh = wording(own).zh if isinstance(own, ValueError) else _in_chinese(words)
    field = where.strip("`").removeprefix("$").lstrip(".")
    if not field and ": " in words:
        field, _, words = words.partition(": ")
    return Problem(field, Sentence(words, zh.removeprefix(f"{field}: ")))


def _in_chinese(words: str) -> str:
    """What the library says of a value that does not fit.

    >>> _in_chinese("Expected `int` >= 1"), _in_chinese("Object missing required field `code`")
    ('应 ≥ 1', '缺少 code')
    """
    for english, chinese in CHINESE:
        if found := re.fullmatch(english, words):
            return found.expand(chinese)
    return "不能这样写"


def write(home: Path, name: str, table: Mapping[str, Any]) -> None:
    """Put a connector's table into HOME/siyu.toml, whole or not at all, and leave all else as it
    stands there, comments too; readable by its owner only."""
    path = home / SETTINGS_FILE
    try:
        document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} is not TOML: {error}") from None
    _put(document, name, table)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(tomlkit.dumps(document))
            file.flush()
            os.fsync(file.fileno())
        if os.geteuid() == 0:
            owner = home.stat()
            os.chown(fresh, owner.st_uid, owner.st_gid)
        fresh.replace(path)
    except PermissionError:
        raise Refused(
            Sentence(f"{path} may not be written here.", f"没有写入 {path} 的权限。")
        ) from None


def _put(document: tomlkit.TOMLDocument, name: str, table: Mapping[str, Any]) -> None:
    if not table:
        if name in document:
            del document[name]
        return
    current = document.setdefault(name, tomlkit.table())
    for key in [key for key in current if key not in table]:
        del current[key]
    for key, value in table.items():
        if current.get(key) != value:
            current[key] = value
