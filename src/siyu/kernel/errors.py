"""Every error that Siyu raises on purpose, as one tree; the docstring is the message.

SiyuError
├── BadInput            what somebody sent is wrong, and where
│   ├── BadSignature
│   ├── TooLarge
│   └── KeyReused
├── NotFound
├── Unknown             nobody says who asks, or not truly
├── Forbidden           it is known who asks, and they may not
│   ├── OutOfScope
│   ├── MustChange
│   └── Forged
├── Refused             allowed in form, not in this state
│   ├── Overtaken
│   ├── Paused
│   └── UnderWay
├── Busy                right, but too much at once: come again
│   └── Throttled
└── Broken              the installation is not well: `siyu doctor` says why
    ├── BadSettings
    └── DatabaseDown
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in something a person wrote: where, and why, in words.

    `where` is a field path or file position, `line` counts from 1 where there is one.
    """

    where: str
    why: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}: {self.where}" if self.line is not None else self.where
        return f"{place}: {self.why}" if place else self.why


class SiyuError(Exception):
    """Something went wrong."""

    code = "error"

    def __init__(self, detail: str = "", problems: tuple[Problem, ...] = ()) -> None:
        self.detail = detail or (self.__doc__ or "").strip().splitlines()[0]
        self.problems = problems
        super().__init__(self.detail)

    def __str__(self) -> str:
        if not self.problems:
            return self.detail
        return "\n".join([self.detail, *(f"  {problem}" for problem in self.problems)])


class BadInput(SiyuError):
    """What was sent can't be used."""

    code = "bad_input"


class BadSignature(BadInput):
    """The signature does not fit the body, or is too old."""

    code = "bad_signature"


class TooLarge(BadInput):
    """The body is larger than what is accepted at once."""

    code = "too_large"


class KeyReused(BadInput):
    """This idempotency key was used for another request; a new request takes a new key."""

    code = "key_reused"


class NotFound(SiyuError):
    """There is no such thing here."""

    code = "not_found"


class Unknown(SiyuError):
    """The code or the password is wrong."""

    code = "wrong_password"


class Forbidden(SiyuError):
    """Your role does not allow this."""

    code = "forbidden"


class OutOfScope(Forbidden):
    """This shows the whole brand; your account sees only a part of it."""

    code = "out_of_scope"


class MustChange(Forbidden):
    """Choose a password of your own first: the one you have was given to you."""

    code = "must_change"


class Forged(Forbidden):
    """This did not come from a page of the console; reload it and try again."""

    code = "forged"


class Refused(SiyuError):
    """This can't be done in the present state."""

    code = "refused"


class Overtaken(Refused):
    """Somebody else has changed it in the meantime."""

    code = "overtaken"


class Paused(Refused):
    """Everything is paused; `siyu resume` goes on."""

    code = "paused"


class UnderWay(Refused):
    """A request with this idempotency key is under way; ask again in a moment."""

    code = "under_way"


class Busy(SiyuError):
    """Too much at once; come again in a few seconds."""

    code = "busy"


class Throttled(Busy):
    """Too many wrong passwords; wait before the next try."""

    code = "throttled"

    def __init__(self, detail: str = "", *, seconds: int = 1) -> None:
        super().__init__(detail)
        self.seconds = seconds


class Broken(SiyuError):
    """The installation is not well; `siyu doctor` says what is wrong."""

    code = "broken"


class BadSettings(Broken):
    """A setting is unknown or has a value that can't be used."""

    code = "bad_settings"


class DatabaseDown(Broken):
    """The database can't be reached."""

    code = "database_down"
