"""Signing is a contract with other people's programs: it is held to a vector made without our code."""

import pytest

from services.desk.core.signature import sign, signing_text

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_signature_is_what_openssl_makes_of_the_five_lines():
    """printf 'GET\\n/v1/replies?since=\\n1763258400\\nnonce-0123456789\\n%s' e3b0… | openssl dgst -sha256 -hmac …"""
    text = signing_text("GET", b"/v1/replies?since=", 1_763_258_400, "nonce-0123456789", EMPTY)
    assert text.decode().splitlines() == [
        "GET",
        "/v1/replies?since=",
        "1763258400",
        "nonce-0123456789",
        EMPTY,
    ]
    assert (
        sign(b"anxin-example-key-of-docs-http-md", text)
        == "97b7ef6780af7ea822e92fdb90705c12624fac2adc1900b5fd159821d14d88e4"
    )


@pytest.mark.parametrize("place", range(5))
def test_every_line_counts(place):
    parts = ["POST", b"/v1/x", 1_763_258_400, "nonce-0123456789", EMPTY]
    changed = ["PUT", b"/v1/y", 1_763_258_401, "nonce-0123456780", EMPTY[::-1]]
    other = [*parts[:place], changed[place], *parts[place + 1 :]]
    key = b"k" * 32
    assert sign(key, signing_text(*parts)) != sign(key, signing_text(*other))
