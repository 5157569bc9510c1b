"""Sets of customers over HTTP: a text is checked, counted and explained before it is kept."""

from __future__ import annotations

from typing import Any

from siyu.api.http import PREFIX
from siyu.journeys.predicates import FAMILY
from siyu.journeys.predicates.words import LEADS as VISIT_LEADS
from siyu.segments.predicates import FAMILIES
from siyu.segments.predicates.words import LEADS, SAID

PATH = f"{PREFIX}/segments"
TEXT = """segment: buyers
title: {zh: 买过的人, en: Buyers}
live: true
when:
  all: [{orders: {}}, {not: {friend: true}}]
"""
BAND = """segment: buyers-of-buyers
title: {zh: 带, en: Band}
layer: value
when: {segment: buyers}
"""
PHONE = "13800000001"


def test_a_set_is_looked_at_kept_and_retired(story: Any) -> None:
    story.pay(story.order(), PHONE)
    story.go(seconds=1)
    (customer,) = story.customers(PHONE)

    def ask(path: str, body: dict[str, Any], **headers: str) -> Any:
        answer = story.ask("POST", f"{PATH}/{path}", body, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    wrong = ask("check", {"text": TEXT.replace("friend", "freind")})
    good = ask("check", {"text": "not: {friend: true}"})
    counted = ask("count", {"text": TEXT})
    people = ask("sample", {"text": TEXT})["customers"]
    because = ask(f"explain/{customer}", {"text": TEXT})
    kept = story.ask(
        "PUT", PATH, {"text": TEXT, "by": "ana", "note": "autumn"}, **{"Idempotency-Key": "s1"}
    )
    again = story.ask(
        "PUT", PATH, {"text": TEXT, "by": "ana", "note": "autumn"}, **{"Idempotency-Key": "s1"}
    )
    story.go(seconds=1)
    (listed,) = story.read(PATH)["segments"]
    story.ask("PUT", PATH, {"text": BAND, "by": "ana"})
    shown = story.read(f"{PATH}/buyers")
    theirs = story.read(f"{PREFIX}/customers/{customer}/segments")["segments"]
    silent = story.ask("POST", f"{PATH}/buyers/export", {"reason": " ", "by": "ana"})
    sheet = story.ask("POST", f"{PATH}/buyers/export", {"reason": "a mailing", "by": "ana"})
    ask("buyers-of-buyers/retire", {"by": "ben"})
    ask("buyers/retire", {"by": "ben"})

    assert [(one["line"], one["where"]) for one in wrong["problems"]] == [
        (5, "when.all[1].not.freind")
    ]
    named = {"Idempotency-Key": "cut"}  # as the console does: the lake is asked all the same
    cut = ask("layers", {"asked": {"days": "365"}, "by": "ana"}, **named)["bands"]
    again_cut = ask("layers", {"asked": {"days": "365"}, "by": "ana"})["bands"]
    unasked = story.ask("POST", f"{PATH}/layers", {"asked": {"days": "many"}, "by": "ana"})

    assert [one["code"] for one in cut if one["people"]] == ["rfm-r1", "rfm-f1", "rfm-m1"]
    assert [{one["outcome"] for one in some} for some in (cut, again_cut)] == [{"new"}, {"same"}]
    assert (unasked.status_code, unasked.json()["problems"][0]["where"]) == (400, "days")
    assert good == {"problems": [], "conditions": {"not": {"friend": True}}}
    assert (counted["customers"], counted["everybody"], len(counted["parts"])) == (1, 1, 4)
    assert [one["customer"] for one in people] == [because["customer"]] == [customer]
    assert "****" in people[0]["phone_masked"]
    assert because["member"]
    assert because["parts"][1]["fact"].startswith("1 order, last ")
    assert kept.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (listed["live"], listed["filling"], listed["version"]) == (True, False, 1)
    assert [(one["set_by"], one["note"]) for one in shown["versions"]] == [("ana", "autumn")]
    assert shown["used_by"] == ["buyers-of-buyers"]
    assert [(one["code"], one["live"], one["layer"]) for one in theirs] == [
        ("buyers", True, ""),
        ("buyers-of-buyers", False, "value"),
    ]
    assert silent.status_code == 400
    assert [row.split(",")[0] for row in sheet.text.splitlines()] == ["\ufeffcustomer", customer]
    assert PHONE not in sheet.text
    assert story.read(f"{PATH}/buyers")["retired_at"]
    assert story.ask("POST", f"{PATH}/count", {"code": "buyers"}).status_code == 404


def test_every_condition_says_its_form_in_words_of_both_languages(story: Any) -> None:
    families = story.read(f"{PREFIX}/predicates")["families"]
    forms = {form["key"]: form for one in families for form in one["forms"]}

    assert set(forms) == set(LEADS) == {form.key for one in FAMILIES for form in one.forms}
    assert {key for key, form in forms.items() if form["step"]} >= {"orders", "touched", "event"}
    fields = {one["name"]: one for one in forms["orders"]["fields"]}
    assert (fields["within"]["takes"], fields["within"]["said"]["zh"]) == ("span", "在过去 {}")
    assert (fields["at_least"]["default"], fields["at_least"]["counts"]) == (1, True)
    assert [one["value"] for one in fields["state"]["choices"]] == ["paid", "cancelled", "refunded"]
    assert forms["sequence"]["fields"][0]["takes"] == "step"
    strangers = set(SAID) - {
        name
        for form in forms.values()
        for one in form["fields"]
        for name in (one["name"], f"{form['key']}.{one['name']}")
    }
    assert strangers == set()
    assert {words.zh.count("{}") + words.en.count("{}") for words in SAID.values()} <= {0, 2}


def test_a_journey_can_also_ask_for_what_a_visit_knows(story: Any) -> None:
    families = story.read(f"{PREFIX}/predicates?of=journey")["families"]
    forms = {form["key"]: form for one in families for form in one["forms"]}

    assert set(forms) == {*LEADS, *VISIT_LEADS}
    assert {form.key for form in FAMILY.forms} == set(VISIT_LEADS)
    assert forms["touch"]["lead"]["en"] == "the touch of a step is"
