"""A sentence for people in both languages; where only English is asked for it is a plain string."""

from __future__ import annotations

from typing import Literal, Self

Language = Literal["zh", "en"]
BESIDE = " ‖ "  # between the English and the Chinese of one text; also in web/src/ui/codes.ts


class Sentence(str):
    """English that knows itself in Chinese, both written at the place that says it.

    A string like any other, so that an error, a log or a terminal needs nothing new. A part that
    is a sentence itself goes into the Chinese one as `{part.zh}`; a test holds both to one content.
    """

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, en: str, zh: str) -> Self:
        """Both, with their values filled in."""
        made = super().__new__(cls, en)
        made.zh = zh
        return made

    def __str__(self) -> Self:
        """Itself, so that it survives an exception: `str(ValueError(sentence))` is the sentence."""
        return self

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, str]]:
        """A copy is one in both languages too."""
        return Sentence, (self[:], self.zh)


def within(language: Language, said: str) -> str:
    """What was said, in this language; words of others, such as a library's, stay as they are."""
    return said.zh if language == "zh" and isinstance(said, Sentence) else said


def kept(said: str, longest: int = 190) -> str:
    """A sentence as one text that holds both languages; a code, or others' words, as they are.

    >>> kept(Sentence("no script", "没有话术")), kept("too_long")
    ('no script ‖ 没有话术', 'too_long')
    """
    if not isinstance(said, Sentence) or said.zh == said[:]:
        return said[: 2 * longest]
    return f"{said[:longest]}{BESIDE}{said.zh[:longest]}"


def unkept(text: str) -> str:
    """What `kept` kept, a sentence again where it was one.

    >>> unkept("no script ‖ 没有话术").zh, unkept("too_long")
    ('没有话术', 'too_long')
    """
    en, beside, zh = text.partition(BESIDE)
    return Sentence(en, zh) if beside else text


def language_of(locale: str) -> Language:
    """The language of a brand, for what is written where nobody says what they read."""
    return "zh" if locale == "zh" else "en"


def wording(error: Exception) -> Sentence:
    """What an error says; of one that is not ours, people who read Chinese learn only where."""
    said = str(error)
    return said if isinstance(said, Sentence) else Sentence(said, "这里不能这样写")


def plain(value: object) -> str:
    """For encoders that know `str` alone: `enc_hook=plain` writes a sentence's English."""
    if isinstance(value, Sentence):
        return value[:]
    raise NotImplementedError(type(value).__name__)
