"""The XML of callbacks. No document type is read: so there are no entities, and nothing expands."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError, SubElement, XMLParser, tostring

from siyu.kernel.errors import BadInput
from siyu.kernel.sentence import Sentence

LARGEST = 1_000_000  # bytes


def read(text: bytes) -> Element:
    """The root of a callback's XML."""
    if len(text) > LARGEST or b"<!DOCTYPE" in text.upper() or b"\0" in text:
        raise _unreadable()
    parser = XMLParser(encoding="utf-8")  # noqa: S314 - no document type comes this far
    try:
        parser.feed(text)
        root = parser.close()
    except (ParseError, ValueError, LookupError):
        raise _unreadable() from None
    if root.tag != "xml":
        raise _unreadable()
    return root


def fields(root: Element) -> dict[str, str]:
    """The plain fields of a callback by name: those that hold text and nothing else."""
    return {one.tag: (one.text or "").strip() for one in root if len(one) == 0}


def write(values: Mapping[str, str]) -> bytes:
    """A flat callback."""
    root = Element("xml")
    for name, value in values.items():
        SubElement(root, name).text = value
    return tostring(root, encoding="utf-8")


def _unreadable() -> BadInput:
    return BadInput(
        Sentence("the callback is not XML that can be read", "回调内容不是可以读取的 XML")
    )
