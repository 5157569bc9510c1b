"""Remember something about this walk."""

from __future__ import annotations

from dataclasses import dataclass, field

from siyu.journeys.model import Act, Go, Here, Kept, Node, Values, asked
from siyu.segments.model import Words


@dataclass(frozen=True)
class Set(Node):
    """Keep values on the visit (`{wave: 2}`): conditions ask for them by `value`.

    They belong to this walk alone and end with it; what is true of the customer is a tag.
    """

    key = "set"
    title = Words("设置变量", "Set")
    shelf = "note"
    about = Words(
        "在这一次旅程里记住一个值，后面的条件可以用。",
        "Remember a value for this walk; later conditions can ask for it.",
    )
    begins = "{set: {wave: 1}}"
    whole = "values"

    values: Values = field(metadata=asked("Names and their values", "名称与取值"))

    def step(self, here: Here) -> Act:
        del here
        said = ", ".join(f"{name} = {value}" for name, value in self.values)
        return Go(f"set {said}", effects=(Kept(self.values),))
