"""What the API does for members and their pages: the app's messages, tickets, who is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from siyu.connectors.wecom.fake.state import App, Card, Code, Json, State
from siyu.connectors.wecom.wire.answers import inner, objects, text, texts

Query = Mapping[str, str]
CODE_LIVES = timedelta(minutes=5)
CARD_LIVES = timedelta(hours=72)
MOST_BUTTONS = 6
_TOKEN = re.compile(r"[0-9A-Za-z_\-@]{1,128}")


def send(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001 - one shape for all
    if body.get("agentid") != app.agent_id:
        raise Code(40056, "invalid agentid")
    wanted = [one for one in text(body, "touser").split("|") if one]
    known = {one.lower(): one for one in state.members if state.visible(app, one)}
    if not wanted:
        raise Code(82001, "no touser")
    good = [known[one.lower()] for one in wanted if one.lower() in known]
    if not good:
        raise Code(81013, "user & party & tag all invalid")
    kind = text(body, "msgtype")
    content = dict(inner(body, kind))
    if kind == "textcard" and not (content.get("title") and content.get("url")):
        raise Code(40058, "invalid textcard")
    told = [(one, {"msgtype": kind, **content}) for one in good]
    again = bool(body.get("enable_duplicate_check")) and all(one in state.notices for one in told)
    if kind == "template_card" and not again:
        _card(state, app, content, good)
    if not body.get("enable_duplicate_check"):
        state.notices += told
    else:  # its interval is longer than any repeat
        state.notices += [one for one in told if one not in state.notices]
    invalid = [one for one in wanted if one.lower() not in known]
    return {"invaliduser": "|".join(invalid), "msgid": state.name("notice")}


def _card(state: State, app: App, card: Json, good: list[str]) -> None:
    """A card whose buttons call back."""
    token, buttons = text(card, "task_id"), objects(card, "button_list")
    if not app.hook:
        raise Code(43012, "callback url needed")
    if card.get("card_type") != "button_interaction" or not 1 <= len(buttons) <= MOST_BUTTONS:
        raise Code(42016, "invalid card")  # which of 42014 to 42052 it is, no document says
    if not _TOKEN.fullmatch(token) or token in state.cards:
        raise Code(42014, "invalid task_id")
    state.cards[token] = Card(token, {text(one, "key"): text(one, "text") for one in buttons}, good)


def update_card(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    code, words = text(body, "response_code"), text(inner(body, "button"), "replace_name")
    if not words:
        raise Code(40063, "button is empty")
    token, userid, issued = state.card_codes.pop(code, ("", "", state.clock()))
    if not token or state.clock() - issued > CARD_LIVES or userid not in texts(body, "userids"):
        raise Code(42045, "invalid response_code")
    state.cards[token].shown[userid] = words
    return {"invaliduser": []}


def corp_ticket(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    return {"ticket": state.name("TICKET"), "expires_in": 7200}


def agent_ticket(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    if query.get("type") != "agent_config":
        raise Code(42012, "wrong ticket type")
    return {"ticket": state.name("TICKET"), "expires_in": 7200}


def visitor(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    code = query.get("code", "")
    if code not in state.codes:
        raise Code(40029, "invalid code")
    who, issued, used = state.codes[code]
    if used:
        raise Code(42022, "code has been used")
    if state.clock() - issued > CODE_LIVES:
        raise Code(42003, "code expired")
    state.codes[code] = who, issued, True
    if who in state.members:
        return {"userid": who}
    return {"openid": f"o{who}", **({"external_userid": who} if who in state.customers else {})}
