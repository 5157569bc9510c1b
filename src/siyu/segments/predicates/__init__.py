"""Predicates over the facts of a customer: one file per family, listed here and nowhere else."""

from siyu.segments.model import Family
from siyu.segments.predicates import (
    complaints,
    consents,
    dates,
    events,
    friendship,
    groups,
    offers,
    orders,
    profile,
    sequences,
    stock,
    tags,
    touches,
)

FAMILIES: tuple[Family, ...] = (
    profile.FAMILY,
    orders.FAMILY,
    friendship.FAMILY,
    groups.FAMILY,
    tags.FAMILY,
    consents.FAMILY,
    touches.FAMILY,
    offers.FAMILY,
    dates.FAMILY,
    events.FAMILY,
    sequences.FAMILY,
    stock.FAMILY,
    complaints.FAMILY,
)
