"""An identity provider on loopback: real keys, codes used once, PKCE checked, error bodies as real ones write them.

Bodies of OpenID Connect as Keycloak words them. `spoil` changes an answer on its way out; `down` gives none.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "anxin", "kV3-9fQz0_b71LmXw2cTyR5u"
WAIT_S_MAX = 10.0
Got = tuple[int, Any]
"""Status and body: bytes as they are, else written as JSON."""


@cache
def key(algorithm: str, name: str = "one") -> Any:
    """One for each algorithm and name: they take long to make."""
    given = {"kid": f"{algorithm}-{name}", "use": "sig"}
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", given)
    if algorithm in ("EdDSA", "Ed25519"):
        return OKPKey.generate_key("Ed25519", given)
    return RSAKey.generate_key(2048, given)


class Loopback:
    """Answers by the first part of the path: `_token` for /token. `asked`: (path, what was said in query and body)."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.down = False
        self.gate = threading.Event()
        self.gate.set()
        self.spoil: Callable[[str, Got], Got] = lambda _, got: got
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._serve(self)

            do_POST = do_GET  # noqa: N815 - the server's name

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def times(self, path: str) -> int:
        return sum(one == path for one, _ in self.asked)

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    def routes(self) -> Mapping[str, Callable[[dict[str, str], Any], Got]]:
        raise NotImplementedError

    def _serve(self, asked: BaseHTTPRequestHandler) -> None:
        self.gate.wait(WAIT_S_MAX)
        if self.down:
            asked.connection.close()
            return
        raw = asked.rfile.read(int(asked.headers["Content-Length"] or 0)).decode()
        path = urlsplit(asked.path).path
        said = dict(parse_qsl(urlsplit(asked.path).query))
        said |= json.loads(raw) if raw.startswith("{") else dict(parse_qsl(raw))
        self.asked.append((path, said))
        route = self.routes().get(path)
        status, body = self.spoil(path, route(said, asked) if route else (404, {"error": "none"}))
        plain = body if isinstance(body, bytes) else json.dumps(body).encode()
        asked.send_response(status)
        if status == 302:
            asked.send_header("Location", plain.decode())
        asked.send_header("Content-Length", str(len(plain)))
        asked.end_headers()
        asked.wfile.write(plain)


class Identity(Loopback):
    """`who`: the person who sits there and agrees. `claims`: what the next tokens say instead."""

    def __init__(self, now: Callable[[], datetime], algorithm: str = "RS256") -> None:
        super().__init__()
        self.now, self.algorithm, self.who = now, algorithm, "sub-1"
        self.keys, self.signs = [key(algorithm)], key(algorithm)
        self.claims: dict[str, Any] = {}
        self.forge: Callable[[dict[str, Any]], str] | None = None
        self.ways = ["client_secret_basic", "client_secret_post"]
        self._codes: dict[str, dict[str, str]] = {}
        self._made = 0

    def line(self, more: str = "") -> str:
        """Of ANXIN_LOGINS."""
        return f"oidc issuer={self.url} client_id={CLIENT} secret={SECRET} {more}"

    def rotate(self, name: str) -> None:
        """Signs with a new key and shows only that one."""
        self.signs = key(self.algorithm, name)
        self.keys = [self.signs]

    def agree(self, url: str) -> str:
        """What the browser is sent back to when the person, at `url`, agrees."""
        asked = {name: some[0] for name, some in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        self._made += 1
        code = f"code-{self._made}"
        self._codes[code] = asked | {"who": self.who}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def routes(self) -> Mapping[str, Callable[[dict[str, str], Any], Got]]:
        return {
            "/.well-known/openid-configuration": self._discovery,
            "/keys": lambda *_: (200, KeySet(list(self.keys)).as_dict(private=False)),
            "/token": self._token,
        }

    def _discovery(self, *_: Any) -> Got:
        return 200, {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": self.ways,
        }

    def _token(self, said: dict[str, str], asked: Any) -> Got:
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        posted = (said.get("client_id"), said.get("client_secret")) == (CLIENT, SECRET)
        if asked.headers["Authorization"] != basic and not posted:
            words = "Invalid client or Invalid client credentials"
            return 401, {"error": "unauthorized_client", "error_description": words}
        began = self._codes.pop(said["code"], None)
        if began is None or began["redirect_uri"] != said["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "Code not valid"}
        if challenge_of(said["code_verifier"]) != began["code_challenge"]:
            words = "PKCE verification failed: Code mismatch"
            return 400, {"error": "invalid_grant", "error_description": words}
        now_s = int(self.now().timestamp())
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": began["who"], "nonce": began["nonce"],
            "iat": now_s, "exp": now_s + 300, "typ": "ID", "name": "张三",
        } | self.claims  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.forge(claims) if self.forge else self.sign(claims)
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": token}

    def sign(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.signs.kid, "typ": "JWT"}
        return jwt.encode(header, claims, self.signs, registry=_registry(self.algorithm))


def challenge_of(verifier: str) -> str:
    """RFC 7636, 4.6."""
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def unsigned(claims: dict[str, Any]) -> str:
    """alg none (RFC 8725, 2.1)."""
    return _compact({"alg": "none", "typ": "JWT"}, claims) + "."


def confused(claims: dict[str, Any]) -> str:
    """HS256 with the public key for a secret (RFC 8725, 2.1)."""
    shown = key("RS256")
    signed = _compact({"alg": "HS256", "kid": shown.kid}, claims)
    secret = shown.as_pem(private=False)
    return f"{signed}.{_base64url(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def _compact(head: dict[str, Any], claims: dict[str, Any]) -> str:
    return ".".join(_base64url(json.dumps(one).encode()) for one in (head, claims))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _registry(algorithm: str) -> JWSRegistry:
    return JWSRegistry(algorithms=[algorithm])
