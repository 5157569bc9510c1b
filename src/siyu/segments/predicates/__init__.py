"""Predicates over the facts of a customer: one file per family, listed here and nowhere else."""

from siyu.segments.model import Family
from siyu.segments.predicates import consents, friendship, orders, profile, tags

FAMILIES: tuple[Family, ...] = (
    profile.FAMILY,
    orders.FAMILY,
    friendship.FAMILY,
    tags.FAMILY,
    consents.FAMILY,
)
