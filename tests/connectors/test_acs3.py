"""The signature against the example that Aliyun publishes with its description of V3."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from siyu.connectors.acs3 import Request, encoded, headers, signature

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
IMAGE = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
QUERY = f"ImageId={IMAGE}&RegionId=cn-shanghai"
HEADERS = {
    "host": "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": EMPTY,
    "x-acs-date": "2023-10-26T10:22:32Z",
    "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    "x-acs-version": "2014-05-26",
}


def test_the_published_example_comes_out_to_the_letter() -> None:
    request = Request(QUERY, HEADERS, b"")

    assert (
        encoded({k: v for k, _, v in (pair.partition("=") for pair in QUERY.split("&"))}) == QUERY
    )
    assert signature("YourAccessKeySecret", request, tuple(sorted(HEADERS))) == (
        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_a_request_carries_all_that_is_signed_and_how() -> None:
    at = datetime(2026, 11, 20, 2, 0, 1, tzinfo=UTC)
    made = headers(
        ("id", "secret"),
        "sms.example",
        ("SendSms", "2017-05-25"),
        Request("a=1", {}, b"x"),
        at,
        "n",
    )

    assert made["x-acs-date"] == "2026-11-20T02:00:01Z"
    assert made["x-acs-content-sha256"] == sha256(b"x").hexdigest()
    signed = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
    prefix = f"ACS3-HMAC-SHA256 Credential=id,SignedHeaders={signed},Signature="
    assert made["authorization"].startswith(prefix)
    assert "secret" not in made["authorization"]


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1), st.binary())
def test_a_changed_byte_is_another_signature(parameters: dict[str, str], body: bytes) -> None:
    query = encoded({key: value for key, value in parameters.items() if _writable(key + value)})
    signed = tuple(sorted(HEADERS))
    one = signature("s", Request(query, HEADERS, body), signed)

    assert one != signature("s", Request(query, HEADERS, body + b"!"), signed)
    assert one != signature("s", Request(query + "x", HEADERS, body), signed)
    assert one != signature("t", Request(query, HEADERS, body), signed)


def _writable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)
