"""What the console calls a journey, an offer, a shop."""

from __future__ import annotations


def test_codes_have_the_names_that_people_gave_them(story) -> None:
    told = story.ask("GET", "/api/v1/names").json()
    assert told["journeys"]["cascade"] == {"zh": "加好友四步", "en": "Add-friend cascade"}
    assert set(told["offers"]["face-mask"]) == {"zh", "en"}
    shops = story.ask("GET", "/api/v1/settings/shops").json()["shops"]
    assert told["shops"] == {one["code"]: one["name"] for one in shops}
    assert told["shops"]
