"""The address of a PostgreSQL, looked at before anybody goes there."""

from __future__ import annotations

import psycopg
from psycopg import conninfo

from siyu.kernel.errors import BadSettings


def checked(url: str) -> str:
    """The same address; BadSettings if it is none. It may hold a password, so it is never shown."""
    try:
        conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        raise BadSettings(
            "database_url (SIYU_DATABASE_URL) is no address of a PostgreSQL;"
            " write it like postgresql://user@host:5432/name, or leave it empty"
        ) from None
    return url


def inside(url: str, schema: str) -> str:
    """The same database, where a bare name of a table is one of this schema's."""
    before = str(conninfo.conninfo_to_dict(url).get("options") or "")
    return conninfo.make_conninfo(url, options=f"{before} -c search_path={schema}".strip())
