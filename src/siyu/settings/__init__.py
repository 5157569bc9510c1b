"""Everything that can be set, in one frozen object: HOME/siyu.toml, then SIYU_* on top of it.

An unknown name is an error, not a silence. Secrets that nobody set are made at the first start and
kept in HOME/keys, readable by their owner only; no `repr` and no log shows one.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, cast, get_type_hints

import msgspec

from siyu.kernel.errors import BadSettings, Problem
from siyu.settings.form import KEY_BYTES, Settings

PREFIX = "SIYU_"
NOT_SETTINGS = {"SIYU_SAMPLE_DATA"}  # read by the tests alone
CONNECTORS = "siyu.connectors"  # the entry points: each has a table of its name
KEYS = ("master_key", "lookup_key")
WORDS = ("api_key", "ingest_secret")
SECRETS = (*KEYS, *WORDS, "database_url")
Origin = Literal["environment", "settings_file", "key_file", "given", "unset"]


class Documented(NamedTuple):
    """One line of the settings page."""

    name: str
    variable: str
    words: str

    @classmethod
    def of(cls, name: str, words: str) -> Self:
        """A setting by its name in the file."""
        return cls(name, _variable(name), words)


def documented() -> Iterator[Documented]:
    """Every setting with the words that the docs print; the connectors' are in their own forms."""
    hints = get_type_hints(Settings, include_extras=True)
    for one in fields(Settings):
        if one.name != "connectors":
            words = next(m.description for m in hints[one.name].__metadata__ if m.description)
            yield Documented.of(one.name, words)


@cache
def connector_names() -> tuple[str, ...]:
    """The installed connectors, longest name first: of two that begin a variable, the longer."""
    names = {entry.name for entry in entry_points(group=CONNECTORS)}
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


def default_home(environ: Mapping[str, str]) -> Path:
    """/var/lib/siyu for root, since its server runs as another account; else the user's own."""
    if os.geteuid() == 0:
        return Path("/var/lib/siyu")
    base = environ.get("XDG_DATA_HOME") or str(Path("~/.local/share").expanduser())
    return Path(base) / "siyu"


def demo_home(usual: Path) -> Path:
    """Where `siyu demo` plays: beside the default home, never in it."""
    return usual.with_name(usual.name + "-demo")


def load(
    environ: Mapping[str, str] | None = None, *, keep: bool = True, **given: object
) -> Settings:
    """The settings of this process. `given` (from the command line) wins, where it is not None.

    Not `keep`: for a look that changes nothing. A secret that is not there is made and forgotten.
    """
    environ = os.environ if environ is None else environ
    over = _from_environment(environ) | {k: v for k, v in given.items() if v is not None}
    home = Path(str(over.get("home") or default_home(environ))).expanduser().resolve()
    _refuse_file(home)
    found = _merged(_from_file(home / "siyu.toml"), over) | {"home": str(home)}
    _refuse_unknown(found)
    found["connectors"] = {n: found.pop(n) for n in connector_names() if n in found}
    for name in (*KEYS, *WORDS):
        if name not in found:
            found[name] = _kept(home, name, keep=keep)
    try:
        return msgspec.convert(
            found, Settings, strict=False, dec_hook=lambda kind, value: kind(value)
        )
    except msgspec.ValidationError as error:
        raise BadSettings(_in_words(error)) from None


class Secret(NamedTuple):
    """A secret by name: where its value comes from and, for a file, since when it is there."""

    name: str
    origin: Origin
    since: datetime | None


def told(name: str, environ: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """The part of a connector's table that the environment says."""
    found: Mapping[str, Any] = _from_environment(os.environ if environ is None else environ)
    return found.get(name, {})


def secrets_of(
    settings: Settings, also: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> list[Secret]:
    """Which secrets this installation has, those of connectors (NAME.FIELD) also; never what they
    are."""
    environ = os.environ if environ is None else environ
    told, written = _from_environment(environ), _from_file(settings.home / "siyu.toml")
    found: list[Secret] = []
    for name in (*SECRETS, *also):
        kept = settings.home / "keys" / name
        if _said(told, name):
            found.append(Secret(name, "environment", None))
        elif _said(written, name):
            found.append(Secret(name, "settings_file", _changed(settings.home / "siyu.toml")))
        elif name in (*KEYS, *WORDS) and kept.exists():
            found.append(Secret(name, "key_file", _changed(kept)))
        else:
            table, _, rest = name.rpartition(".")
            given = bool(settings.connectors.get(table, {}).get(rest))
            found.append(Secret(name, "given" if given else "unset", None))
    return found


def _said(found: Mapping[str, Any], name: str) -> bool:
    table, _, rest = name.rpartition(".")
    inner: Any = found.get(table, {}) if table else found
    return isinstance(inner, Mapping) and bool(cast("Mapping[str, Any]", inner).get(rest))


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        table = next((one for one in connector_names() if name.startswith(f"{one}_")), None)
        if table is not None:
            found.setdefault(table, {})[name.removeprefix(f"{table}_")] = value
        else:
            found[name] = value
    return found


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} is not TOML: {error}") from None
    except PermissionError:
        raise BadSettings(f"You may not read {path}; choose another --home.") from None


def _merged(low: dict[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    tables = {
        name: low[name] | high[name]
        for name in connector_names()
        if isinstance(low.get(name), dict) and isinstance(high.get(name), dict)
    }
    return low | dict(high) | tables


def _refuse_unknown(found: Mapping[str, Any]) -> None:
    """Every name that is none of ours, each with the nearest one that is."""
    known = [
        *(one.name for one in fields(Settings) if one.name != "connectors"),
        *connector_names(),
    ]
    problems = tuple(unknown(found, known, ""))
    if problems:
        raise BadSettings("There are unknown settings.", problems)


def unknown(found: Mapping[str, Any], known: Sequence[str], table: str) -> Iterator[Problem]:
    """Each name that is not known, with the nearest one that is; `table` is where it stands, with a
    dot."""
    for name in sorted(set(found) - set(known)):
        near = get_close_matches(name, known, 1, 0.5)
        variable = _variable(f"{table}{name}")
        hint = f"do you mean {table}{near[0]}?" if near else f"known are {', '.join(known)}"
        yield Problem(f"{table}{name}", f"no such setting (or {variable}); {hint}")


def _variable(name: str) -> str:
    return PREFIX + name.replace(".", "_").upper()


def _refuse_file(home: Path) -> None:
    try:
        existing = next(place for place in (home, *home.parents) if place.exists())
    except PermissionError:
        return  # said where it is used
    if not existing.is_dir():
        raise BadSettings(f"{existing} is a file; --home must name a folder")


def _kept(home: Path, name: str, *, keep: bool) -> str:
    """The secret of that name in HOME/keys, made now if it is not there."""
    path = home / "keys" / name
    try:
        if not path.exists():
            if name == "master_key" and (home / "pg").exists():
                raise BadSettings(
                    f"{path} is missing, and the data in {home / 'pg'} can't be read without it. "
                    "Put it back from where you keep it, or set SIYU_MASTER_KEY."
                )
            if not keep:
                return _made(name)
            _make(home, path)
        text = path.read_text("ascii").strip()
    except (PermissionError, NotADirectoryError, FileExistsError):
        raise BadSettings(f"You may not use {path}; choose another --home.") from None
    if name in KEYS:
        _check_base64(path, text)
    return text


def _make(home: Path, path: Path) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    owner = home.stat()
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(_made(path.name) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if os.geteuid() == 0:
        os.chown(path.parent, owner.st_uid, owner.st_gid)
        os.chown(fresh, owner.st_uid, owner.st_gid)
    try:
        path.hardlink_to(fresh)  # never overwrites: of two that start together one wins
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _made(name: str) -> str:
    encode = base64.b64encode if name in KEYS else base64.urlsafe_b64encode
    return encode(secrets.token_bytes(KEY_BYTES)).decode()


def _check_base64(path: Path, text: str) -> None:
    try:
        right = len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except binascii.Error:
        right = False
    if not right:
        raise BadSettings(f"{path} is damaged: it must hold {KEY_BYTES} bytes in base64.")


def _in_words(error: msgspec.ValidationError) -> str:
    """Place and rule; of a secret, never the value."""
    why, _, where = str(error).partition(" - at ")
    return f"{where.strip('`').removeprefix('$.') or 'settings'}: {why}"
