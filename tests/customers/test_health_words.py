"""What is said beside a note on health stands in clear: it repeats neither the note nor a phone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from tests.build import DAY, KEYS
from tests.customers.family import IDS, tell

from siyu.customers.actions import children as actions
from siyu.customers.actions.children import Note, Reading
from siyu.db.pool import Pool
from siyu.kernel.errors import BadInput

TEXT = "Peanut allergy"
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("evidence", [TEXT, "she wrote: peanut  ALLERGY, call 3"])
def test_evidence_that_repeats_the_note_is_refused(db: Pool, mei: int, evidence: str) -> None:
    tell(db, mei, "2025-03", "form 7")
    with pytest.raises(BadInput, match="evidence: repeats the note"), db.transaction() as conn:
        said = Note(1, TEXT, evidence, 180, ZONE)
        actions.note_health(conn, KEYS, IDS, mei, said, "ann", DAY)


def test_a_reason_that_repeats_the_note_shows_nothing_and_is_kept_nowhere(
    db: Pool, mei: int
) -> None:
    tell(db, mei, "2025-03", "form 7")
    with db.transaction() as conn:
        said = Note(1, TEXT, "form 9", 180, ZONE)
        actions.note_health(conn, KEYS, IDS, mei, said, "ann", DAY)
    with pytest.raises(BadInput, match="reason: repeats the note"), db.transaction() as conn:
        asked = Reading(1, "ann", "has she a PEANUT allergy?")
        actions.show_health(conn, KEYS, IDS, mei, asked, DAY)
    with db.transaction() as conn:
        (kept,) = conn.fetch("select string_agg(reason, ' ') from audit")
        assert "peanut" not in kept[0].lower()
