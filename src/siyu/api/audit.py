"""The audit: who did what to what, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from siyu.api.auth import TheApp, needs
from siyu.api.paging import After, Code, Limit, Since, Until, following, start
from siyu.staff import views

router = APIRouter(tags=["audit"])


@dataclass(frozen=True)
class AuditLine:
    """`object` is what was acted on, by its public id or name."""

    at: datetime
    actor: str
    action: str
    object: str
    reason: str


@dataclass(frozen=True)
class Audit:
    lines: list[AuditLine]
    next: str


@dataclass(frozen=True)
class Sought:
    """What the audit is looked through for."""

    actor: Code = ""
    action: Code = ""
    object: Code = ""
    since: Since = None
    until: Until = None


@router.get("/audit/latest", **needs("audit.read"))
def latest(
    app: TheApp, only: Annotated[Sought, Depends()], after: After = "", limit: Limit = 50
) -> Audit:
    """What was done last comes first: for people who ask who changed this."""
    with app.db.transaction() as conn:
        wanted = views.Looked(**vars(only))
        rows, end = views.audit_latest(conn, start(app, after), limit, wanted)
    return Audit([AuditLine(**row._asdict()) for row in rows], following(app, end))


@router.get("/audit", **needs("audit.read"))
def audited(
    app: TheApp, action: Code = "", actor: Code = "", after: After = "", limit: Limit = 200
) -> Audit:
    """Every audited act (a reveal, a pause, a subscriber added) in the order of doing."""
    with app.db.transaction() as conn:
        rows, end = views.audit_page(conn, start(app, after), limit, action=action, actor=actor)
    return Audit([AuditLine(**row._asdict()) for row in rows], following(app, end))
