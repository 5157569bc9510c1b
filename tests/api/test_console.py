"""The console is served beside the API, and never in the place of it."""

from __future__ import annotations

import pytest

from siyu.api import console


def test_an_address_of_the_console_is_never_taken_for_one_of_the_api(story) -> None:
    answer = story.http.get("/api/v1/nothing-here")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/customers", "/customers/cus_1?stage=4", "/assets/x.js"])
def test_every_page_is_guarded(story, path: str) -> None:
    answer = story.http.get(path)

    assert answer.status_code in {200, 404, 503}
    if answer.status_code != 404:
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_without_a_built_console_the_page_says_so_and_how_to_build_it(story) -> None:
    answer = story.http.get("/customers")

    if console.built():
        assert '<div id="root">' in answer.text
        assert answer.headers["cache-control"] == "no-cache"
    else:
        assert answer.status_code == 503
        assert "make web" in answer.text


def test_a_wrong_method_on_a_door_is_still_told_as_one(story) -> None:
    answer = story.http.get("/api/v1/pause")

    assert answer.status_code == 405
