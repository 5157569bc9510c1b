"""Settings as a form: what is asked for, what typed texts become, and how they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest
from msgspec import Meta

from siyu.connectors import registry
from siyu.connectors.forms import filled, form, write
from siyu.kernel.errors import BadInput, BadSettings, NotFound, Problem, Refused
from siyu.kernel.sentence import Sentence, within
from siyu.settings import load

SECRET = "what only both of us know"


@dataclass(frozen=True, kw_only=True)
class Template:
    material: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Config:
    url: Annotated[str, Meta(description="Where.", extra={"zh": "在哪里。"})] = "https://a.example"
    secret: Annotated[str, Meta(description="Which.")] = field(default="", repr=False)
    per_day: Annotated[int, Meta(ge=1, description="How many.")] = 3
    loud: Annotated[bool, Meta(description="How.")] = False
    kind: Annotated[Literal["notice", "promotion"], Meta(description="What.")] = "notice"
    templates: Annotated[tuple[Template, ...], Meta(description="Texts.")] = ()

    def __post_init__(self) -> None:
        if self.url == "nowhere":
            raise ValueError(Sentence("url: must lead somewhere", "url: 要有去处"))


def fields(**table: object) -> dict[str, tuple[str, str, str]]:
    return {one.name: (one.kind, one.value, one.origin) for one in form(Config, table, {})}


def test_a_form_says_what_stands_there_and_never_a_secret() -> None:
    templates = [{"material": "invite", "code": "SMS_1"}]

    assert fields(secret=SECRET, loud=True, templates=templates) == {
        "url": ("text", "https://a.example", "unset"),
        "secret": ("secret", "", "settings_file"),
        "per_day": ("number", "3", "unset"),
        "loud": ("yes_no", "true", "settings_file"),
        "kind": ("choice", "notice", "unset"),
        "templates": ("many", '[{"material":"invite","code":"SMS_1"}]', "settings_file"),
    }


def test_what_the_environment_says_is_fixed() -> None:
    (url, *others) = form(Config, {"url": "https://b.example"}, {"url": "https://b.example"})

    assert (url.origin, url.fixed) == ("environment", True)
    assert not any(one.fixed for one in others)


def test_typed_texts_become_values_and_what_is_forgotten_falls_back() -> None:
    typed = {
        "per_day": " 5 ",
        "loud": "true",
        "url": None,
        "templates": '[{"material": "m", "code": "c"}]',
    }

    assert filled("x", Config, {"url": "https://b.example", "kind": "promotion"}, typed) == {
        "kind": "promotion", "per_day": 5, "loud": True,
        "templates": [{"material": "m", "code": "c"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"per_day": "many"}, ["per_day"]),
        ({"per_day": "0"}, ["per_day"]),
        ({"loud": "very"}, ["loud"]),
        ({"kind": "spam"}, ["kind"]),
        ({"templates": "[{"}, ["templates"]),
        ({"templates": '[{"material": "m"}]'}, ["templates[0]"]),
        ({"url": "nowhere"}, ["url"]),
        ({"per_day": "many", "loud": "very", "unknown": "x"}, ["per_day", "loud", "unknown"]),
    ],
)
def test_what_is_wrong_is_named_field_by_field(typed: dict[str, str], where: list[str]) -> None:
    with pytest.raises(BadInput) as refused:
        filled("x", Config, {"secret": SECRET}, typed)

    assert [one.where for one in refused.value.problems] == where
    assert SECRET not in str(refused.value)


def test_what_a_form_says_itself_is_said_in_both_languages() -> None:
    with pytest.raises(BadInput) as refused:
        filled("x", Config, {}, {"url": "nowhere"})

    (wrong,) = refused.value.problems
    assert wrong == Problem("url", "must lead somewhere")
    assert within("zh", wrong.why) == "要有去处"


def test_a_table_of_which_all_is_forgotten_leaves_the_file(tmp_path: Path) -> None:
    (tmp_path / "siyu.toml").write_text("port = 1000  # kept\n")

    write(tmp_path, "webhook", {"url": "https://b.example"})
    write(tmp_path, "webhook", {})

    assert load({}, home=tmp_path).connectors == {}
    assert "port = 1000  # kept" in (tmp_path / "siyu.toml").read_text()


def test_saving_leaves_everything_else_in_the_file_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "siyu.toml"
    path.write_text('# ours\nport = 1000  # kept\n\n[webhook]\nurl = "https://a.example" # old\n')

    write(tmp_path, "webhook", {"url": "https://b.example", "secret": SECRET})

    text = path.read_text()
    assert "# ours\nport = 1000  # kept\n" in text
    assert load({}, home=tmp_path).connectors["webhook"] == {
        "url": "https://b.example",
        "secret": SECRET,
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob(".siyu.toml*")) == []


def test_a_file_that_is_not_toml_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "siyu.toml").write_text("port 8080")

    with pytest.raises(BadSettings, match="is not TOML"):
        write(tmp_path, "webhook", {"url": "https://b.example"})
    assert (tmp_path / "siyu.toml").read_text() == "port 8080"


def test_what_the_environment_says_is_changed_there(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SIYU_WEBHOOK_SECRET", SECRET)
    settings = load(home=tmp_path)

    with pytest.raises(Refused, match="The environment says secret"):
        registry.save(settings, "webhook", {"secret": "another secret of theirs"})
    registry.save(settings, "webhook", {"url": "https://b.example"})

    assert SECRET not in (tmp_path / "siyu.toml").read_text()
    assert registry.config(load(home=tmp_path), "webhook").url == "https://b.example"


def test_a_connector_that_is_not_installed_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"known are .*webhook"):
        registry.form(load({}, home=tmp_path), "pigeon")
