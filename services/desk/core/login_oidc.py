"""统一身份认证: OpenID Connect, authorization code flow with PKCE (OIDC Core 3.1, RFC 7636, RFC 9700)."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet
from joserfc.jws import JWSRegistry

from services.desk.core.login import (
    Ask,
    Attempt,
    NoLogin,
    Talk,
    address,
    code_of,
    is_safe,
    text_of,
)

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Public keys only: with HS256 among them a public key could pass for a shared secret (RFC 8725, 2.1)."""
LEEWAY_S = 60
KEEP_S = 3_600
KEYS_MAX = 50
SUBJECT_CHARS_MAX = 255
_REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


class KeyMissing(Exception):  # noqa: N818 - keys are rotated
    """None of these keys signed it: they may be of yesterday."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """`claim`: names the person. Only `sub` is sure to be one person's for good (OIDC Core 5.7)."""

    issuer: str
    client_id: str
    secret: str
    claim: str = "sub"
    name: str = "统一身份认证"
    agents = ()

    @property
    def name_zh(self) -> str:
        return self.name

    def begin(self, attempt: Attempt, back: str, *, inside: bool) -> Talk[str]:
        """OIDC Core 3.1.2.1."""
        found = yield from self._discovered()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back,
            "scope": "openid" if self.claim == "sub" else "openid profile",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return address(found["authorization_endpoint"], asked)

    def identify(
        self, attempt: Attempt, back: str, query: Mapping[str, str], now_s: int
    ) -> Talk[str]:
        if query.get("iss", self.issuer) != self.issuer:  # RFC 9207: another provider's answer
            raise NoLogin("state", "iss")
        code = code_of(query, "code")
        found = yield from self._discovered()
        answer = yield self._exchange(found, attempt, back, code)
        said = answer.said()
        if answer.status != 200:
            error = str(said.get("error", answer.status))
            raise NoLogin("code" if error == "invalid_grant" else "answer", error)
        token = text_of(said, "id_token")
        keys = Ask(found["jwks_uri"], keep_s=KEEP_S)
        try:
            claims = self._claims(token, (yield keys).said(), attempt, now_s)
        except KeyMissing:
            fresh = yield Ask(keys.url, keep_s=KEEP_S, renew=True)
            try:
                claims = self._claims(token, fresh.said(), attempt, now_s)
            except KeyMissing:
                raise NoLogin("answer", "signature") from None
        subject = text_of(claims, self.claim)
        if len(subject) > SUBJECT_CHARS_MAX:
            raise NoLogin("answer", "long-claim")
        return subject

    def _discovered(self) -> Talk[dict[str, Any]]:
        """OIDC Discovery 4: the issuer it names must be the one we asked."""
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        answer = yield Ask(url, keep_s=KEEP_S)
        found = answer.said()
        if answer.status != 200 or found.get("issuer") != self.issuer:
            raise NoLogin("answer", "issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_safe(found.get(name)):
                raise NoLogin("answer", name)
        return found

    def _exchange(self, found: Mapping[str, Any], attempt: Attempt, back: str, code: str) -> Ask:
        """OIDC Core 3.1.3.1. Which way the secret goes, the provider says (9)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": attempt.verifier,
        }
        ways = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in ways:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"  # RFC 6749, 2.3.1
            basic = base64.b64encode(pair.encode()).decode()
            return Ask(found["token_endpoint"], form, headers={"Authorization": f"Basic {basic}"})
        if "client_secret_post" not in ways:
            raise NoLogin("answer", "auth-method")
        own = {"client_id": self.client_id, "client_secret": self.secret}
        return Ask(found["token_endpoint"], form | own)

    def _claims(
        self, token: str, keys: Mapping[str, Any], attempt: Attempt, now_s: int
    ) -> dict[str, Any]:
        """OIDC Core 3.1.3.7. Raises KeyMissing, NoLogin."""
        expected = jwt.JWTClaimsRegistry(
            now=now_s,
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            claims = jwt.decode(token, key_set(keys), registry=_REGISTRY).claims
            expected.validate(claims)
        except (InvalidKeyIdError, BadSignatureError):
            raise KeyMissing from None
        except (JoseError, ValueError, RecursionError) as error:
            claim = getattr(error, "claim", "")
            raise NoLogin("answer", f"{type(error).__name__}:{claim}") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.client_id) != self.client_id:
            raise NoLogin("answer", "azp")
        if not hmac.compare_digest(str(claims.get("nonce")).encode(), attempt.nonce.encode()):
            raise NoLogin("answer", "nonce")
        return claims


def key_set(said: Mapping[str, Any]) -> KeySet:
    """A key that is not understood is passed over (RFC 7517, 5). Raises KeyMissing where none is left."""
    given = said.get("keys")
    found = []
    for one in given[:KEYS_MAX] if isinstance(given, list) else ():
        try:
            found.append(JWKRegistry.import_key(one))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    if not found:
        raise KeyMissing
    return KeySet(found)
