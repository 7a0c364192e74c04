"""One HTTP POST to somebody else's service. Redirects are not followed: an address holds a secret."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

ANSWER_S_MAX = 10.0
ANSWER_BYTES_MAX = 16_384


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and the beginning of the answer; 0 and the kind of failure where none came. Never raises for the network.

    A failure does not say whether the other side has it. `url` is http(s); proxies of the environment are used.
    """
    asked = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310 - checked at start
    try:
        with _OPENER.open(asked, timeout=ANSWER_S_MAX) as answer:
            return answer.status, answer.read(ANSWER_BYTES_MAX)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(ANSWER_BYTES_MAX)
    except (OSError, HTTPException) as error:
        why = getattr(error, "reason", error)
        return 0, type(why).__name__.encode()  # its text may repeat the address
