"""Names, phones and addresses of invented buyers, drawn from their natural keys; no phone twice."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml

from siyu.kernel.ids import share


class Contact(NamedTuple):
    """How a buyer can be reached: `phone` in E.164, `dialled` as a shop writes it down."""

    name: str
    phone: str
    dialled: str
    address: str


@cache
def goods() -> dict[str, Any]:
    """`goods.yaml`: the lists that invented buyers and products are drawn from."""
    text = Path(__file__).with_name("goods.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))


class Contacts:
    """The address book of one world. Region CN or anything else (then British)."""

    def __init__(self, seed: str, region: str) -> None:
        self._seed = seed
        self._chinese = region == "CN"
        self._taken: set[str] = set()

    def of(self, key: str) -> Contact:
        """The contact of a new buyer; the caller keeps it and asks once per buyer."""
        name, address = self._chinese_words(key) if self._chinese else self._english_words(key)
        attempt = 0
        dialled = self._dialled(key, attempt)
        while dialled in self._taken:
            attempt += 1
            dialled = self._dialled(key, attempt)
        self._taken.add(dialled)
        phone = "+86" + dialled if self._chinese else "+44" + dialled.removeprefix("0")
        return Contact(name, phone, dialled, address)

    def _draw(self, key: str, *words: str) -> float:
        return share("contact", self._seed, key, *words)

    def _pick(self, items: Any, key: str, *words: str) -> Any:
        return items[int(self._draw(key, *words) * len(items))]

    def _dialled(self, key: str, attempt: int) -> str:
        tail = int(self._draw(key, "phone", str(attempt)) * 10**8)
        if self._chinese:
            return f"{self._pick(goods()['mobile'], key, 'mobile')}{tail:08d}"
        return f"074{tail % 10**8:08d}"

    def _chinese_words(self, key: str) -> tuple[str, str]:
        words = goods()
        # Frequent surnames come first in the list: squaring the draw makes them frequent here, too.
        surnames = str(words["surnames"])
        surname = surnames[int(self._draw(key, "surname") ** 2 * len(surnames))]
        given = self._pick(words["given"][self._draw(key, "length") < 0.8], key, "given")
        place = self._pick(words["places"], key, "place")
        district = self._pick(place["districts"], key, "district")
        road = self._pick(words["roads"], key, "road")
        house = 1 + int(self._draw(key, "house") * 300)
        door = 101 + int(self._draw(key, "door") * 2000)
        city = "" if place["city"] == place["province"] else place["city"]
        return surname + given, f"{place['province']}{city}{district}{road}{house}号{door}室"

    def _english_words(self, key: str) -> tuple[str, str]:
        words = goods()["english"]
        name = (
            f"{self._pick(words['first'], key, 'first')} {self._pick(words['last'], key, 'last')}"
        )
        house = 1 + int(self._draw(key, "house") * 200)
        street = self._pick(words["streets"], key, "street")
        town = self._pick(words["towns"], key, "town")
        return name, f"{house} {street}, {town} {1 + int(self._draw(key, 'door') * 9)}AB"
