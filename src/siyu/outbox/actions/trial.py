"""Test sends: where staff are reached, and what they ask to see on their own phone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from siyu.content import views as content
from siyu.content.model import Material
from siyu.content.render import render, segments_of
from siyu.kernel.errors import BadInput, NotFound, Paused, Problem, Refused, SiyuError
from siyu.kernel.sentence import Sentence, wording
from siyu.kernel.sql import Conn, load
from siyu.ledger import views as ledger
from siyu.offers import views as offers
from siyu.offers.model import Offer
from siyu.outbox.model import ADDRESS, STAFF_FIELD, Context, NewTrial, staff_subject
from siyu.outbox.render import Filling, values
from siyu.staff import actions as staff
from siyu.staff import views as people
from siyu.staff.model import Member
from siyu.vault import actions as vault
from siyu.vault import views as sealed
from siyu.vault.model import Keys, normalise

SQL = load("siyu.outbox")
COMMAND: Mapping[str, str] = {"phone": "phone", "external_userid": "phone --account"}
MARK: Mapping[str, str] = {"zh": "[测试] ", "en": "[Test] "}
# A customer whom nobody has: name, shop, order.
SAMPLE: Mapping[str, tuple[str, str, str]] = {
    "zh": ("王小明", "示例店铺", "TEST20260001"),
    "en": ("Ann Lee", "Sample Shop", "TEST20260001"),
}
SIZED: Mapping[str, Mapping[str, str]] = {
    "zh": {"style": "示例款式", "size": "42", "store": "示例门店"},
    "en": {"style": "Sample Style", "size": "42", "store": "Sample Store"},
}
SAMPLE_MONTHS = 6
NO_TITLE: Mapping[str, str] = {}
STATE = "test"  # what links carry: no channel code has it


class Asked(NamedTuple):
    """Who asks to see a journey, on whose phone, in which language; one step, or all that send."""

    journey: str
    staff: str
    locale: str
    by: str
    step: str = ""


def set_address(
    conn: Conn, keys: Keys, who: str, kind: str, value: str, by: str, now: datetime
) -> None:
    """Where somebody who works here is reached, sealed; what was sealed before is erased.

    An empty value: nowhere any more.
    """
    _member(conn, who)
    subject = staff_subject(keys, who, kind)
    plain = ""
    if value.strip():
        try:
            plain = normalise(kind, value, people.brand(conn).region)
        except ValueError as error:
            raise BadInput(
                Sentence("This can't be kept.", "这不能保存。"), (Problem(kind, wording(error)),)
            ) from None
    vault.erase(conn, [subject], now)
    if plain:
        vault.seal(conn, keys, [vault.Sealing(subject, STAFF_FIELD, plain)], now)
    staff.audit(conn, by, "staff.address", f"{who} {kind}", "set" if plain else "forgotten", now)


def _member(conn: Conn, who: str) -> Member:
    found = {one.code: one for one in people.members(conn, active_only=False)}.get(who)
    if found is None:
        raise NotFound(
            Sentence(
                f"Nobody here has the code {who!r}; siyu staff list shows who does.",
                f"没有编码为 {who!r} 的员工；siyu staff list 会列出所有人。",
            )
        )
    return found


def ask(
    conn: Conn,
    ctx: Context,
    asked: Asked,
    wanted: Sequence[NewTrial],
    channels: Collection[str],
    now: datetime,
) -> list[int]:
    """Owe these to somebody who works here, written out for a customer who was invented.

    Hours, caps and hold-outs are for customers. Refused in words whatever would keep one of them
    from going out; nothing is owed then.
    """
    if not _member(conn, asked.staff).active:
        raise Refused(
            Sentence(
                f"{asked.staff} is not active, and gets nothing.",
                f"{asked.staff} 已停用，不会收到任何内容。",
            )
        )
    _reached(conn, ctx, asked.staff, wanted)
    _way_out(conn, asked.journey, wanted, channels, now)
    texts, links = _written(conn, ctx, asked.locale, wanted)
    rows = conn.fetch(
        SQL.ask_trials,
        {
            "staff": asked.staff,
            "journey": asked.journey,
            "steps": [one.step for one in wanted],
            "channels": [one.channel for one in wanted],
            "materials": [one.material for one in wanted],
            "texts": texts,
            "links": links,
            "segments": [
                segments_of(text) if one.channel == "sms" else 0
                for one, text in zip(wanted, texts, strict=True)
            ],
            "by": asked.by,
            "now": now,
        },
    )
    words = f"to {asked.staff}: {', '.join(one.step for one in wanted)}"
    staff.audit(conn, asked.by, "journey.test", asked.journey, words, now)
    return sorted(row[0] for row in rows)


def _reached(conn: Conn, ctx: Context, who: str, wanted: Sequence[NewTrial]) -> None:
    kinds = sorted({ADDRESS[one.channel] for one in wanted})
    subject = {kind: staff_subject(ctx.keys, who, kind) for kind in kinds}
    there = sealed.open_field(conn, ctx.keys, list(subject.values()), STAFF_FIELD)
    for kind in kinds:
        if subject[kind] not in there:
            what = Sentence("phone", "手机号") if kind == "phone" else Sentence("account", "账号")
            raise Refused(
                Sentence(
                    f"{who} has no {what} here: `siyu staff {COMMAND[kind]} {who}` takes it.",
                    f"{who} 还没有{what.zh}：用 `siyu staff {COMMAND[kind]} {who}` 登记。",
                )
            )


def _way_out(
    conn: Conn, journey: str, wanted: Sequence[NewTrial], channels: Collection[str], now: datetime
) -> None:
    used = sorted({one.channel for one in wanted})
    missing = [channel for channel in used if channel not in channels]
    if missing:
        raise Refused(
            Sentence(
                f"No connector carries {', '.join(missing)}; siyu doctor shows which do.",
                f"没有连接器支持 {', '.join(missing)}；siyu doctor 会显示哪些支持。",
            )
        )
    scopes = {"all", f"journey:{journey}", *(f"channel:{channel}" for channel in used)}
    stopped = [row[0] for row in conn.fetch(SQL.stops) if row[0] in scopes]
    if stopped:
        what = ", ".join(stopped)
        raise Paused(
            Sentence(
                f"Sending is paused ({what}); `siyu resume {stopped[0]}` goes on.",
                f"发送已暂停（{what}）；`siyu resume {stopped[0]}` 可恢复。",
            )
        )
    if "sms" in used and "sms_segment" not in ledger.prices(conn, now):
        raise Refused(
            Sentence(
                "There is no price for sms_segment; set one in the price list.",
                "没有 sms_segment 的单价；请在价目表里设置。",
            )
        )


def _written(
    conn: Conn, ctx: Context, locale: str, wanted: Sequence[NewTrial]
) -> tuple[list[str], list[str]]:
    shelf = content.materials(conn, sorted({one.material for one in wanted}))
    catalogue = offers.offers(conn)
    link = ctx.link.replace("{state}", STATE)
    texts: list[str] = []
    links = [link if one.linked else "" for one in wanted]
    problems: list[Problem] = []
    for one, its in zip(wanted, links, strict=True):
        try:
            material = shelf[one.material, locale]
            texts.append(_text(ctx, material, catalogue.get(one.offer), its))
        except KeyError:
            problems.append(
                Problem(
                    one.step,
                    Sentence(
                        f"there is no material {one.material!r}", f"没有素材 {one.material!r}"
                    ),
                )
            )
        except (SiyuError, ValueError) as error:
            problems.append(Problem(one.step, wording(error)))
    if problems:
        raise BadInput(
            Sentence("There are steps that can't be written out.", "有些步骤写不出来。"),
            tuple(problems),
        )
    return texts, links


def _text(ctx: Context, material: Material, offer: Offer | None, link: str) -> str:
    name, shop, order_no = SAMPLE[material.locale]
    filling = Filling(
        locale=material.locale,
        name=name,
        brand=ctx.brand,
        shop=shop,
        order_no=order_no,
        offer_title=offer.title if offer else NO_TITLE,
        offer_value=offer.value_minor if offer else None,
        currency=ctx.currency,
        link=link,
        links=dict(material.links),  # straight to their addresses: nothing is counted
        fits=SIZED[material.locale],
        child_months=SAMPLE_MONTHS,
    )
    return MARK[material.locale] + render(material, values(filling, by_people=False))
