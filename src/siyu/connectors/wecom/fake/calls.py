"""The API plane: what each path answers. Nothing here is called back to the corp."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from siyu.connectors.wecom.fake import (
    directory,
    figures,
    groups,
    hands,
    inside,
    media,
    messages,
    moments,
    pays,
)
from siyu.connectors.wecom.fake.state import App, Code, Json, Link, Relation, State, Way
from siyu.connectors.wecom.wire.answers import inner, texts

Query = Mapping[str, str]
MOST_LINKS = 500
MOST_MARKS = 100  # unverified, as is the next
MOST_MOBILES = 5
DEFAULTS: Json = {
    "remark": "",
    "state": "",
    "skip_verify": True,
    "user": [],
    "party": [],
    "style": 0,
}


class Call(NamedTuple):
    """A path: with which method, behind which permission, and what it does."""

    method: str
    permission: str
    answer: Callable[[State, App, Query, Json], Json]


# ── who we are ──


def agent(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001 - one shape for all
    if query.get("agentid") != str(app.agent_id):
        raise Code(301002, "not allow operate another agent")
    users = [{"userid": one} for one in sorted(state.members) if state.visible(app, one)]
    return {"agentid": app.agent_id, "name": "Siyu", "close": 0, "allow_userinfos": {"user": users}}


def follow_users(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    found = [one for one, member in state.members.items() if member.follows]
    return {"follow_user": [one for one in found if state.visible(app, one)]}


def callback_ips(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    return {"ip_list": ["127.0.0.1"]}


# ── customers ──


def customers(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    userid = query.get("userid", "")
    found = state.readable(userid) if state.member(app, userid).follows else []
    if not found:
        raise Code(84061, "not external contact")
    return {"external_userid": [one.external_userid for one in found]}


def customer(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    external_userid = query.get("external_userid", "")
    if not external_userid:
        raise Code(41035, "missing external userid")
    found = [
        one
        for one in state.relations.values()
        if one.external_userid == external_userid
        and one.readable
        and state.visible(app, one.userid)
    ]
    if not found:
        raise Code(84061, "not external contact")
    page, following = state.page(found, query.get("cursor", ""), 500)
    followers = [{**_follow(state, one), "tags": _tags(state, one)} for one in page]
    return {
        "external_contact": _contact(state, external_userid),
        "follow_user": followers,
        **({"next_cursor": following} if following else {}),
    }


def batch(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    userids = texts(body, "userid_list")
    if not userids or len(userids) > 100:
        raise Code(40058, "invalid userid_list size")
    found = [one for userid in userids for one in state.readable(state.member(app, userid).userid)]
    if not found:
        raise Code(84061, "not external contact")
    limit = min(int(body.get("limit") or 50), 100)
    page, following = state.page(found, body.get("cursor", ""), limit)
    return {
        "external_contact_list": [
            {
                "external_contact": _contact(state, one.external_userid),
                "follow_info": {**_follow(state, one), "tag_id": one.tags},
            }
            for one in page
        ],
        "next_cursor": following,
    }


def remark(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    relation = _relation(state, app, body)
    mobiles = body.get("remark_mobiles", [])
    if not {"remark", "description", "remark_company", "remark_mobiles"} & body.keys():
        raise Code(40063, "nothing to change")
    long = len(body.get("remark", "")) > 20 or len(body.get("description", "")) > 150
    if long or len(mobiles) > MOST_MOBILES:
        raise Code(40058, "too long")
    if "remark_mobiles" in body:
        relation.mobiles = [one for one in mobiles if one]
    relation.remark = body.get("remark", relation.remark)
    return {}


def tag_list(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    return {"tag_group": state.tag_groups}


def add_tags(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    group, names = body.get("group_name", ""), [one.get("name", "") for one in body.get("tag", [])]
    if not names or not all(1 <= len(one) <= 30 for one in (group, *names)):
        raise Code(40072, "invalid tag name length")
    fresh = list(dict.fromkeys(names))
    found = next((one for one in state.tag_groups if one["group_name"] == group), None)
    if found is not None and {one["name"] for one in found["tag"]} & set(fresh):
        raise Code(40071, "tag name exists")
    if len(state.tags()) + len(fresh) > state.tag_cap:
        raise Code(40126, "too many tags")
    made = [state.new_tag(group, one) for one in fresh]
    return {"tag_group": {"group_name": group, "tag": made}}


def mark_tag(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    relation = _relation(state, app, body)
    known, gone = state.tags(), set(body.get("remove_tag") or [])
    if not gone and not body.get("add_tag"):
        raise Code(40063, "nothing to mark")
    if max(len(gone), len(body.get("add_tag") or [])) > MOST_MARKS:
        raise Code(40058, "too many tags")
    if not {*gone, *(body.get("add_tag") or [])} <= known.keys():
        raise Code(40068, "invalid tagid")
    kept = [one for one in relation.tags if one not in gone]
    relation.tags = list(dict.fromkeys([*kept, *(body.get("add_tag") or [])]))
    return {}


# ── links and codes ──


def create_link(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    users = texts(inner(body, "range"), "user_list")
    if not users or len(users) > MOST_LINKS or not body.get("link_name"):
        raise Code(40058, "invalid range or link_name")
    for userid in users:
        state.member(app, userid)
    link_id = state.name("ca", 20)
    url = f"https://work.weixin.qq.com/ca/{link_id}"
    verify = bool(body.get("skip_verify", True))
    link = Link(link_id, body["link_name"], url, list(users), verify, state.now)
    state.links[link_id] = link
    return {"link": _link(link)}


def list_links(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    page, following = state.page(
        sorted(state.links), body.get("cursor", ""), min(body.get("limit") or 100, 100)
    )
    return {"link_id_list": page, "next_cursor": following}


def get_link(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    link = state.links.get(body.get("link_id", ""))
    if link is None:
        raise Code(40058, "invalid link_id")
    return {"link": _link(link), "range": {"user_list": link.users, "department_list": []}}


def update_link(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    link = state.links.get(body.get("link_id", ""))
    if link is None:
        raise Code(40058, "invalid link_id")
    if "range" in body:
        link.users = [state.member(app, one).userid for one in body["range"]["user_list"]]
    return {}


def del_link(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    if state.links.pop(body.get("link_id", ""), None) is None:
        raise Code(40058, "invalid link_id")
    return {}


def quota(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    return {"total": state.balance + state.used, "balance": state.balance, "quota_list": []}


def add_way(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    users = texts(body, "user")
    if body.get("type") not in (1, 2):
        raise Code(41037, "missing type")
    if body.get("scene") not in (1, 2):
        raise Code(41038, "missing scene")
    if len(users) > 100 or (body["type"] == 1 and len(users) != 1):
        raise Code(41041, "too many users")
    if len(body.get("state", "")) > 30 or len(body.get("remark", "")) > 30:
        raise Code(40058, "state too long")
    if len(state.ways) >= state.way_cap:
        raise Code(41045, "contact way over limit")
    for userid in users:
        state.member(app, userid)
    config_id = state.name("", 32)
    state.ways[config_id] = Way(config_id, {**DEFAULTS, **body}, state.now)
    return {"config_id": config_id, "qr_code": _qr(config_id)}


def get_way(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    way = _way(state, body)
    shown = {**way.body, "config_id": way.config_id, "qr_code": _qr(way.config_id)}
    return {"contact_way": shown}


def list_ways(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    since = int(body.get("start_time") or state.now - 90 * 86_400)
    until = int(body.get("end_time") or state.now)
    found = [one.config_id for one in state.ways.values() if since <= one.created <= until]
    page, following = state.page(found, body.get("cursor", ""), min(body.get("limit") or 100, 1000))
    return {"contact_way": [{"config_id": one} for one in page], "next_cursor": following}


def update_way(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    way = _way(state, body)
    for userid in texts(body, "user"):
        state.member(app, userid)
    fixed = ("type", "scene", "config_id")
    way.body |= {name: value for name, value in body.items() if name not in fixed}
    return {}


def del_way(state: State, app: App, query: Query, body: Json) -> Json:  # noqa: ARG001
    del state.ways[_way(state, body).config_id]
    return {}


# ── beneath ──


def _contact(state: State, external_userid: str) -> Json:
    known = state.customers[external_userid]
    return {
        "external_userid": external_userid,
        "name": known.name,
        "type": 1,
        "gender": 0,
        **({"unionid": known.unionid} if known.unionid else {}),
    }


def _follow(state: State, one: Relation) -> Json:  # noqa: ARG001
    return {
        "userid": one.userid,
        "remark": one.remark,
        "description": "",
        "createtime": one.createtime,
        "remark_mobiles": one.mobiles,
        "oper_userid": one.oper_userid,
        "add_way": one.add_way,
        **({"state": one.state} if one.state else {}),
    }


def _tags(state: State, one: Relation) -> list[Json]:
    known = state.tags()
    return [
        {"tag_id": tag, "group_name": known[tag][0], "tag_name": known[tag][1], "type": 1}
        for tag in one.tags
        if tag in known
    ] + [{"group_name": "", "tag_name": "her own note", "type": 2}]


def _relation(state: State, app: App, body: Json) -> Relation:
    userid = state.member(app, body.get("userid", "")).userid
    relation = state.relations.get((userid, body.get("external_userid", "")))
    if relation is None or not relation.readable:
        raise Code(84061, "not external contact")
    return relation


def _link(link: Link) -> Json:
    return {
        "link_id": link.link_id, "link_name": link.name, "url": link.url,
        "create_time": link.created, "skip_verify": link.skip_verify,
    }  # fmt: skip


def _qr(config_id: str) -> str:
    return f"https://wework.qpic.cn/wwpic/{config_id}/0"


def _way(state: State, body: Json) -> Way:
    if not body.get("config_id"):
        raise Code(41043, "missing config_id")
    found = state.ways.get(body["config_id"])
    if found is None:
        raise Code(41044, "invalid config_id")
    return found


_OF = "externalcontact"
_ACQUIRE = f"{_OF}/customer_acquisition"
CALLS: Mapping[str, Call] = {
    "agent/get": Call("GET", "", agent),
    "department/list": Call("GET", "", directory.departments),
    "user/list": Call("GET", "", directory.members),
    "user/get": Call("GET", "", directory.member),
    "getcallbackip": Call("GET", "", callback_ips),
    "message/send": Call("POST", "", inside.send),
    "message/update_template_card": Call("POST", "", inside.update_card),
    "get_jsapi_ticket": Call("GET", "", inside.corp_ticket),
    "ticket/get": Call("GET", "", inside.agent_ticket),
    "auth/getuserinfo": Call("GET", "", inside.visitor),
    "externalpay/get_bill_list": Call("POST", "pay", pays.bills),
    f"{_OF}/get_follow_user_list": Call("GET", "contact", follow_users),
    f"{_OF}/list": Call("GET", "contact", customers),
    f"{_OF}/get": Call("GET", "contact", customer),
    f"{_OF}/batch/get_by_user": Call("POST", "contact", batch),
    f"{_OF}/remark": Call("POST", "contact", remark),
    f"{_OF}/get_corp_tag_list": Call("POST", "contact", tag_list),
    f"{_OF}/add_corp_tag": Call("POST", "contact", add_tags),
    f"{_OF}/mark_tag": Call("POST", "contact", mark_tag),
    f"{_OF}/add_contact_way": Call("POST", "contact", add_way),
    f"{_OF}/get_contact_way": Call("POST", "contact", get_way),
    f"{_OF}/list_contact_way": Call("POST", "contact", list_ways),
    f"{_OF}/update_contact_way": Call("POST", "contact", update_way),
    f"{_OF}/del_contact_way": Call("POST", "contact", del_way),
    f"{_OF}/groupchat/list": Call("POST", "contact", groups.chats),
    f"{_OF}/groupchat/get": Call("POST", "contact", groups.chat),
    f"{_OF}/groupchat/add_join_way": Call("POST", "contact", groups.add_join),
    f"{_OF}/groupchat/update_join_way": Call("POST", "contact", groups.update_join),
    f"{_OF}/groupchat/get_join_way": Call("POST", "contact", groups.get_join),
    f"{_OF}/groupchat/del_join_way": Call("POST", "contact", groups.del_join),
    f"{_OF}/transfer_customer": Call("POST", "contact", hands.transfer),
    f"{_OF}/transfer_result": Call("POST", "contact", hands.results),
    f"{_OF}/resigned/transfer_customer": Call("POST", "contact", hands.transfer_left),
    f"{_OF}/resigned/transfer_result": Call("POST", "contact", hands.results_left),
    f"{_OF}/get_unassigned_list": Call("POST", "contact", hands.unassigned),
    f"{_OF}/send_welcome_msg": Call("POST", "contact", messages.welcome),
    f"{_OF}/add_msg_template": Call("POST", "contact", messages.mass),
    f"{_OF}/get_groupmsg_list_v2": Call("POST", "contact", messages.mass_list),
    f"{_OF}/get_groupmsg_task": Call("POST", "contact", messages.mass_tasks),
    f"{_OF}/get_groupmsg_send_result": Call("POST", "contact", messages.mass_results),
    f"{_OF}/remind_groupmsg_send": Call("POST", "contact", messages.mass_remind),
    f"{_OF}/cancel_groupmsg_send": Call("POST", "contact", messages.mass_cancel),
    "media/upload_attachment": Call("POST", "contact", media.attachment),
    "media/upload": Call("POST", "", media.for_messages),
    "media/uploadimg": Call("POST", "", media.picture),
    f"{_OF}/add_moment_task": Call("POST", "contact", moments.add),
    f"{_OF}/get_moment_task_result": Call("GET", "contact", moments.result),
    f"{_OF}/cancel_moment_task": Call("POST", "contact", moments.cancel),
    f"{_OF}/get_moment_list": Call("POST", "contact", moments.listed),
    f"{_OF}/get_moment_task": Call("POST", "contact", moments.tasks),
    f"{_OF}/get_moment_send_result": Call("POST", "contact", moments.sent),
    f"{_OF}/get_moment_comments": Call("POST", "contact", moments.comments),
    f"{_OF}/get_user_behavior_data": Call("POST", "contact", figures.behaviour),
    f"{_OF}/groupchat/statistic_group_by_day": Call("POST", "contact", figures.by_day),
    f"{_ACQUIRE}/create_link": Call("POST", "acquisition", create_link),
    f"{_ACQUIRE}/list_link": Call("POST", "acquisition", list_links),
    f"{_ACQUIRE}/get": Call("POST", "acquisition", get_link),
    f"{_ACQUIRE}/update_link": Call("POST", "acquisition", update_link),
    f"{_ACQUIRE}/statistic": Call("POST", "acquisition", figures.of_link),
    f"{_ACQUIRE}/delete_link": Call("POST", "acquisition", del_link),
    f"{_OF}/customer_acquisition_quota": Call("GET", "acquisition", quota),
}
