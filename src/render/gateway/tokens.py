"""Whose a token of the identity provider is. Written by langop for a gateway that takes tokens beside keys of agents.

A token is a JSON Web Token that the provider signed. It is checked here alone, against the provider's public keys: those
of a URL, which are asked for when a key is met that is not known, or those of a file beside this one.

What a token may decide is little. Which algorithm its signature has must follow from the key, never from the token; keys
that both sides would share, keys that are too short and keys that are not for signatures are none. Issuer and audience
must be those of this gateway, and a token without an end is none.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import httpx
import jwt
from jwt import PyJWK

FILE = Path(__file__).with_name("jwks.json")
# Seconds by which the clocks of the provider and of this pod may differ.
SKEW = 60
# The longest token, in characters: longer than the headers that most servers take.
LONGEST = 16_384
# The largest set of keys, in bytes, the most of it that is looked at, and the most keys that are kept.
LARGEST, MOST_SEEN, MOST_KEYS = 1_048_576, 1000, 100
# Seconds after which keys are asked for again, those between two tries, and those for which keys are good while the
# provider does not answer.
FRESH, PAUSE, STALE = 600, 30, 86_400
# Seconds that the provider has to answer.
PATIENCE = 10
# Kubernetes serves its set as the second kind, and nothing else.
KINDS = "application/json, application/jwk-set+json"
# Teams that are looked at in a token.
MOST_TEAMS = 1000

RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
# The algorithms of a key, by its type and its curve.
ALGORITHMS = {
    ("RSA", None): RSA,
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
SHORTEST_RSA = 2048


class Refused(Exception):
    """Why a token is none of this gateway."""


class Unknown(Exception):
    """The provider's keys are not known."""


class Key:
    """A public key of the provider."""

    def __init__(self, said):
        self.id = said.get("kid")
        kind = (said["kty"], said.get("crv") if said["kty"] != "RSA" else None)
        # A key that may be shared, or that one could sign with, is none to check by.
        self.algorithms = () if "d" in said else ALGORITHMS.get(kind, ())
        if said.get("alg"):
            self.algorithms = tuple(name for name in self.algorithms if name == said["alg"])
        if said.get("use", "sig") != "sig" or "verify" not in said.get("key_ops", ["verify"]):
            self.algorithms = ()
        self.key = PyJWK(said, self.algorithms[0]).key if self.algorithms else None
        if kind[0] == "RSA" and self.key is not None and self.key.key_size < SHORTEST_RSA:
            self.algorithms = ()


def keys_of(text):
    """The keys of a set that signatures are checked by. One that is none of them hides no other."""
    found = []
    for said in json.loads(text)["keys"][:MOST_SEEN]:
        try:
            key = Key(said)
        except Exception:
            continue
        if key.algorithms and len(found) < MOST_KEYS:
            found.append(key)
    if not found:
        raise ValueError("no key")
    return found


class Keys:
    """The provider's keys, as they were read last."""

    def __init__(self):
        self.of, self.keys, self.read, self.tried = None, [], 0, -PAUSE
        self.turn, self.renewal = asyncio.Lock(), None

    async def named(self, key_id, url):
        """Those that a token may be signed with, by what it says of its key."""
        if url is None:
            self.from_file()
        else:
            await self.from_url(url, lambda: any(key.id == key_id for key in self.keys))
        named = [key for key in self.keys if key.id == key_id]
        # A token that names no key is one of the only key.
        return named if key_id is not None else self.keys if len(self.keys) == 1 else named

    def from_file(self):
        try:
            version = FILE.stat().st_mtime_ns
            if version != self.of:
                self.of, self.keys = version, keys_of(FILE.read_text())
        except Exception as error:
            # What cannot be read says nothing new.
            if self.of is None:
                raise Unknown(f"the key set cannot be read ({type(error).__name__})") from None

    async def from_url(self, url, has_key):
        if url != self.of:
            self.of, self.keys, self.read, self.tried = url, [], -STALE, -PAUSE
        if not has_key() or self.age() >= STALE:
            # Whoever comes while it is asked for waits for what is answered.
            async with self.turn:
                if (not has_key() or self.age() >= STALE) and self.is_time():
                    await self.fetch(url)
        elif self.age() >= FRESH and self.is_time():
            # Nobody waits while the keys that are known are good.
            self.tried = time.monotonic()
            self.renewal = asyncio.create_task(self.fetch(url))
        if self.age() >= STALE:
            raise Unknown("the keys of the identity provider are not known: it does not answer")

    def age(self):
        return time.monotonic() - self.read

    def is_time(self):
        return time.monotonic() - self.tried >= PAUSE

    async def fetch(self, url):
        self.tried = time.monotonic()
        try:
            keys = keys_of(await asyncio.wait_for(download(url), PATIENCE))
            # Meanwhile the description may name another place.
            if url == self.of:
                self.keys, self.read = keys, time.monotonic()
        except Exception as error:
            # A provider may answer anything: what it answers says nothing new.
            print(f"langop: the key set cannot be read ({type(error).__name__})", file=sys.stderr, flush=True)


async def download(url):
    """What stands at a URL. A redirection is no key set, and is not followed."""
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        async with client.stream("GET", url, headers={"accept": KINDS}) as answer:
            answer.raise_for_status()
            text = b""
            async for part in answer.aiter_bytes():
                text += part
                if len(text) > LARGEST:
                    raise ValueError("too large")
            return text


KEYS = Keys()

WORDS = {
    jwt.ExpiredSignatureError: "it is expired",
    jwt.ImmatureSignatureError: "it is not valid yet",
    jwt.InvalidIssuerError: "it is of another issuer",
    jwt.InvalidAudienceError: "it is for another audience",
    jwt.MissingRequiredClaimError: "it has not the claims `iss`, `aud` and `exp`",
    jwt.InvalidSignatureError: "its signature is wrong",
}


async def teams_of(token, said):
    """What a token says of the teams of its caller. `said` is what the description says of tokens."""
    if len(token) > LONGEST:
        raise Refused("it is too long")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise Refused("it is none") from None
    keys = await KEYS.named(header.get("kid"), said.get("url"))
    fitting = [key for key in keys if header.get("alg") in key.algorithms]
    if not fitting:
        raise Refused("no key of the identity provider is its")
    why = None
    for key in fitting:
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[header["alg"]],
                issuer=said["issuer"],
                audience=said["audience"],
                leeway=SKEW,
                options={"require": ["iss", "aud", "exp"]},
            )
            return texts(claim(claims, said["teamClaim"]))
        except jwt.PyJWTError as error:
            why = next((words for kind, words in WORDS.items() if isinstance(error, kind)), "it is none")
    raise Refused(why)


def claim(claims, name):
    """A claim by its name, or by its path through others."""
    if name in claims:
        return claims[name]
    found = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def texts(value):
    listed = value if isinstance(value, list) else [value]
    return {one for one in listed[:MOST_TEAMS] if isinstance(one, str)}
