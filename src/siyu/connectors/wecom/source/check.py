"""`siyu connect wecom`: what can be tried is tried, and what is wrong is said in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from siyu.connectors.known import Text
from siyu.connectors.manifest import Check, Tools
from siyu.connectors.wecom.client import OF, Client, Failed, NotSent, Unclear
from siyu.connectors.wecom.config import Config
from siyu.connectors.wecom.source import corp_tags, links, mass, payments, ways
from siyu.connectors.wecom.source.lists import follow_users
from siyu.connectors.wecom.wire import codes
from siyu.connectors.wecom.wire.answers import number
from siyu.connectors.wecom.wire.callback import NOTICES
from siyu.connectors.wecom.wire.messages import LONGEST_TEXT
from siyu.kernel.sentence import Sentence

HEARD = "heard"
FEW = 20  # at fewer WeCom warns
MOST_NAMES = 10  # in one line
LATELY = timedelta(days=28)
MOST_LATE = 0.01  # of those that were due
USED_UP = ("balance_exhausted",)
NEARLY = (*USED_UP, "balance_low")
_CREDENTIALS = Sentence("Corp id and secret", "企业 ID 与 Secret")
_AGENT = Sentence("The app", "应用")
_MEMBERS = Sentence("Members with customer contact", "有客户联系功能的成员")
_ACCOUNTS = Sentence("Accounts of our staff", "员工账号对应")
_CALLBACK = Sentence("Callback", "接收消息服务器")
_LINKS = Sentence("Acquisition links", "获客链接")
_WAYS = Sentence("Contact ways", "联系我")
_MASS = Sentence("Mass messages", "群发")
_PAYMENTS = Sentence("Payments in chats", "对外收款")
_TAGS = Sentence("Tags on friends' cards", "写到好友的标签")
_REMARK = Sentence("Remarks on friends' cards", "写到好友的备注")
_WELCOME = Sentence("Welcomes, 28 days", "欢迎语（28 天）")
_NOTICE = Sentence("Notices of WeCom", "企业微信提醒")
_OK = Sentence("works", "正常")


def check(config: Config, tools: Tools) -> list[Check]:
    """Ask WeCom, one thing after another; what hangs on something that is wrong is not asked."""
    if not config.corpid:
        why = Sentence("set `corpid` and `secret`", "请设置 `corpid` 和 `secret`")
        return [Check(_CREDENTIALS, "missing", why)]
    client = Client(config, tools)
    app = _tried(_AGENT, lambda: _agent(config, client))
    found = [*app]
    if app[0].state == "ok":
        found += _tried(_MEMBERS, lambda: _members(config, tools, client))
        found += _tried(_LINKS, lambda: _acquisition(config, tools, client))
        if config.payments:
            found += _tried(_PAYMENTS, lambda: _payments(tools, client))
        found += _cards(config, tools)
    return [*found, _callback(config, tools), *_remembered(config, tools)]


def texts(config: Config, written: Sequence[Text]) -> list[Check]:  # noqa: ARG001 - the manifest's
    """Whether each is short enough; what is filled in comes on top."""
    found: list[Check] = []
    for one in written:
        size = len(one.body.encode())
        found.append(
            Check(
                Sentence(f"material {one.material}", f"素材 {one.material}"),
                "wrong" if size > LONGEST_TEXT else "ok",
                Sentence(
                    f"{size} bytes, of {LONGEST_TEXT} at most",
                    f"{size} 字节，上限 {LONGEST_TEXT}",
                ),
            )
        )
    return found


def _tried(what: Sentence, ask: Callable[[], list[Check]]) -> list[Check]:
    try:
        return ask()
    except Failed as failed:
        state = "unverified" if failed.meaning in ("limited", "busy") else "wrong"
        return [Check(what, state, failed.said)]
    except (NotSent, Unclear):
        why = Sentence(
            "WeCom can't be reached, or its answer can't be read",
            "连不上企业微信，或返回内容无法读取",
        )
        return [Check(what, "unverified", why)]


def _agent(config: Config, client: Client) -> list[Check]:
    """The token comes first: so this line speaks of the secret and of trusted IPs, too."""
    found = client.get("agent/get", agentid=str(config.agent_id))
    if found.get("close"):
        return [Check(_AGENT, "wrong", Sentence("the app is disabled", "应用已停用"))]
    return [Check(_CREDENTIALS, "ok", _OK), Check(_AGENT, "ok", _OK)]


def _members(config: Config, tools: Tools, client: Client) -> list[Check]:
    users = follow_users(client, tools)
    if not users:
        why = Sentence(
            "no member in the app's visible range has the customer contact function",
            "应用可见范围内没有成员开通客户联系",
        )
        return [Check(_MEMBERS, "wrong", why)]
    count = len(users)
    seen = Check(_MEMBERS, "ok", Sentence(f"{count} members", f"{count} 名成员"))
    known = {one.lower() for one in users}
    named = [*config.accounts.values(), *config.link_users, *config.way_users]
    lost = sorted({one for one in named if one.lower() not in known})
    if not lost:
        return [seen]
    listed = ", ".join(lost[:MOST_NAMES])
    why = Sentence(
        f"without customer contact, or out of sight: {listed}",
        f"没有客户联系功能，或不在可见范围：{listed}",
    )
    return [seen, Check(_ACCOUNTS, "wrong", why)]


def _acquisition(config: Config, tools: Tools, client: Client) -> list[Check]:
    if not config.link_users:
        why = Sentence("not used: `link_users` is empty", "未使用：`link_users` 为空")
        return [Check(_LINKS, "missing", why)]
    balance = number(client.get(f"{OF}/customer_acquisition_quota"), "balance")
    for alarm in NEARLY if balance > FEW else USED_UP if balance else ():
        tools.alarms.end(alarm)
    why = Sentence(f"room for {balance} customers", f"剩余额度 {balance}")
    return [Check(_LINKS, "ok" if balance else "wrong", why)]


def _payments(tools: Tools, client: Client) -> list[Check]:
    now = int(tools.clock.now().timestamp())
    client.ask(payments.PATH, {"begin_time": now - 3600, "end_time": now, "limit": 1})
    return [Check(_PAYMENTS, "ok", _OK)]


def _callback(config: Config, tools: Tools) -> Check:
    if not config.aes_key:
        why = Sentence(
            f"set `token` and `aes_key`, and the address …/hooks/wecom/{config.app} in the console",
            f"请设置 `token` 和 `aes_key`，并在管理后台填写地址 …/hooks/wecom/{config.app}",
        )
        return Check(_CALLBACK, "missing", why)
    heard = tools.store.get(HEARD)
    if heard is None:
        why = Sentence(
            "nothing has been heard yet: whether WeCom reaches us is not known",
            "还没有收到过回调：无法确认企业微信能否访问本机",
        )
        return Check(_CALLBACK, "unverified", why)
    at = datetime.fromisoformat(heard).strftime("%Y-%m-%d %H:%M UTC")
    return Check(_CALLBACK, "ok", Sentence(f"last heard {at}", f"最近一次回调 {at}"))


def _cards(config: Config, tools: Tools) -> Iterator[Check]:
    """What is written on friends' cards, and what WeCom does not take."""
    out, kept = ", ".join(config.tags_out), ", ".join(config.tags_kept) or "–"
    if not out:
        why = Sentence("none go out: `tags_out` is empty", "不写出：`tags_out` 为空")
    elif config.tags_of_systems:
        why = Sentence(f"all of {out}; not {kept}", f"全部：{out}；不含：{kept}")
    else:
        why = Sentence(
            f"those that journeys and people here set, of {out}; not {kept}",
            f"旅程和员工在此设置的：{out}；不含：{kept}",
        )
    yield Check(_TAGS, "ok", why)
    code = corp_tags.unmade(tools)
    if code:
        said = codes.words(code)
        why = Sentence(f"missing ones can't be made: {said}", f"缺少的标签无法创建：{said.zh}")
        yield Check(_TAGS, "wrong", why)
    unfit = ", ".join(corp_tags.unfit(tools))
    if unfit:
        why = Sentence(
            f"longer than WeCom's 30 characters, so they stay here: {unfit}",
            f"超过企业微信的 30 个字，不写出：{unfit}",
        )
        yield Check(_TAGS, "unverified", why)
    if config.remark:
        yield Check(_REMARK, "ok", Sentence(config.remark, config.remark))


def _remembered(config: Config, tools: Tools) -> Iterator[Check]:
    made = ways.made(tools)
    if made >= links.FULL * config.way_cap:
        why = Sentence(
            f"{made} of {config.way_cap} are made", f"已创建 {made}，上限 {config.way_cap}"
        )
        yield Check(_WAYS, "wrong", why)
    for alarm in tools.store.keys("alarm/"):
        words = NOTICES.get(alarm.removeprefix("alarm/"))
        if words is not None:
            yield Check(_NOTICE, "wrong", words)
    yield from _welcomes(tools)
    waiting = mass.waiting(config, tools)
    if waiting:
        count, people = len(waiting), sum(one.customers for one in waiting)
        staff = sorted({one.staff for one in waiting if one.staff})
        some = ", ".join(staff[:MOST_NAMES]) + (" …" if len(staff) > MOST_NAMES else "")
        why = Sentence(
            f"{count} wait for staff to press send, to {people} customers: {some}",
            f"{count} 个任务等待成员发送，涉及 {people} 位客户：{some}",
        )
        yield Check(_MASS, "unverified", why)


def _welcomes(tools: Tools) -> Iterator[Check]:
    """How many were sent, and how quickly: the seconds are ours, from a callback to WeCom's yes."""
    now = tools.clock.now()
    found = tools.touches.welcomes(now - LATELY, now)
    if found is None:
        return
    en, zh = [f"{found.sent} sent"], [f"已发 {found.sent} 条"]
    if found.measured:
        share = f"{100 * found.within / found.measured:.1f}%"
        seconds = f"{found.heard_p50:.1f} / {found.heard_p95:.1f} / {found.heard_max:.1f}"
        en.append(f"{share} of them within 20 s; half / 95 % / all within {seconds} s")
        zh.append(f"其中 {share} 在 20 秒内；P50 / P95 / 最慢 {seconds} 秒")
    en.append(f"{found.late} were too late")
    zh.append(f"{found.late} 条过时未发")
    if found.no_code:
        en.append(f"{found.no_code} without a code")
        zh.append(f"{found.no_code} 条没有凭证")
    slow = found.late > MOST_LATE * found.wished
    if slow:
        en.append("see `siyu doctor` for what is slow")
        zh.append("用 `siyu doctor` 查看哪里慢")
    yield Check(_WELCOME, "wrong" if slow else "ok", Sentence("; ".join(en), "；".join(zh)))
