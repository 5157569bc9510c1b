"""Bodies of any size, and JSON that only looks like one thing; on a bare socket where needed."""

from __future__ import annotations

import json
import resource
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from siyu.api.pressure import MOST_BYTES

HUGE = 50 * 1024 * 1024
PIECE = 256 * 1024
SLACK = 16 * 1024 * 1024  # what the sockets' buffers may swallow
ORDER = '{"shop": "s", "order_no": "%s", "currency": "CNY", "total_minor": %s}'


def _send(url: httpx.URL, headers: dict[str, str], pieces: Iterator[bytes]) -> tuple[int, bytes]:
    """How many bytes went out before the answer came, and the answer."""
    sent, answer = 0, b""
    with socket.create_connection((url.host, url.port or 80), timeout=30) as line:
        said = {"Host": url.host, "Connection": "close", **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        line.sendall(f"POST {url.path} HTTP/1.1\r\n{head}\r\n".encode())
        line.setblocking(False)
        for piece in pieces:
            rest = piece
            while rest and not answer:
                try:
                    done = line.send(rest)
                    rest, sent = rest[done:], sent + done
                except BlockingIOError:
                    pass
                except OSError:  # it has hung up; the answer may still be there
                    rest = b""
                try:
                    answer = line.recv(65_536)
                except BlockingIOError:
                    pass
                except OSError:
                    return sent, answer
            if answer:
                break
        line.setblocking(True)
        while not answer.endswith(b"}"):
            more = line.recv(65_536)
            if not more:
                break
            answer += more
    return sent, answer


@pytest.mark.parametrize("path", ["/api/v1/events", "/hooks/webhook/receipts"])
@pytest.mark.parametrize("chunked", [True, False])
def test_fifty_megabytes_are_refused_while_they_come(
    door, unchanged: Callable[[], int], path: str, *, chunked: bool
) -> None:
    piece = b" " * PIECE
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if chunked:
        wrapped = f"{PIECE:x}\r\n".encode() + piece + b"\r\n"
        pieces, headers = iter([wrapped] * (HUGE // PIECE)), {"Transfer-Encoding": "chunked"}
    else:
        pieces, headers = iter([piece] * (HUGE // PIECE)), {"Content-Length": str(HUGE)}
    sent, answer = _send(door.http.base_url.join(path), headers, pieces)

    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
    assert b"at most 8 MiB" in answer
    assert b"application/problem+json" in answer
    assert sent < MOST_BYTES + SLACK < HUGE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < HUGE / 1024


@pytest.mark.parametrize("length", ["9" * 18, str(2**40)])
def test_a_length_that_is_only_claimed_is_refused_at_once(
    door, unchanged: Callable[[], int], length: str
) -> None:
    sent, answer = _send(
        door.http.base_url.join("/api/v1/events"), {"Content-Length": length}, iter(())
    )

    assert sent == 0
    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]


def test_a_chunked_body_that_is_small_enough_is_read(door) -> None:
    body = _event("chunked", ORDER % ("chunked", 100))
    headers = {**door.signed(body)}
    answer = door.http.post(
        "/api/v1/events", content=(body[n : n + 7] for n in range(0, len(body), 7)), headers=headers
    )

    assert [one["status"] for one in answer.json()["answers"]] == ["accepted"]


def _event(name: str, data: str, more: str = "") -> bytes:
    start = f'{{"events": [{{"source": "sizes", "id": "{name}", "kind": "order.paid"'
    rest = '"occurred_at": "2026-03-02T10:00:00+08:00", "keys": {"buyer": "tmall/1"}'
    return f'{start}, {rest}, "data": {data}{more}}}]}}'.encode()


def _one(door, body: bytes) -> dict[str, Any]:
    answer = door.post(body)
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["answers"]
    return one


def test_of_a_name_that_comes_twice_the_last_holds_and_is_what_is_answered(door) -> None:
    found = _one(door, _event("first", ORDER % ("D1", 100), ', "id": "second"'))

    assert (found["id"], found["status"]) == ("second", "accepted")
    stored = door.app.db.fetch("select source_id from event where source = 'sizes'")
    assert ("second",) in stored
    assert ("first",) not in stored


@pytest.mark.parametrize(
    "number",
    ["1" + "0" * 4_000, "1e400", "-1", "1.0000001", "9223372036854775808", "1e18", '"100"'],
    ids=lambda text: text[:12],
)
def test_a_number_that_is_no_amount_is_rejected_by_name(
    door, unchanged: Callable[[], int], number: str
) -> None:
    found = _one(door, _event("n", ORDER % ("N1", number)))

    assert found["status"] == "rejected"
    assert found["reason"]


@pytest.mark.parametrize(
    "text", ['"\\ud800"', '"\\udc00x"', '"\\ud800\\ud800"', '"a\\u0000b"'], ids=lambda t: t[1:9]
)
@pytest.mark.parametrize("field", ["id", "person", "data", "key"])
def test_half_a_letter_is_refused_and_nothing_is_stored(
    door, unchanged: Callable[[], int], field: str, text: str
) -> None:
    more = {
        "id": f', "id": {text}',
        "person": f', "person": {{"name": {text}}}',
        "data": "",
        "key": f', "keys": {{"buyer": {text}}}',
    }[field]
    data = ORDER % ("S1", 1)
    if field == "data":
        data = data.replace('"S1"', text)
    answer = door.post(_event("s", data, more))

    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 200:
        assert [one["status"] for one in answer.json()["answers"]] == ["rejected"]
        json.dumps(answer.json()).encode()
