"""What only a visit can answer: listed here, beside the predicates that a query decides."""

from siyu.journeys.predicates.visit import OrderIs, ParcelIs, TaskIs, TouchIs, ValueIs
from siyu.segments.model import Family, Words

FORMS = (OrderIs, TouchIs, TaskIs, ParcelIs, ValueIs)
FAMILY = Family("visit", Words("旅程进行中", "Visit"), FORMS)
