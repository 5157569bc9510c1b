"""Find a customer by something known exactly. Nothing personal is compared in clear."""

from __future__ import annotations

from typing import Literal, get_args

from siyu.events.model import KEY_KINDS, POINTERS
from siyu.identities import views as identities
from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import wording
from siyu.kernel.sql import Conn
from siyu.vault import views as vault
from siyu.vault.model import Keys, key_hash, normalise

FindBy = Literal["phone", "buyer", "order", "external_userid", "member", "unionid", "last4", "name"]
PEOPLE = [kind for kind in KEY_KINDS if kind not in POINTERS]


def find(conn: Conn, keys: Keys, region: str, by: FindBy, value: str) -> list[int]:
    """Customers by an exact key, an order (SHOP/NUMBER), a phone's last four, or a full name."""
    try:
        if by in ("last4", "name"):
            subjects = vault.find(conn, keys, by, value)
            pairs = [(kind, subject) for subject in subjects for kind in PEOPLE]
        else:
            pairs = [(by, key_hash(keys, by, normalise(by, value, region)))]
    except ValueError as error:
        raise BadInput(wording(error)) from None
    return sorted(set(identities.resolve(conn, pairs).values()))


def guess(conn: Conn, keys: Keys, region: str, value: str) -> list[int]:
    """Customers whom a value could mean, whatever kind of value it is."""
    found: set[int] = set()
    for by in get_args(FindBy):
        try:
            found.update(find(conn, keys, region, by, value))
        except BadInput:
            continue  # not of this form
    return sorted(found)
