"""Who may call the gateway, and what. Written by langop; LiteLLM loads it from beside config.yaml.

The master key is an administrator. An agent's key is `sk-langop-<id>.<mac>`, where the mac is the
first 32 hexadecimal digits of HMAC-SHA256 of the id: it can be checked without a list of agents.
Agents call models and nothing else.
"""

import hashlib
import hmac
import os

from fastapi import HTTPException
from litellm.proxy._types import LitellmUserRoles, UserAPIKeyAuth

PREFIX = "sk-langop-"

# Paths of model calls, with and without the version.
CALLS = (
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/images/",
    "/audio/",
    "/messages",
    "/moderations",
    "/models",
    "/rerank",
    "/responses",
)
OPEN = tuple("/v1" + path for path in CALLS) + CALLS + ("/v1beta/models/",)

# Set when the description switches authentication off: everyone is then an agent.
ANYONE = os.environ.get("LANGOP_GATEWAY_OPEN") == "true"


def same(one, other):
    return hmac.compare_digest(one.encode(), other.encode())


def agent_of(key):
    """The id in an agent's key, or nothing when the key is not one of this gateway."""
    if not key.startswith(PREFIX):
        return None
    agent, _, mac = key[len(PREFIX):].rpartition(".")
    secret = os.environ.get("LANGOP_GATEWAY_HMAC_SECRET", "")
    if not (agent and secret):
        return None
    digest = hmac.new(secret.encode(), agent.encode(), hashlib.sha256).hexdigest()
    return agent if same(mac, digest[:32]) else None


async def user_api_key_auth(request, api_key):
    key = api_key or ""
    master = os.environ.get("LITELLM_MASTER_KEY", "")
    if master and same(key, master):
        return UserAPIKeyAuth(api_key=key, user_role=LitellmUserRoles.PROXY_ADMIN)
    agent = agent_of(key) or ("anyone" if ANYONE else None)
    if agent is None:
        # Another exception would be answered with 500.
        raise HTTPException(status_code=401, detail="not a key of this gateway")
    if not request.url.path.startswith(OPEN):
        raise HTTPException(status_code=403, detail="agents call models only")
    return UserAPIKeyAuth(
        api_key=key or None,
        user_id=agent,
        user_role=LitellmUserRoles.INTERNAL_USER,
        metadata={"langop_agent_id": agent},
    )
