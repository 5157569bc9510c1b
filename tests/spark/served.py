"""`python -m tests.spark.served HOME [FILE MAPPING]`: an installation with its console, for the
stories: the town's, or of nothing but a file of orders.

The town's clock stands where its facts end; a file's is the real one, however old the file. Says in
JSON who may sign in, and serves.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.analytics.pool import BRAND, NOW
from tests.spark.town import town

from siyu.app import App, goes_on, open_app, order_file, virtual
from siyu.cli.serve import run
from siyu.settings import load
from siyu.staff import actions as staff
from siyu.staff.actions import accounts
from siyu.staff.model import Member
from siyu.worker.imports import import_file


def main(home: Path, file: Path | None = None, mapping: Path | None = None) -> None:
    """Write the facts, tell, serve."""
    with open_app(load(None, home=home), durable=False) as app:
        if file:
            import_file(app, order_file(file, mapping), lambda *_: None)
        else:
            town(app.db, home / "lake").write()
        password = accounts.made_up()
        with app.db.transaction() as conn:
            staff.seed(conn, app.brand if file else BRAND, [], [Member("olga", "Olga", "owner")])
            accounts.add(conn, "olga", password, "served", NOW, must_change=False)
        account = {"code": "olga", "password": password, "role": "owner"}
        print(json.dumps({"console": {"accounts": [account]}}, indent=2), flush=True)
        run(served(app, real=bool(file)), app.settings)


def served(app: App, *, real: bool) -> App:
    """By the clock of its facts."""
    return app if real else goes_on(virtual(app, NOW))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
