"""Session tokens against jwcrypto, in both directions."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from gameball_referrals import InvalidArgumentError, read_session_token, session_token
from gameball_referrals.testing import SECRET_KEY

jwk = pytest.importorskip("jwcrypto.jwk")
from jwcrypto import jwe, jws  # noqa: E402
from jwcrypto.common import base64url_encode  # noqa: E402

EXPIRES_AT = datetime(2030, 1, 1, tzinfo=timezone.utc)
KEY = jwk.JWK(kty="oct", k=base64url_encode(SECRET_KEY))


def test_jwcrypto_reads_ours() -> None:
    token = session_token(SECRET_KEY, "u1", EXPIRES_AT, "bob@example.com", "+491234567")
    outer = jwe.JWE(algs=["A256KW", "A256CBC-HS512"])
    outer.deserialize(token, KEY)
    inner = jws.JWS()
    inner.deserialize(outer.payload.decode(), KEY)
    assert json.loads(inner.jose_header if isinstance(inner.jose_header, str) else json.dumps(inner.jose_header)) == {
        "alg": "HS256",
        "typ": "JWT",
    }
    assert json.loads(inner.payload) == {
        "customerId": "u1",
        "exp": 1893456000,
        "customerEmail": "bob@example.com",
        "customerMobile": "+491234567",
    }


def test_we_read_jwcryptos() -> None:
    inner = jws.JWS(json.dumps({"customerId": "u1", "exp": 1893456000, "customerEmail": "bob@example.com"}))
    inner.add_signature(KEY, None, json.dumps({"alg": "HS256", "typ": "JWT"}))
    outer = jwe.JWE(inner.serialize(compact=True), json.dumps({"alg": "A256KW", "enc": "A256CBC-HS512"}))
    outer.add_recipient(KEY)
    claims = read_session_token(SECRET_KEY, outer.serialize(compact=True))
    assert claims is not None
    assert (claims.customer_id, claims.expires_at) == ("u1", EXPIRES_AT)
    assert (claims.email, claims.mobile) == ("bob@example.com", None)


def test_a_token_ends() -> None:
    token = session_token(SECRET_KEY, "u1", 1893456000)
    assert read_session_token(SECRET_KEY, token, now=1893455999)
    assert read_session_token(SECRET_KEY, token, now=EXPIRES_AT) is None


def test_a_key_of_another_length_is_refused_helpfully() -> None:
    with pytest.raises(InvalidArgumentError, match=r"has 20 bytes.*exactly 32.*rotate") as raised:
        session_token("x" * 20, "u1", EXPIRES_AT)
    assert raised.value.field == "secret_key"


@pytest.mark.parametrize("expires_at", [datetime(2030, 1, 1), "2030-01-01", 1.5, True, None])
def test_a_time_that_is_none_is_refused(expires_at: datetime) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        session_token(SECRET_KEY, "u1", expires_at)
    assert raised.value.field == "expires_at"
