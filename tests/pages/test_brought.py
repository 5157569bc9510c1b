"""What pages have brought is counted once for all of them."""

from __future__ import annotations

from siyu.db.pool import Pool
from siyu.kernel.sql import load
from siyu.pages import views

PAGES, STATES, FRIENDS, ANSWERS = 40, 8_000, 4_000, 6_000
FILL = """
with pages as (
  insert into page (code, kind, version)
  select 'p' || n, (array['survey', 'entry', 'booking', 'reserve'])[1 + mod(n, 4)], 1
  from generate_series(0, %(pages)s - 1) n returning code
), texts as (
  insert into page_version (code, version, text, set_by, set_at)
  select code, 1, 'x', 'ana', now() from pages
), answers as (
  insert into survey_answer (event_id, survey, version, question, answer, customer_id, at)
  select n, 'p' || mod(n, 10) * 4, 1, 'q' || mod(n, 3), 'a', mod(n, 100), now()
  from generate_series(1, %(answers)s) n
), bookings as (
  insert into booking
    (promise_id, page, offer, store, ends_at, customer_id, state, booked_at, changed_at)
  select n, 'p2', 'o', 's', now(), n,
    (array['open', 'kept', 'missed', 'cancelled', 'moved'])[1 + mod(n, 5)], now(), now()
  from generate_series(1, 50) n
), states as (
  insert into entry_state (state_code, state_hash, channel_code, page, ad, issued_at)
  select 's' || n, sha256(n::text::bytea), 'c', 'p' || mod(n, %(pages)s), '{}', now()
  from generate_series(1, %(states)s) n
), visits as (
  insert into page_visit select 'p1', date '2026-01-01' + n, 'ad', '', '', 3
  from generate_series(1, 10) n
)
insert into friend_match (identity_id, customer_id, matched, how, added_at, state_hash)
select n, n, true, 'state', now(), sha256((mod(n, 2000) + 1)::text::bytea)
from generate_series(1, %(friends)s) n
"""


def test_the_figures_of_all_pages_are_counted_together(db: Pool) -> None:
    said = {"pages": PAGES, "states": STATES, "friends": FRIENDS, "answers": ANSWERS}
    with db.transaction() as conn:
        conn.execute(FILL, said)
        conn.execute("analyze page, survey_answer, booking, entry_state, friend_match", {})
        found = {one.code: one for one in views.pages(conn)}
        alone = views.page(conn, "p1")
        plan = conn.fetch(
            f"explain (analyze, buffers, timing off, format json) {load('siyu.pages').pages}",
            {"code": "", "retired": False},
        )

    assert len(found) == PAGES
    assert found["p1"] == alone
    assert {one.given for one in found.values()} == {STATES // PAGES}
    assert {one.friends for one in found.values()} == {FRIENDS // PAGES}  # two by each of 2,000
    assert (found["p1"].visits, found["p2"].visits) == (30, 0)
    assert (found["p0"].done, found["p2"].done, found["p1"].done) == (10, 30, 0)
    blocks = plan[0][0][0]["Plan"]["Shared Hit Blocks"]
    assert blocks < 1.25 * (STATES + FRIENDS + ANSWERS), blocks  # friends page by page: 1.65
