"""`python -m tests.spark.served HOME`: the town's installation with its console, for the stories.

Its clock stands where the town's facts end. Says in JSON who may sign in, and serves.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.analytics.pool import BRAND, NOW
from tests.spark.town import town

from siyu.app import goes_on, open_app, virtual
from siyu.cli.serve import run
from siyu.settings import load
from siyu.staff import actions as staff
from siyu.staff.actions import accounts
from siyu.staff.model import Member


def main(home: Path) -> None:
    """Write the facts, tell, serve."""
    with open_app(load(None, home=home), durable=False) as app:
        town(app.db, home / "lake").write()
        password = accounts.made_up()
        with app.db.transaction() as conn:
            staff.seed(conn, BRAND, [], [Member("olga", "Olga", "owner")])
            accounts.add(conn, "olga", password, "served", NOW, must_change=False)
        account = {"code": "olga", "password": password, "role": "owner"}
        print(json.dumps({"console": {"accounts": [account]}}, indent=2), flush=True)
        run(goes_on(virtual(app, NOW)), app.settings)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
