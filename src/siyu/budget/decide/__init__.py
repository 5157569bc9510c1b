"""One ruling per request: the list of rules is the policy, the first that speaks wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from siyu.budget.decide.ground import NOTHING_SHARED, Case, Ground, Rule, Shared, hours_for
from siyu.budget.model import (
    ANSWER,
    PRESSED,
    SERVICE,
    Account,
    Cap,
    Facts,
    Had,
    Policy,
    Quota,
    Request,
    Ruling,
    barred,
    names,
    period_at,
    together_at,
)
from siyu.outbox.decide import no_address
from siyu.outbox.model import ADDRESS, MASSES, consent_channel
from siyu.tasks.model import assigned

# Which grounds carry which purpose; advertising needs a yes of the customer's own.
GROUNDS: Mapping[str, frozenset[str]] = {
    "promotion": frozenset({"consent"}),
    "order_invitation": frozenset({"consent", "contract", "legitimate_interest"}),
    "service": frozenset({"consent", "contract", "legitimate_interest"}),
}
UNKNOWN = Facts()
LONGEST_OFF = 30  # days that a message waits for a press at most
LONGEST_UNPAID = timedelta(days=14)  # so long it waits for a budget that is used up
ROLLING: Mapping[str, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def rule(
    requests: Sequence[Request],
    facts: Mapping[int, Facts],
    policy: Policy,
    now: datetime,
    shared: Shared = NOTHING_SHARED,
) -> list[Ruling]:
    """Urgent ones first: what is allowed leaves less for the rest."""
    had: dict[int, tuple[Had, ...]] = {}
    rulings: dict[int, Ruling] = {}
    ground = Ground(policy, shared, now)
    for request in sorted(requests, key=_urgency):
        known = facts.get(request.customer_id, UNKNOWN)
        before = had.setdefault(request.customer_id, known.had)
        ruling = _ruled(Case(request, known, before, ground))
        rulings[request.touch_id] = ruling
        if ruling.verdict == "allow":
            now_had = Had(request.channel, request.purpose, now, request.touch_id)
            had[request.customer_id] = (*before, now_had)
            if ruling.pays is not None:
                ground.paid[ruling.pays.playbook] += ruling.pays.in_all
            for account in ruling.uses:
                ground.left[account] = ground.left.get(account, 0) - 1
            bundle = ground.bundle(request)
            if bundle is not None:
                ground.bundled[bundle] += 1
    return [rulings[request.touch_id] for request in requests]


def _urgency(request: Request) -> tuple[bool, str, int, int, int]:
    """Answers; lane `now` before `window`; the higher (priority, value); who has waited longest."""
    return (
        request.purpose != ANSWER,
        request.lane,
        -request.priority,
        -request.value,
        request.touch_id,
    )


def _ruled(case: Case) -> Ruling:
    for speak in case.ground.speaking(RULES, case.request):
        said = speak(case)
        if said is not None:
            return said
    pays = case.ground.money.costs.get(case.request.touch_id)
    return _allowed(case) if pays is None else replace(_allowed(case), pays=pays)


def _withhold(case: Case, reason: str, by: int | None = None) -> Ruling:
    return Ruling(case.request.touch_id, "withhold", reason, by=by)


def _later(case: Case, reason: str, at: datetime) -> Ruling:
    """Asked again then, unless it will have stopped being true."""
    until = case.request.valid_until
    if until is not None and until <= at:
        return _withhold(case, reason)
    return Ruling(case.request.touch_id, "allow_at", reason, at)


def _suppressed(case: Case) -> Ruling | None:
    request = case.request
    reason = barred(case.facts.suppressed, request.channel, request.purpose, case.ground.now)
    return _withhold(case, reason) if reason else None


def _deleted(case: Case) -> Ruling | None:
    """Who deleted us can't be reached on WeCom; what else they agreed to stands."""
    return None if case.facts.deleted_at is None else _withhold(case, "deleted")


def _cooling_down(case: Case) -> Ruling | None:
    span = timedelta(days=case.ground.policy.pace.cooldown_days)
    ends = [at + span for at in (case.facts.refused_at, case.facts.deleted_at) if at is not None]
    return _withhold(case, "cooldown") if any(end > case.ground.now for end in ends) else None


def _not_invited(case: Case) -> Ruling | None:
    why = case.facts.closed.get(case.request.invites)
    return _withhold(case, why) if why else None


def _held_out(case: Case) -> Ruling | None:
    """A service is owed whatever a journey tries, but where a playbook tries the service."""
    of = case.request.journey
    held_out = (f"{SERVICE}:{of}" if case.request.purpose == SERVICE else of) in case.facts.held_out
    return _withhold(case, "holdout") if held_out else None


def _without_consent(case: Case) -> Ruling | None:
    channel, purpose = consent_channel(case.request.channel), case.request.purpose
    state, basis = case.facts.consents.get((channel, purpose), ("", ""))
    if state == "withdrawn":
        return _withhold(case, "opted_out")
    if state != "given" or basis not in GROUNDS.get(purpose, frozenset({"consent"})):
        return _withhold(case, "no_consent")
    return None


def _against_shop_policy(case: Case) -> Ruling | None:
    shops = case.ground.policy.shops
    said = [shops.get((case.request.shop, name)) for name in names(case.request.channel)]
    most_specific = next((allowed for allowed in said if allowed is not None), True)
    return None if most_specific else _withhold(case, "shop_policy")


def _unreachable(case: Case) -> Ruling | None:
    channel = case.request.channel
    reached = ADDRESS[channel] in case.facts.keys
    return None if reached else _withhold(case, no_address(channel))


def _expired(case: Case) -> Ruling | None:
    until = case.request.valid_until
    gone = until is not None and until <= case.ground.now
    return _withhold(case, "promise_expired") if gone else None


def _too_early(case: Case) -> Ruling | None:
    """In lane `window` a wish waits for its rivals, unless what it says would not be true then."""
    request = case.request
    if request.wished_at is None:
        return None
    closes = case.ground.window_end(request.wished_at)
    until = request.valid_until
    if closes <= case.ground.now or (until is not None and until <= closes):
        return None
    return Ruling(request.touch_id, "allow_at", "window", closes)


def _capped(case: Case) -> Ruling | None:
    for cap in case.ground.caps(case.request, case.facts.layers):
        if _full(cap, case.had, case.ground.now):
            rival = _rival(cap, case)
            return _withhold(case, "cap" if rival is None else "outranked", rival)
    return None


def _full(cap: Cap, had: Sequence[Had], now: datetime) -> bool:
    """Whether one more now would make some window of `days` hold more than `most`."""
    return len(had) >= cap.most and spent(cap, had, now) >= cap.most


def spent(cap: Cap, had: Sequence[Had], now: datetime) -> int:
    """What the fullest window of a cap holds that one more now would be in; some go out later."""
    times = [one.at for one in had if _concerns(cap, one)]
    span = timedelta(days=cap.days)
    ends = [end for end in (*times, now) if now <= end < now + span]
    return max(sum(end - span < at <= end for at in times) for end in ends)


def _rival(cap: Cap, case: Case) -> int | None:
    """Who took its place while it waited in its window: without those there would be one."""
    request, since = case.request, case.request.wished_at
    if request.lane != "window" or since is None:
        return None
    rivals = [one for one in case.had if one.touch_id and one.at >= since and _concerns(cap, one)]
    others = [one for one in case.had if one not in rivals]
    if not rivals or _full(cap, others, case.ground.now):
        return None
    return rivals[0].touch_id


def _concerns(cap: Cap, touch: Request | Had) -> bool:
    """Answers count nowhere: it was the customer who asked."""
    return touch.purpose != ANSWER and cap.bounds(touch.channel, touch.purpose)


def _outside_hours(case: Case) -> Ruling | None:
    request = case.request
    opens, _ = case.ground.hours(request)
    if request.valid_until is not None and request.valid_until <= opens:
        return _withhold(case, "promise_expired")
    return Ruling(request.touch_id, "allow_at", "quiet_hours", opens)


def _beyond_quota(case: Case) -> Ruling | None:
    """The carrier lets no more through, of this customer's or in all: in the next period."""
    frees = [
        _frees(quota, case) if quota.per == "customer" else _refills(quota, case)
        for quota in case.ground.policy.quotas
        if quota.channel in names(case.request.channel)
    ]
    at = max((free for free in frees if free is not None), default=None)
    return None if at is None else _later(case, "quota", _opens_after(case, at))


def _frees(quota: Quota, case: Case) -> datetime | None:
    """When a customer's quota has room again."""
    now, zone = case.ground.now, case.ground.policy.zone
    starts, ends = period_at(quota.period, now, zone)
    most = quota.room(starts, zone)
    times = drawn(quota, case.had, now, zone)
    span = ROLLING.get(quota.period)
    if len(times) < most:
        return None
    return ends if span is None else times[-most] + span


def drawn(quota: Quota, had: Sequence[Had], now: datetime, zone: ZoneInfo) -> list[datetime]:
    """What counts in a customer's quota now; hours and days roll, weeks and months don't."""
    times = sorted(one.at for one in had if quota.channel in names(one.channel))
    span = ROLLING.get(quota.period)
    if span is None:
        starts, _ = period_at(quota.period, now, zone)
        return [at for at in times if at >= starts]
    return [at for at in times if at > now - span]


def _refills(quota: Quota, case: Case) -> datetime | None:
    policy, now = case.ground.policy, case.ground.now
    if case.ground.left.get(policy.account(quota, now), 1) > 0:
        return None
    return period_at(quota.period, now, policy.zone)[1]


def _no_press_left(case: Case) -> Ruling | None:
    guide = case.ground.guides.get(case.request.touch_id)
    if guide is None or not case.ground.limits_presses:
        return None
    zone = case.ground.policy.zone
    starts, ends = period_at("day", case.ground.now, zone)
    if not case.ground.presses(case.request):
        return None
    if case.ground.left.get(Account(f"guide:{guide}", "day", starts), 1) > 0:
        return None
    days = _days_off(case, guide)
    noon = ends + timedelta(days=days, hours=-12)  # a day with a clock change, too
    return _later(case, "presses", _opens_after(case, period_at("day", noon, zone)[0]))


def _days_off(case: Case, guide: str) -> int:
    """On which day after today a guide has room: what was put off before comes first, and what goes
    out by one press is put off as one."""
    ground, request = case.ground, case.request
    text = request.material if ground.bundle(request) else f"#{request.touch_id}"
    if (guide, text) not in ground.put_off:
        most = ground.policy.pace.presses or 1
        ground.put_off[guide, text] = min(1 + ground.later[guide] // most, LONGEST_OFF)
        ground.later[guide] += ground.texts.get(request.material, 1) if text[:1] != "#" else 1
    return ground.put_off[guide, text]


def _no_guide(case: Case) -> Ruling | None:
    """Only a friend can press for a message; who was chosen for this playbook is none."""
    request = case.request
    chosen = request.journey in case.ground.chosen and needs_press(request)
    lost = chosen and request.touch_id not in case.ground.guides
    return _withhold(case, "no_guide") if lost else None


def _beyond_money(case: Case) -> Ruling | None:
    """Its playbook has too little left to pay it: today, or at all, until somebody gives more."""
    request, ground = case.request, case.ground
    playbook = ground.money.payers.get(request.journey)
    cost = ground.money.costs.get(request.touch_id)
    if playbook is None or cost is None:
        return None
    total, today = ground.purse(playbook)
    minor = cost.in_all
    tomorrow = _opens_after(case, period_at("day", ground.now, ground.policy.zone)[1])
    if total is not None and minor > total:
        since = request.wished_at or ground.now
        late = ground.now - since >= LONGEST_UNPAID
        said = _withhold(case, "playbook_budget") if late else _later(
            case, "playbook_budget", tomorrow)  # fmt: skip
        return replace(said, short=playbook)
    if today is not None and minor > today:
        return _later(case, "playbook_budget", tomorrow)
    return None


def _opens_after(case: Case, at: datetime) -> datetime:
    policy = case.ground.policy
    return hours_for(policy, case.request).next(at, policy.zone)[0]


# The policy, in order, and which kinds of requests each rule concerns. Reasons that are about the
# person come before those about the hour, and what is shared comes last: nothing is taken of it for
# what could not go out now anyway.
RULES: tuple[Rule, ...] = (
    Rule(_suppressed, lambda _: True),
    Rule(_deleted, lambda kind: kind.group == "wecom"),
    Rule(_not_invited, lambda kind: kind.group != "voice"),
    Rule(_held_out, lambda kind: kind.unasked),
    Rule(_without_consent, lambda kind: kind.unasked),
    Rule(_against_shop_policy, lambda kind: bool(kind.ground.policy.shops)),
    Rule(_unreachable, lambda kind: kind.channel in ADDRESS),
    Rule(_expired, lambda kind: kind.promises),
    Rule(_cooling_down, lambda kind: kind.unasked and kind.group == "voice"),
    Rule(_too_early, lambda kind: kind.unasked and kind.lane == "window"),
    Rule(_capped, lambda kind: kind.unasked),
    Rule(_outside_hours, lambda kind: kind.outside_hours),
    Rule(_beyond_quota, lambda kind: kind.unasked and bool(kind.ground.policy.quotas)),
    Rule(_no_guide, lambda kind: kind.unasked and bool(kind.ground.chosen)),
    Rule(_no_press_left, lambda kind: kind.unasked and bool(kind.ground.guides)),
    Rule(_beyond_money, lambda kind: kind.unasked and bool(kind.ground.money.payers)),
)


def _allowed(case: Case) -> Ruling:
    request, ground = case.request, case.ground
    until = None if request.purpose == ANSWER else ground.hours(request)[1]
    guide = ground.guides.get(request.touch_id)
    bundle = ground.bundle(request)
    pressing = guide if ground.limits_presses and ground.presses(request) else None
    uses = ground.policy.accounts(request.channel, pressing, ground.now)
    if bundle is None:
        return Ruling(request.touch_id, "allow", "", ground.now, until, None, uses)
    at = together_at(ground.now)[1]
    ends = [one for one in (until, request.valid_until) if one is not None]
    at = ground.now if any(at >= end for end in ends) else at
    return Ruling(request.touch_id, "allow", "", at, until, None, (*uses, bundle))


def needs_press(request: Request) -> bool:
    """Whether a guide has to press, so that it takes of a guide's day."""
    return request.channel in PRESSED and request.purpose != ANSWER


def presser(
    request: Request,
    friends: Mapping[int, Sequence[str]],
    guides: Sequence[str],
    chosen: AbstractSet[str] = frozenset(),
) -> str | None:
    """Who is to press: for a message whose friend it is, else the guide of its order; of the
    `chosen`, where some are."""
    if chosen:
        guides = [one for one in guides if one in chosen]
    if request.channel in MASSES and (known := friends.get(request.customer_id)):
        known = [one for one in known if not chosen or one in chosen]
        return known[0] if known else None
    about = f"{request.shop}/{request.order_no or request.touch_id}"
    return assigned(about, guides) if guides else None
