"""Who may call the gateway, and what. Written by langop; LiteLLM loads it from beside config.yaml.

The master key is an administrator. An agent's key is `sk-langop-<id>.<mac>`, where the id is the
agent's name and the mac the first 32 hexadecimal digits of its HMAC-SHA256: it can be checked without
a list of agents. Agents call models and nothing else; agents.json, where there is one, says how often
and which.
"""

import hashlib
import hmac
import json
import os
from pathlib import Path
from urllib.parse import unquote

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

# Keys of a body by which a caller would have other models called than the one it names.
REROUTES = (
    "fallbacks",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    "router_settings_override",
    "user_config",
)

# Set when the description switches authentication off: everyone is then an agent.
ANYONE = os.environ.get("LANGOP_GATEWAY_OPEN") == "true"

FILE = Path(__file__).with_name("agents.json")
AGENTS = json.loads(FILE.read_text()) if FILE.exists() else {"restricted": False, "agents": {}}


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


async def body_of(request):
    """What a call brings: JSON, a form, or nothing."""
    form = "form" in request.headers.get("content-type", "")
    try:
        return dict(await request.form()) if form else await request.json()
    except Exception:
        return None


async def models_of(request):
    """Every model that a call names, wherever it may name one; nothing when that cannot be told."""
    body = {} if request.method == "GET" else await body_of(request)
    if not isinstance(body, dict) or any(key in body for key in REROUTES):
        return []
    _, in_path, model = request.url.path.partition("/models/")
    # A model in the query counts for some paths only, one in the body or the path always.
    if not in_path and "model" not in body:
        return []
    named = request.query_params.getlist("model")
    named += [body["model"]] if "model" in body else []
    named += [unquote(model).rsplit(":", 1)[0]] if in_path else []
    return named


async def refuse_foreign_models(request, models):
    if request.method == "GET" and request.url.path.rstrip("/").endswith("/models"):
        return
    named = await models_of(request)
    if not named or any(name not in models for name in named):
        raise HTTPException(status_code=403, detail="not a model of this agent")


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
    allowed = AGENTS["agents"].get(agent, {})
    models = []
    if AGENTS["restricted"]:
        models = allowed.get("models", [])
        await refuse_foreign_models(request, models)
    return UserAPIKeyAuth(
        api_key=key or None,
        user_id=agent,
        user_role=LitellmUserRoles.INTERNAL_USER,
        # What /v1/models shows; an empty list would be everything.
        models=models or (["no-default-models"] if AGENTS["restricted"] else []),
        rpm_limit=allowed.get("requestsPerMinute"),
        tpm_limit=allowed.get("tokensPerMinute"),
        metadata={"langop_agent_id": agent},
    )
