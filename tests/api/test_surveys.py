"""A survey on a page: who is asked, once; answers tag, words of one's own are sealed."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

PHONE = "13800000001"
SURVEY = """
page: skin
kind: survey
title: {zh: 肤质问卷, en: Your skin}
channel: new-orders/card
survey:
  version: 1
  questions:
    - code: type
      type: one
      ask: {zh: 您的肤质？, en: "Your skin?"}
      choices: {dry: {zh: 干性, en: Dry}, oily: {zh: 油性, en: Oily}}
    - code: uses
      type: many
      ask: {zh: 在用什么？, en: "What do you use?"}
      choices: {mask: {zh: 面膜, en: Mask}, oil: {zh: 精油, en: Oil}}
      required: false
    - {code: wish, type: text, ask: {zh: 还想要什么？, en: "A wish?"}, required: false}
    - {code: since, type: month, ask: {zh: 何时开始护肤？, en: "Since when?"}, required: false}
"""
RULES = """
rule: dry
when: {answer: {survey: skin, question: type, choice: dry}}
tag: dry-skin
---
rule: masks
when: {answer: {choice: [mask]}}
tag: uses-masks
"""
WISH = "一个不漏的盖子，打给我 13812345678"
GOOD = {
    "q_type": "dry", "q_uses": ["mask", "oil"], "q_wish": WISH, "q_since": "2025-12",
}  # fmt: skip


class Asked:
    """A customer with a link to the survey."""

    def __init__(self, story: Any) -> None:
        self.story = story
        answer = story.ask("PUT", "/api/v1/pages", {"text": SURVEY, "by": "ana"})
        assert answer.status_code == 200, answer.text
        answer = story.ask("PUT", "/api/v1/tags/rules", {"text": RULES, "by": "ana"})
        assert answer.status_code == 200, answer.text
        story.pay(story.order(), PHONE)
        story.tick()
        (self.who,) = story.customers(PHONE)
        self.path = self.link()

    def link(self) -> str:
        made = self.story.ask("POST", "/api/v1/pages/skin/link", {"customer": self.who})
        return made.json()["url"].removeprefix("https://s.example")

    def page(self, **headers: str) -> Any:
        return self.story.http.get(self.path, headers=headers)

    def form(self) -> dict[str, str]:
        (found,) = re.findall(r'name="form" value="([^"]+)"', self.page().text)
        return {"do": "answer", "form": found}

    def give(self, **said: Any) -> Any:
        answer = self.story.http.post(self.path, data={**self.form(), **said})
        self.story.tick()
        return answer

    def facts(self) -> list[tuple[Any, ...]]:
        return self.story.facts(
            "select data::jsonb -> 'd' ->> 'question', data::jsonb -> 'd' ->> 'answer' from event"
            " where kind = 'survey.answered' order by id"
        )


@pytest.fixture
def asked(story: Any) -> Asked:
    return Asked(story)


def test_answers_are_facts_that_tag_and_can_be_counted(asked: Asked) -> None:
    answer = asked.give(**GOOD)

    assert (answer.status_code, "谢谢" in answer.text) == (200, True)
    assert asked.facts() == [
        ("type", "type/dry"), ("uses", "uses/mask"), ("uses", "uses/oil"), ("wish", None),
        ("since", "since/2025-12"),
    ]  # fmt: skip
    tags = {row[0] for row in asked.story.facts("select name from tag where source like 'rule:%'")}
    assert tags == {"dry-skin", "uses-masks"}
    counted = asked.story.read("/api/v1/pages/skin/answers")["answers"]
    assert {(one["answer"], one["people"]) for one in counted} == {
        ("type/dry", 1), ("uses/mask", 1), ("uses/oil", 1), ("", 1), ("since/2025-12", 1),
    }  # fmt: skip


def test_a_segment_asks_for_an_answer(asked: Asked) -> None:
    asked.give(**GOOD)
    for said, many in (("type/dry", 1), ("type/oily", 0)):
        text = {"event": {"kind": "survey.answered", "where": "answer", "is": said}}
        body = {"text": json.dumps({"segment": "x", "title": {"zh": "x", "en": "x"}, "when": text})}
        found = asked.story.ask("POST", "/api/v1/segments/count", body)
        assert found.status_code == 200, found.text
        assert found.json()["customers"] == many


def test_words_of_ones_own_are_sealed_and_read_only_with_a_reason(asked: Asked) -> None:
    asked.give(**GOOD)

    for table in ("event", "survey_answer", "vault_item"):
        rows = asked.story.facts(f"select t::text from {table} t")
        assert [row for (row,) in rows if "13812345678" in row or "盖子" in row] == []
    path = "/api/v1/pages/skin/answers/reveal"
    assert asked.story.ask("POST", path, {"by": "ana", "reason": " "}).status_code == 400
    shown = asked.story.ask("POST", path, {"by": "ana", "reason": "panel"}).json()["answers"]
    assert [(one["question"], one["text"], one["customer"]) for one in shown] == [
        ("wish", WISH, asked.who)
    ]
    audited = asked.story.facts("select action, reason from audit where action = 'survey.reveal'")
    assert audited == [("survey.reveal", "panel")]
    said = asked.story.siyu("page", "answers", "skin", "--texts", "--reason", "panel")
    assert WISH in said.output
    assert "盖子" not in asked.story.siyu("page", "answers", "skin", "--json").output
    assert asked.story.siyu("page", "answers", "skin", "--texts").exit_code != 0


def test_a_version_is_answered_once_also_by_two_taps_at_the_same_time(asked: Asked) -> None:
    forms = [asked.form() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(
            threads.map(
                lambda form: asked.story.http.post(asked.path, data={**form, "q_type": "dry"}),
                forms,
            )
        )
    asked.story.tick()
    assert [one.status_code for one in answers] == [200] * 4
    assert asked.facts() == [("type", "type/dry")]
    assert "<form" not in asked.page().text

    newer = SURVEY.replace("version: 1", "version: 2")
    asked.story.ask("PUT", "/api/v1/pages", {"text": newer, "by": "ana"})
    assert "您的肤质" in asked.page().text
    asked.give(q_type="oily")
    assert asked.facts() == [("type", "type/dry"), ("type", "type/oily")]
    versions = [one["version"] for one in asked.story.read("/api/v1/pages/skin/answers")["answers"]]
    assert versions == [2, 1]


def test_what_is_missing_is_marked_and_the_rest_stays(asked: Asked) -> None:
    answer = asked.give(q_uses="oil", q_wish='"><b>', q_type="")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert answer.text.count("请回答这一题") == 1
    assert 'value="oil" checked' in answer.text
    assert "&quot;&gt;&lt;b&gt;" in answer.text
    assert asked.facts() == []


def test_a_stranger_is_asked_to_add_us_and_answers_nothing(asked: Asked) -> None:
    page = asked.story.http.get("/p/skin", headers={"Accept-Language": "en"})
    assert ("Open the link in the message" in page.text, "q_type" in page.text) == (True, False)
    (form,) = re.findall(r'name="form" value="([^"]+)"', page.text)

    answer = asked.story.http.post("/p/skin", data={"do": "answer", "form": form, **GOOD})
    stolen = asked.story.http.post("/p/skin", data={**asked.form(), **GOOD})

    assert (answer.status_code, stolen.status_code) == (400, 400)
    assert asked.facts() == []


def test_who_sends_forms_without_end_waits(asked: Asked) -> None:
    answers = [asked.give(q_type="").status_code for _ in range(8)]

    assert answers[:5] == [400] * 5
    assert 429 in answers


def test_another_systems_answers_count_the_same(asked: Asked) -> None:
    data = {"survey": "nps", "question": "score", "answer": "score/9"}
    asked.story.tell("survey.answered", data, {"phone": PHONE}, person={"text": WISH})
    asked.story.tick()

    (found,) = asked.story.read("/api/v1/pages/nps/answers")["answers"]
    assert (found["answer"], found["people"]) == ("score/9", 1)


def test_answers_go_with_their_customer(asked: Asked) -> None:
    asked.give(q_type="dry")
    asked.story.add("wmANNA")
    asked.story.tick()
    keys = {"external_userid": "wmANNA", "phone": PHONE}
    asked.story.tell("customer.identified", {}, keys)
    asked.story.tick()

    (who,) = asked.story.customers("wmANNA", "external_userid")
    rows = asked.story.facts("select customer_id from survey_answer")
    assert rows == [(asked.story.app.ids.decode("cus", who),)]
    assert "谢谢" in asked.page().text
