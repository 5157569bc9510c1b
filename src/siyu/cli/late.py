"""Commands by name, each imported when somebody asks for it: all of them together take seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Where(NamedTuple):
    """A command, or a group of them, in a file of this folder; `does`: what is listed of it, which
    of a command is what its own words begin with."""

    file: str
    name: str
    does: str


class Commands(MutableMapping[str, Any]):
    """Those at hand, and those that are imported first."""

    def __init__(self, known: Mapping[str, Any], late: Mapping[str, Where]) -> None:
        self._known = dict(known)
        self._late = late

    def __getitem__(self, name: str) -> Any:
        if name not in self._known and name in self._late:
            self._known[name] = _imported(name, self._late[name])
        return self._known[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._known[name] = command

    def __delitem__(self, name: str) -> None:
        del self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._late, *self._known]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def listed(self) -> dict[str, Any]:
        """For a list of what there is: nothing is imported for it."""
        return {
            name: TyperCommand(name, help=self._late[name].does)
            if name in self._late
            else self._known[name]
            for name in self
        }


def _imported(name: str, where: Where) -> Any:
    found = getattr(import_module(f"siyu.cli.{where.file}"), where.name)
    host = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        host.add_typer(found, name=name, help=where.does)
    else:
        host.command(name)(found)
        host.callback()(_nothing)
    group: Any = typer.main.get_command(host)
    return group.commands[name]


def _nothing() -> None:
    """Makes one command a group of one."""


def late(known: Mapping[str, Where]) -> type[TyperGroup]:
    """A group that has these beside its own."""

    class Group(TyperGroup):
        def __init__(self, **words: Any) -> None:
            super().__init__(**words)
            self.commands = self.late = Commands(self.commands, known)

        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as it is called
            return list(self.commands)

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            listed = TyperGroup(name="", commands=self.late.listed())
            listed.format_commands(ctx, formatter)

    return Group
