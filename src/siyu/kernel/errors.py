"""Every error that Siyu raises on purpose, as one tree; its docstring and `zh` are the message.

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
│   ├── TookTooLong
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

from siyu.kernel.sentence import Sentence


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
    zh = "出错了。"

    def __init__(self, detail: str = "", problems: tuple[Problem, ...] = ()) -> None:
        self.detail = detail or Sentence((self.__doc__ or "").strip().splitlines()[0], self.zh)
        self.problems = problems
        super().__init__(self.detail)

    def __str__(self) -> str:
        if not self.problems:
            return self.detail
        return "\n".join([self.detail, *(f"  {problem}" for problem in self.problems)])


class BadInput(SiyuError):
    """What was sent can't be used."""

    code = "bad_input"
    zh = "提交的内容无法使用。"


class BadSignature(BadInput):
    """The signature does not fit the body, or is too old."""

    code = "bad_signature"
    zh = "签名与内容不符，或已过期。"


class TooLarge(BadInput):
    """The body is larger than what is accepted at once."""

    code = "too_large"
    zh = "内容超过一次可接收的大小。"


class KeyReused(BadInput):
    """This idempotency key was used for another request; a new request takes a new key."""

    code = "key_reused"
    zh = "这个幂等键已用于另一个请求；新的请求要用新的键。"


class NotFound(SiyuError):
    """There is no such thing here."""

    code = "not_found"
    zh = "这里没有这样的内容。"


class Unknown(SiyuError):
    """The code or the password is wrong."""

    code = "wrong_password"
    zh = "账号或密码不对。"


class Forbidden(SiyuError):
    """Your role does not allow this."""

    code = "forbidden"
    zh = "您的角色没有这项权限。"


class OutOfScope(Forbidden):
    """This shows the whole brand; your account sees only a part of it."""

    code = "out_of_scope"
    zh = "这里是全品牌的数据，您的账号只能看到其中一部分。"


class MustChange(Forbidden):
    """Choose a password of your own first: the one you have was given to you."""

    code = "must_change"
    zh = "请先设置自己的密码：现在的密码是别人给的。"


class Forged(Forbidden):
    """This did not come from a page of the console; reload it and try again."""

    code = "forged"
    zh = "这个请求不是从控制台页面发出的；请刷新页面后再试。"


class Refused(SiyuError):
    """This can't be done in the present state."""

    code = "refused"
    zh = "在现在的状态下不能这样做。"


class Overtaken(Refused):
    """Somebody else has changed it in the meantime."""

    code = "overtaken"
    zh = "别人刚刚改过。"


class TookTooLong(Refused):
    """It took longer than it may, and was broken off."""

    code = "took_too_long"
    zh = "耗时超过上限，已中止。"


class Paused(Refused):
    """Everything is paused; `siyu resume` goes on."""

    code = "paused"
    zh = "已全部暂停；`siyu resume` 可恢复。"


class UnderWay(Refused):
    """A request with this idempotency key is under way; ask again in a moment."""

    code = "under_way"
    zh = "用这个幂等键的请求正在进行；请稍后再问。"


class Busy(SiyuError):
    """Too much at once; come again in a few seconds."""

    code = "busy"
    zh = "一次太多了；请过几秒再来。"


class Throttled(Busy):
    """Too many wrong passwords; wait before the next try."""

    code = "throttled"
    zh = "密码错误次数太多；请稍候再试。"

    def __init__(self, detail: str = "", *, seconds: int = 1) -> None:
        super().__init__(detail)
        self.seconds = seconds


class Broken(SiyuError):
    """The installation is not well; `siyu doctor` says what is wrong."""

    code = "broken"
    zh = "安装有问题；`siyu doctor` 会说明原因。"


class BadSettings(Broken):
    """A setting is unknown or has a value that can't be used."""

    code = "bad_settings"
    zh = "有一项设置不认识，或取值不能用。"


class DatabaseDown(Broken):
    """The database can't be reached."""

    code = "database_down"
    zh = "连不上数据库。"
