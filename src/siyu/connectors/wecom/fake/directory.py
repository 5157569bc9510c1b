"""The directory as a self-built app reads it: its visible range, names where it may see them."""

from __future__ import annotations

from collections.abc import Mapping

from siyu.connectors.wecom.fake.state import App, Code, Json, Member, State

Query = Mapping[str, str]


def departments(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001 - one shape for all
    found = [one for one in state.departments if _may(app, one)]
    if not found:
        raise Code(60011, "no privilege to access/modify contact/party/agent")
    return {
        "department": [
            {"id": one, "parentid": 0 if one == 1 else 1, "order": one,
             **({"name": state.departments[one]} if app.sees_names else {})}
            for one in found
        ]
    }  # fmt: skip


def members(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    said = query.get("department_id", "")
    number = int(said) if said.isdecimal() else 0
    if number not in state.departments:
        raise Code(60003, "department not found")
    if not _may(app, number):
        raise Code(60011, "no privilege to access/modify contact/party/agent")
    found = [
        one for one in state.members.values()
        if number in one.departments and state.visible(app, one.userid)
    ]  # fmt: skip
    return {"userlist": [_told(app, one) for one in found]}


def member(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    return _told(app, state.member(app, query.get("userid", "")))


def _may(app: App, number: int) -> bool:
    return app.departments is None or number in app.departments


def _told(app: App, one: Member) -> Json:
    """Phones and addresses are for no app that was made after June 2022."""
    return {
        "userid": one.userid, "name": one.name if app.sees_names else one.userid,
        "department": list(one.departments), "status": one.status,
    }  # fmt: skip
