"""Write what the console is generated from: the OpenAPI document, and the codes that people read.

`make openapi` runs it; tests/test_console.py holds the files to the code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast, get_args

from siyu.acquisition.model import REASONS as PARCEL_REASONS
from siyu.acquisition.model import Content, Difference, Fate, ParcelState
from siyu.analytics.model import ATTENTION, Definition
from siyu.analytics.views.explain import REASONS
from siyu.analytics.views.people import MatchedBy
from siyu.analytics.views.timeline import KINDS as HAPPENED
from siyu.api.auth import Permission
from siyu.api.http import make
from siyu.budget.actions.by_hand import HOLDS
from siyu.budget.model import CHANNELS, PURPOSES, Period, Verdict
from siyu.commerce.model import OrderState, UploadStage, UploadState
from siyu.content.model import KINDS as MATERIAL_KINDS
from siyu.content.model import STATES as MATERIAL_STATES
from siyu.customers.model import FriendState, Stage
from siyu.events.model.kinds import KEY_KINDS, KINDS, ConsentBasis, ConsentChannel
from siyu.groups.render import FORMS as PLAN
from siyu.journeys.check.diff import What
from siyu.journeys.model.enter import REFUSALS
from siyu.journeys.model.story import Ending, Happened, Passing
from siyu.journeys.nodes import NODES
from siyu.journeys.predicates import FAMILY
from siyu.journeys.predicates.visit import CallOutcome
from siyu.journeys.render import EnterKind, WayKind
from siyu.journeys.render.forms import Asks, forms
from siyu.journeys.views import STATES as VISIT_STATES
from siyu.kernel.asked import told
from siyu.ledger.model import COST_KINDS
from siyu.offers.model import KINDS as OFFER_KINDS
from siyu.offers.model import REASONS as PROMISE_REASONS
from siyu.offers.model import STATES as PROMISE_STATES
from siyu.pages.render.forms import PAGE, SERVICE
from siyu.segments.model import Words as BothWords
from siyu.segments.predicates import FAMILIES
from siyu.settings import SECRETS, Origin
from siyu.staff.model import GOALS, Role, ScopeKind
from siyu.tasks.model import KINDS as TASK_KINDS
from siyu.tasks.model import REFUSALS as TASK_REFUSALS
from siyu.tasks.model import WAITS, Followed, Outcome
from siyu.tasks.model import State as TaskState

WEB = Path(__file__).parent
API = WEB / "src" / "api"
SCHEMA = WEB.parent / "src" / "siyu" / "db" / "schema.sql"

Words = Mapping[str, str] | None


def document() -> dict[str, Any]:
    """The OpenAPI document of the HTTP API, as `siyu serve` gives it at /openapi.json."""
    return make(cast("Any", None)).openapi()


def vocabulary() -> dict[str, dict[str, Words]]:
    """Every set of codes that people read on a page. Null: the console has the words itself."""
    bare: dict[str, Iterable[str]] = {
        "basis": get_args(ConsentBasis),
        "change": get_args(What),
        "channel": CHANNELS,
        "consent_channel": get_args(ConsentChannel),
        "definition": get_args(Definition),
        "ending": get_args(Ending),
        "enter": get_args(EnterKind),
        "event": KINDS,
        "followed": get_args(Followed),
        "friend": get_args(FriendState),
        "goal": GOALS,
        "happened": HAPPENED,
        "hold": HOLDS,
        "key": KEY_KINDS,
        "line": get_args(Happened),
        "matched_by": get_args(MatchedBy),
        "material_kind": MATERIAL_KINDS,
        "material_state": MATERIAL_STATES,
        "need": ATTENTION,
        "offer_kind": OFFER_KINDS,
        "order": get_args(OrderState),
        "outcome": {*get_args(Outcome), *get_args(CallOutcome)},
        "parcel": get_args(ParcelState),
        "parcel_content": get_args(Content),
        "passing": get_args(Passing),
        "parcel_fate": get_args(Fate),
        "parcel_mismatch": get_args(Difference),
        "period": get_args(Period),
        "permission": get_args(Permission),
        "price": COST_KINDS,
        "promise": PROMISE_STATES,
        "purpose": PURPOSES,
        "role": get_args(Role),
        "scope": get_args(ScopeKind),
        "stage": [f"A{int(stage)}" for stage in Stage],
        "secret": SECRETS,
        "secret_origin": get_args(Origin),
        "task": get_args(TaskState),
        "task_kind": TASK_KINDS.values(),
        "touch": _touch_states(),
        "upload": get_args(UploadState),
        "upload_stage": [one for one in get_args(UploadStage) if one],
        "verdict": get_args(Verdict),
        "visit": VISIT_STATES,
        "way": get_args(WayKind),
    }
    worded: dict[str, dict[str, Mapping[str, str]]] = {
        "condition": {
            form.key: form.title._asdict() for one in (*FAMILIES, FAMILY) for form in one.forms
        },
        "entry": dict(REFUSALS),
        "node": {node.key: node.title._asdict() for node in NODES},
        "parcel_reason": dict(PARCEL_REASONS),
        "promise_reason": {**PARCEL_REASONS, **PROMISE_REASONS},
        "reason": {**REASONS, **WAITS},
        "task_refusal": {str(code): words for code, words in TASK_REFUSALS.items()},
    }
    sets: dict[str, dict[str, Words]] = {
        name: dict.fromkeys(sorted(codes)) for name, codes in bare.items()
    }
    sets |= {name: dict(sorted(codes.items())) for name, codes in worded.items()}
    return dict(sorted(sets.items()))


def nodes() -> dict[str, Any]:
    """What a journey and every kind of step ask for: the canvas and its fields are drawn of it."""
    found = forms()

    def asks(one: Asks) -> dict[str, Any]:
        choices = [{"value": way.value, "title": _both(way.title)} for way in one.choices]
        return {**one._asdict(), "title": _both(one.title), "choices": choices}

    return {
        "shelves": {name: _both(words) for name, words in found.shelves.items()},
        "journey": [asks(one) for one in found.journey],
        "kinds": [
            {
                **one._asdict(),
                "title": _both(one.title),
                "about": _both(one.about),
                "fields": [asks(field) for field in one.fields],
            }
            for one in found.kinds
        ],
        "shapes": {
            one.name: {"title": _both(one.title), "fields": [asks(field) for field in one.fields]}
            for one in found.shapes
        },
    }


def texts() -> object:
    """What the texts of plans, pages and services ask for: their forms are drawn of it."""
    return told({**PLAN, **PAGE, **SERVICE})


def _both(words: BothWords | None) -> Words:
    return None if words is None else words._asdict()


def _touch_states() -> list[str]:
    table = SCHEMA.read_text("utf-8").partition("create table touch (")[2]
    listed = re.search(r"state in \(([^)]*)\)", table)
    assert listed is not None, "table touch has no check of its states"
    return re.findall(r"'(\w+)'", listed[1])


def text(value: object) -> str:
    """As it is written to a file: one line a value, so that a change reads well."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    API.joinpath("openapi.json").write_text(text(document()), "utf-8")
    API.joinpath("nodes.json").write_text(text(nodes()), "utf-8")
    API.joinpath("texts.json").write_text(text(texts()), "utf-8")
    API.joinpath("vocabulary.json").write_text(text(vocabulary()), "utf-8")
