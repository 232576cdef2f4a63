"""Prints an identity provider: its key set, the set after a rotation, and tokens, those that are good and those of attackers.

A token is named by what is wrong with it; `good` has the teams `red` and `blue`.
"""

import base64
import hashlib
import hmac
import json
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://login.example.com/realms/acme", "langop"
NOW = int(time.time())

own, next_one, stranger, short = (rsa.generate_private_key(65537, size) for size in (2048, 2048, 2048, 1024))
curve, edwards = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()


def public(algorithm, key, **more):
    return json.loads(algorithm.to_jwk(key.public_key())) | more


# Beside keys that are good: one that both sides would share, one that is too short, one for encryption, one that one could
# sign with, and what is no key at all.
KEYS = [
    public(RSAAlgorithm, own, kid="own", use="sig", alg="RS256"),
    public(ECAlgorithm, curve, kid="curve", use="sig"),
    public(OKPAlgorithm, edwards, kid="edwards"),
    {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(b"a key that both sides share, long enough").decode()},
    public(RSAAlgorithm, short, kid="short"),
    public(RSAAlgorithm, stranger, kid="encrypts", use="enc"),
    json.loads(RSAAlgorithm.to_jwk(next_one)) | {"kid": "private"},
    {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
    {"kid": "nothing"},
    "no key",
]


def claims(**changed):
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "someone@example.com", "iat": NOW, "exp": NOW + 3600}
    said |= {"groups": ["blue", "red", "elsewhere"]} | changed
    return {name: value for name, value in said.items() if value is not None}


def token(said, key=own, algorithm="RS256", kid="own", **header):
    headers = header if kid is None else {"kid": kid} | header
    return jwt.encode(said, key, algorithm=algorithm, headers=headers)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def by_hand(header, signature=""):
    return f"{part(header)}.{part(claims())}.{signature}"


def shared_with_public_key():
    """The old confusion of keys: the public key, which all have, as the secret of an HMAC."""
    pem = own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part({'alg': 'HS256', 'kid': 'own'})}.{part(claims())}"
    mac = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


good = token(claims())
head, body, signature = good.split(".")
tokens = {
    "good": good,
    "curve": token(claims(), curve, "ES256", "curve"),
    "edwards": token(claims(), edwards, "EdDSA", "edwards"),
    "one text": token(claims(groups="red")),
    "within": token(claims(groups=None, realm_access={"groups": ["red"]})),
    "several audiences": token(claims(aud=["other", AUDIENCE])),
    "late by a little": token(claims(exp=NOW - 20)),
    "early by a little": token(claims(nbf=NOW + 20)),
    "blocked": token(claims(groups=["stopped"])),
    "cats": token(claims(groups=["cats"])),
    "next": token(claims(), next_one, "RS256", "next"),
    # None of these may be taken.
    "bad: expired": token(claims(exp=NOW - 120)),
    "bad: not yet": token(claims(nbf=NOW + 120)),
    "bad: of tomorrow": token(claims(iat=NOW + 86400, exp=NOW + 90000)),
    "bad: without an end": token(claims(exp=None)),
    "bad: end is text": token(claims(exp="never")),
    "bad: other issuer": token(claims(iss=ISSUER + "/")),
    "bad: no issuer": token(claims(iss=None)),
    "bad: other audience": token(claims(aud="langop2")),
    "bad: no audience": token(claims(aud=None)),
    "bad: no algorithm": by_hand({"alg": "none", "kid": "own"}),
    "bad: no algorithm, in capitals": by_hand({"alg": "None", "kid": "own"}, "AAAA"),
    "bad: key confusion": shared_with_public_key(),
    "bad: shared key": jwt.encode(
        claims(), "a key that both sides share, long enough", algorithm="HS256", headers={"kid": "shared"}
    ),
    "bad: other algorithm of the key": token(claims(), own, "RS512"),
    "bad: algorithm of another key": token(claims(), curve, "ES256", "own"),
    "bad: stranger": token(claims(), stranger),
    "bad: stranger without a name": token(claims(), stranger, kid=None),
    "bad: unknown key": token(claims(), stranger, kid="unknown"),
    "bad: for encryption": token(claims(), stranger, kid="encrypts"),
    "bad: short": token(claims(), short, kid="short"),
    "bad: private": token(claims(), next_one, kid="private"),
    "bad: brings its key": token(claims(), stranger, jwk=public(RSAAlgorithm, stranger), kid=None),
    "bad: names its keys": token(claims(), stranger, jku="https://keys.test/jwks.json"),
    "bad: critical": by_hand({"alg": "RS256", "kid": "own", "crit": ["x"], "x": 1}, signature),
    "bad: changed": f"{head}.{part(claims(groups=['red']))}.{signature}",
    "bad: no signature": f"{head}.{body}.",
    "bad: no JSON": f"{head}.e30x.{signature}",
    "bad: kid is a list": by_hand({"alg": "RS256", "kid": ["own"]}, signature),
    "bad: long": token(claims(filler="x" * 20_000)),
    "none: no team": token(claims(groups=["elsewhere"])),
    "none: no claim": token(claims(groups=None)),
    "none: claim is a number": token(claims(groups=7)),
    "none: claim is an object": token(claims(groups={"red": True})),
}
rotated = [key for key in KEYS if not isinstance(key, dict) or key.get("kid") != "own"]
rotated.append(public(RSAAlgorithm, next_one, kid="next"))
print(json.dumps({"keys": {"keys": KEYS}, "rotated": {"keys": rotated}, "tokens": tokens}))
