"""schema.sql is what the migrations add up to: one may be read, the other is run."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

from siyu.db.migrate import migrate
from siyu.db.pool import Pool

# Everything that makes a schema what it is, as text that can be compared.
CATALOG = """
select 'column', format('%s.%s %s %s %s %s %s', c.relname, a.attname,
         format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
         pg_get_expr(d.adbin, d.adrelid))
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
union all
select 'table', format('%s %s %s %s %s', relname, relkind, relpersistence,
         array_to_string(reloptions, ','), pg_get_partkeydef(oid))
  from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S')
union all
select 'index', indexdef from pg_indexes where schemaname = 'public'
union all
select 'constraint', format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
  from pg_constraint where connamespace = 'public'::regnamespace
union all
select 'view', format('%s %s', viewname, definition) from pg_views where schemaname = 'public'
union all
select 'function', pg_get_functiondef(oid) from pg_proc
  where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
union all
select 'trigger', pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
union all
select 'partition', format('%s %s', relname, pg_get_expr(relpartbound, oid)) from pg_class
  where relispartition
"""


def _catalog(db: Pool, first: str = "select 1") -> set[tuple[str, str]]:
    with db.transaction() as conn:
        conn.execute(first)
        return {(kind, text) for kind, text in conn.fetch(CATALOG)}


def test_the_schema_equals_the_sum_of_its_migrations(db: Pool, empty_db: Pool) -> None:
    read = _catalog(empty_db, files("siyu.db").joinpath("schema.sql").read_text("utf-8"))
    run = _catalog(db)

    assert read - run == set()
    assert run - read == set()
    assert len(read) > 50


def test_a_database_at_this_release_has_nothing_left_to_run(db: Pool) -> None:
    assert migrate(db, datetime(2026, 11, 20, tzinfo=UTC)) == []
