"""Members of the corp: who they are, who has left, who is taken in as staff."""

from __future__ import annotations

from dataclasses import replace

import pytest

from siyu.connectors.lists import Colleague
from siyu.connectors.wecom.client import Failed
from siyu.connectors.wecom.source import members
from siyu.staff.views import audited
from siyu.staff.views import members as staff_of

LIST, GET = "user/list", "user/get"


class Pulled:
    """The pull as the worker runs it; what members are called is told to `names`."""

    def __init__(self, corp) -> None:
        self.corp, self.cursor, self.names = corp, "", {}
        corp.tools = replace(corp.tools, names=self.names.update)

    def run(self, *, hours: float = 0, most: int | None = None) -> dict[str, Colleague]:
        self.corp.deliver()
        self.corp.clock.advance(hours=hours)
        pages = members.pull(self.corp.config, self.corp.tools, self.cursor)
        for count, page in enumerate(pages, 1):
            self.cursor = page.cursor
            assert page.events == []
            if count == most:
                break
        return {one.code: one for one in members.every(self.corp.config, self.corp.tools)}

    def asked(self, path: str) -> int:
        return self.corp.fake.requests[path]


@pytest.fixture
def pulled(corp) -> Pulled:
    corp.fake.departments = {1: "花间", 2: "门店", 3: "客服"}
    corp.fake.hires("lisi", "李四", 2)
    corp.fake.hires("zhangsan", "张三", 2, 3)
    corp.fake.hires("chen", "陈", 1, follows=False, status=4)
    return Pulled(corp)


def test_everybody_is_listed_once_with_name_and_departments(pulled) -> None:
    found = pulled.run()

    assert found == {
        "lisi": Colleague("lisi", "李四", ("门店",), "active", True),
        "g-zhang": Colleague("g-zhang", "张三", ("门店", "客服"), "active", True),
        "chen": Colleague("chen", "陈", ("花间",), "inactive", False),
    }
    assert pulled.names == {"lisi": "李四", "g-zhang": "张三", "chen": "陈"}
    assert pulled.asked(LIST) == 3
    assert pulled.asked(GET) == 0


def test_a_callback_has_one_member_looked_at_and_nobody_else(pulled) -> None:
    pulled.run()
    pulled.corp.fake.hires("lisi", "李四四", 3)
    pulled.corp.fake.hires("wang", "王", 1)
    pulled.corp.fake.leaves("zhangsan")
    found = pulled.run(hours=1)

    assert found["lisi"][1:3] == ("李四四", ("客服",))
    assert found["wang"].state == "active"
    assert found["g-zhang"].state == "left"
    assert (pulled.asked(LIST), pulled.asked(GET)) == (3, 3)
    assert pulled.corp.ours.due.count("staff") >= 3
    pulled.run(hours=1)
    assert pulled.asked(GET) == 3  # once


def test_without_callbacks_the_next_whole_run_finds_out(pulled) -> None:
    pulled.corp.fake.tells_members = False
    pulled.run()
    pulled.corp.fake.leaves("zhangsan")
    pulled.corp.fake.hires("wang", "王", 1)

    assert "wang" not in pulled.run(hours=1)
    found = pulled.run(hours=23)
    assert (found["wang"].state, found["g-zhang"].state) == ("active", "left")


def test_where_wecom_says_the_same_of_members_out_of_sight_nobody_has_left(pulled) -> None:
    pulled.corp.config = replace(pulled.corp.config, directory="names")
    pulled.corp.fake.tells_members = False
    pulled.run()
    pulled.corp.fake.leaves("zhangsan")

    assert pulled.run(hours=24)["g-zhang"].state == "unseen"


def _app(pulled: Pulled, **more: object) -> None:
    state = pulled.corp.fake
    state.apps = {secret: replace(app, **more) for secret, app in state.apps.items()}


def test_an_app_that_sees_members_alone_asks_for_each_by_userid(pulled) -> None:
    _app(pulled, departments=frozenset(), visible=frozenset({"lisi"}))
    found = pulled.run()

    assert found == {"lisi": Colleague("lisi", "李四", ("2",), "active", True)}
    assert (pulled.asked(LIST), pulled.asked(GET)) == (0, 1)


def test_who_goes_out_of_sight_is_not_taken_for_gone(pulled) -> None:
    pulled.run()
    _app(pulled, visible=frozenset({"lisi", "chen"}))

    assert pulled.run(hours=24)["g-zhang"].state == "unseen"


def test_names_that_the_app_may_not_see_are_none(pulled) -> None:
    _app(pulled, sees_names=False)
    found = pulled.run()

    assert found["lisi"] == Colleague("lisi", "", ("2",), "active", True)
    assert pulled.names == {}


def test_switched_off_only_userids_are_asked_for(pulled) -> None:
    pulled.corp.config = replace(pulled.corp.config, directory="off")

    assert pulled.run() == {}
    assert (pulled.asked(LIST), pulled.asked(GET)) == (0, 0)


def test_cut_off_or_refused_it_goes_on_with_the_department_it_was_at(pulled) -> None:
    pulled.run(most=1)
    pulled.corp.fake.faults += ["none", "none", "frequency"]  # who has friends, departments, one
    with pytest.raises(Failed):
        pulled.run()
    found = pulled.run(hours=2)

    assert {one.state for one in found.values()} == {"active", "inactive"}
    assert pulled.asked(LIST) == 4  # one before, the refused one, and the two that were left


def test_a_member_is_taken_in_once_keeps_its_name_and_leaves_with_a_next_step(house) -> None:
    house.fake.hires("wang", "王小美", 1)
    house.go(minutes=1)
    (offered,) = house.asked("colleagues")["offered"]
    assert offered == {
        "code": "wang", "name": "王小美", "departments": ["花间"], "contact": True,
    }  # fmt: skip
    took = house.asked("colleagues/wang", {"role": "guide", "by": "ana"})
    assert took == {"code": "wang"}
    house.asked("colleagues/wang", {"role": "guide", "by": "ana"}, status=409)
    house.asked("colleagues/nobody", {"role": "guide", "by": "ana"}, status=404)
    assert house.asked("colleagues")["offered"] == []

    house.fake.hires("wang", "王美", 1)
    house.fake.hires("lisi", "李老师", 1)  # was named here, by hand
    house.go(minutes=1)
    with house.app.db.transaction() as conn:
        names = {one.code: one.name for one in staff_of(conn)}
    assert names == {"lisi": "李", "wang": "王美"}

    house.fake.leaves("wang")
    house.go(minutes=1)
    (gone,) = house.asked("colleagues")["gone"]
    assert (gone["code"], gone["name"], gone["state"]) == ("wang", "王美", "left")
    with house.app.db.transaction() as conn:
        assert any(one.actor == "wecom" and one.object == "wang" for one in audited(conn))
