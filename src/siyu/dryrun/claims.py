"""What came of a story against what it claims: pure, each miss with its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from siyu.kernel.sentence import Sentence
from siyu.kernel.time import zone
from siyu.playbooks.check.facts import moment
from siyu.playbooks.model.story import At, Claim, Story

SOON = timedelta(minutes=10)  # what is said to go out at ten goes out by ten past


class Miss(NamedTuple):
    """A claim that did not come true, or what nothing claims."""

    line: int
    why: str


class Went(NamedTuple):
    """A touch: `at` None where it has not gone out."""

    who: str
    journey: str
    step: str
    material: str
    channel: str
    state: str
    reason: str
    at: datetime | None
    wished_at: datetime


class Other(NamedTuple):
    """What came of it beside touches: a tag, the end of a visit, what a parcel carries."""

    who: str
    what: str
    name: str
    at: datetime


class Result(NamedTuple):
    """What became of a story: all that went out as (who, when, material, channel)."""

    story: str
    misses: list[Miss]
    went: list[tuple[str, str, str, str]]


def result(
    story: Story,
    went: Sequence[Went],
    other: Sequence[Other],
    troubles: Sequence[Miss],
) -> Result:
    """What of the story's claims did not come true."""
    out = [one for one in went if one.at is not None]
    misses = [*troubles]
    for who in story.people:
        mine = [one for one in out if one.who == who]
        misses += _order(story, who, mine, [one for one in went if one.who == who])
    misses += _others(story, went, other)
    misses += _never(story, out, other)
    said = [(one.who, _when(story, one), one.material, one.channel) for one in out]
    return Result(story.story, misses, said)


def _when(story: Story, one: Went) -> str:
    if one.at is None:
        return ""
    place = zone(story.place.zone)
    local = one.at.astimezone(place)
    day = (local.date() - story.begins.astimezone(place).date()).days
    return f"day {day} {local:%H:%M}"


def _order(story: Story, who: str, out: Sequence[Went], every: Sequence[Went]) -> Iterator[Miss]:
    """One after the other: what is claimed, and nothing besides."""
    claims = [one for one in story.expect if one.who == who and one.what == "sends"]
    for claim, one in zip(claims, out, strict=False):
        if not _fits(story, claim, one):
            yield Miss(claim.line, _other_way(story, claim, one))
            return
    for claim in claims[len(out) :]:
        yield Miss(claim.line, _not_out(claim, every))
    for one in out[len(claims) :]:
        when = _when(story, one)
        yield Miss(story.line, Sentence(
            f"{who}: {one.material} ({one.channel}) also went out at {when}; nothing expects it",
            f"{who}：{when} 还发出了 {one.material}（{one.channel}），没有写在预期里",
        ))  # fmt: skip


def _fits(story: Story, claim: Claim, one: Went) -> bool:
    if claim.name != one.material or (claim.channel and claim.channel != one.channel):
        return False
    return claim.at is None or _timely(story, claim.at, one)


def _timely(story: Story, at: At, one: Went) -> bool:
    if one.at is None:
        return False
    begin = moment(story.begins, at, story.place)
    span = SOON if at.clock else timedelta(days=1)
    return begin <= one.at < begin + span


def _other_way(story: Story, claim: Claim, one: Went) -> Sentence:
    wanted = f"{claim.name}" + (f" ({claim.channel})" if claim.channel else "")
    if claim.at:
        wanted += f" @ {claim.at}"
    found = f"{one.material} ({one.channel}) @ {_when(story, one)}"
    return Sentence(f"{claim.who}: expected {wanted}, but {found} went out",
                    f"{claim.who}：应发出 {wanted}，实际发出 {found}")  # fmt: skip


def _not_out(claim: Claim, every: Sequence[Went]) -> Sentence:
    why = next((one for one in reversed(every) if one.material == claim.name), None)
    if why is None:
        return Sentence(f"{claim.who}: {claim.name} was never wished for",
                        f"{claim.who}：从未有旅程要发 {claim.name}")  # fmt: skip
    state = f"{why.state} {why.reason}".strip()
    return Sentence(f"{claim.who}: {claim.name} did not go out: {state}",
                    f"{claim.who}：{claim.name} 没有发出：{state}")  # fmt: skip


def _others(story: Story, went: Sequence[Went], other: Sequence[Other]) -> Iterator[Miss]:
    for claim in story.expect:
        if claim.what == "withheld":
            mine = [one for one in went if (one.who, one.material) == (claim.who, claim.name)]
            if not any(one.at is None and one.reason == claim.reason for one in mine):
                said = "; ".join(f"{one.state} {one.reason}".strip() for one in mine) or "–"
                yield Miss(claim.line, Sentence(
                    f"{claim.who}: {claim.name} was not withheld for {claim.reason}; it was: "
                    f"{said}",
                    f"{claim.who}：{claim.name} 没有因 {claim.reason} 被拦下；实际是：{said}",
                ))  # fmt: skip
        elif claim.what != "sends" and not any(_came(story, claim, one) for one in other):
            said = ", ".join(one.name for one in sorted(other)
                             if (one.who, one.what) == (claim.who, claim.what)) or "–"  # fmt: skip
            yield Miss(claim.line, Sentence(
                f"{claim.who}: not {claim.what} {claim.name}; only {said}",
                f"{claim.who}：没有 {claim.what} {claim.name}；只有 {said}",
            ))  # fmt: skip


def _came(story: Story, claim: Claim, one: Other) -> bool:
    """Whether it is what a claim speaks of; of parcels also when they were decided."""
    if (claim.who, claim.what, claim.name) != (one.who, one.what, one.name):
        return False
    if claim.what != "packs" or claim.at is None:
        return True
    begin = moment(story.begins, claim.at, story.place)
    return begin <= one.at < begin + (SOON if claim.at.clock else timedelta(days=1))


def _packed(story: Story, claim: Claim, other: Sequence[Other]) -> bool:
    after = moment(story.begins, claim.at, story.place) if claim.at else None
    return any(
        _came(story, claim._replace(at=None), one) and (after is None or one.at > after)
        for one in other
    )


def _never(story: Story, out: Sequence[Went], other: Sequence[Other]) -> Iterator[Miss]:
    for claim in story.never:
        if claim.what in ("tagged", "ends", "packs"):
            if _packed(story, claim, other):
                why = Sentence(f"{claim.who}: {claim.what} {claim.name} after all",
                               f"{claim.who}：却 {claim.what} {claim.name}")  # fmt: skip
                yield Miss(claim.line, why)
            continue
        after = moment(story.begins, claim.at, story.place) if claim.at else None
        for one in out:
            if _is_it(claim, one) and (after is None or (one.at and one.at > after)):
                when = _when(story, one)
                yield Miss(claim.line, Sentence(
                    f"{one.who}: {one.material} ({one.channel}) went out at {when}; it must not",
                    f"{one.who}：{when} 发出了不该发的 {one.material}（{one.channel}）",
                ))  # fmt: skip


def _is_it(claim: Claim, one: Went) -> bool:
    pairs = ((claim.who, one.who), (claim.name, one.material), (claim.channel, one.channel))
    return all(not wanted or wanted == is_ for wanted, is_ in pairs)
