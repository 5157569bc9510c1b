"""What only a visit can answer: listed here, beside the predicates that a query decides."""

from siyu.journeys.predicates.visit import OrderIs, ParcelIs, TaskIs, TouchIs
from siyu.segments.model import Family, Words

FAMILY = Family("visit", Words("旅程进行中", "Visit"), (OrderIs, TouchIs, TaskIs, ParcelIs))
