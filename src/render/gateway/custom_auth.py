"""Who may call the gateway, and what a call may say. Written by langop; LiteLLM loads it from beside config.yaml.

The master key is an administrator. An agent's key is `sk-langop-<id>.<mac>`, where the id is the agent's name and
the mac the first 32 hexadecimal digits of its HMAC-SHA256. After the first epoch of its key the id is
`<name>.<epoch>`. An agent that agents.json does not list is nobody; the file also says how often each may call, which
models, and which epoch its key has. It is read again when it changed: an agent more or less restarts nothing. Until
when the key of the epoch before is good stands in `<name>.previous-key`.

The kubelet brings the changed file up to a minute and a half late, while a new agent calls at once. Only langop makes
keys with a right mac, so a call with such a key waits for the file to list its agent, and no longer than that takes.

LiteLLM reads far more of a call than the protocols have: fields that name another vendor, deployment, region, key
or callback. So an agent's call may hold what its protocol has, as listed here, and a call with anything else, in
its body or its query, is refused with 403. Headers that no protocol has are dropped before LiteLLM looks at them.
"""

import asyncio
import hashlib
import hmac
import json
import math
import os
import re
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import litellm
from fastapi import HTTPException
from litellm.proxy._types import LitellmUserRoles, ProxyException, UserAPIKeyAuth
from starlette.datastructures import Headers

PREFIX = "sk-langop-"
# An agent's name, and after the first epoch of its key that epoch.
IDENTITY = re.compile(r"([^.]+)(?:\.([2-9]|[1-9][0-9]{1,8}))?", re.DOTALL)
# Langop itself, when it asks whether a gateway serves what is described.
CHECK = "langop-check"

# Seconds that a changed ConfigMap may take into a running pod. The kubelet hears of the change by a watch, looks at a pod
# again after its `syncFrequency`, a minute, lengthened at random by up to half, and then mounts
# (kubernetes.io/docs/concepts/configuration/configmap, "Mounted ConfigMaps are updated automatically", and
# `workerResyncIntervalJitterFactor` in the kubelet's pod_workers.go).
LONGEST_REFRESH = 100
# Seconds between two looks at the file.
PAUSE = 1
# Calls that may wait: with one key, so that it takes no places of others, and with all. Each has its body in memory.
WAITING_WITH_ONE_KEY, WAITING = 16, 256

# What a field may hold: anything, since it goes to the provider as it is; a type; a list of one of these; or an
# object of these by key, where the key `str` stands for any.
ANY = object()
FLAG = (bool, str)


def fields(names, **special):
    return dict.fromkeys(names.split(), ANY) | special


def google(names, **special):
    """Google takes its names in both spellings."""
    both = fields(names, **special)
    return both | {re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name): both[name] for name in both}


# A tool may name no model: LiteLLM or the provider would call that one, too.
TOOL = google(
    "type name description strict function parameters input_schema input_examples cache_control defer_loading "
    "allowed_callers eager_input_streaming format server_label server_url server_description headers authorization "
    "allowed_tools require_approval connector_id vector_store_ids max_num_results ranking_options filters "
    "search_context_size user_location container environment display_width display_height display_number "
    "background input_fidelity input_image_mask moderation output_compression output_format partial_images "
    "quality size max_uses allowed_domains blocked_domains citations max_content_tokens max_characters "
    "functionDeclarations googleSearch googleSearchRetrieval codeExecution urlContext googleMaps computerUse"
)
# LiteLLM takes `metadata` for its own, except where the protocol has it.
METADATA = {"user_id": str, "session_id": str}
ANTHROPIC_METADATA = {"user_id": str}
OPENAI_METADATA = {str: str}

# What servers of open models sample by.
SAMPLING = fields(
    "bad_words chat_template_kwargs enable_thinking guided_choice guided_grammar guided_json guided_regex ignore_eos "
    "include_reasoning include_stop_str_in_output length_penalty min_p min_tokens num_ctx reasoning_format "
    "repetition_penalty safe_prompt safety_settings skip_special_tokens stop_token_ids structured_outputs think top_a "
    "top_k use_beam_search"
)
CHAT = SAMPLING | fields(
    "audio cache_control frequency_penalty function_call functions logit_bias logprobs max_completion_tokens "
    "max_tokens messages modalities n parallel_tool_calls prediction presence_penalty prompt_cache_key "
    "prompt_cache_retention reasoning reasoning_effort response_format safety_identifier seed service_tier stop store "
    "stream stream_options temperature thinking tool_choice top_logprobs top_p verbosity web_search_options",
    model=str,
    user=str,
    metadata=METADATA,
    tools=[TOOL],
    # For the better: the answer of another model may be none.
    disable_fallbacks=FLAG,
)
COMPLETIONS = SAMPLING | fields(
    "best_of echo frequency_penalty logit_bias logprobs max_tokens n presence_penalty prompt seed stop stream "
    "stream_options suffix temperature top_p",
    model=str,
    user=str,
    metadata=METADATA,
)
EMBEDDINGS = fields(
    "dimensions encoding_format input input_type truncate", model=str, user=str, metadata=METADATA
)
RESPONSES = fields(
    "context_management conversation include input instructions max_output_tokens max_tool_calls parallel_tool_calls "
    "partial_images previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention "
    "reasoning safety_identifier service_tier store stream stream_options temperature text tool_choice top_logprobs "
    "top_p truncation",
    model=str,
    user=str,
    metadata=OPENAI_METADATA,
    tools=[TOOL],
)
MESSAGES = fields(
    "cache_control context_management max_tokens messages output_config output_format service_tier speed "
    "stop_sequences stream system temperature thinking tool_choice top_k top_p",
    model=str,
    metadata=ANTHROPIC_METADATA,
    tools=[TOOL],
)
IMAGES = fields(
    "background moderation n output_compression output_format partial_images prompt quality response_format size "
    "stream style",
    model=str,
    user=str,
)
IMAGE_EDITS = IMAGES | fields("image image[] input_fidelity mask mask[]")
SPEECH = fields("input instructions response_format speed stream_format voice", model=str)
TRANSCRIPTIONS = fields(
    "chunking_strategy file include[] known_speaker_names[] known_speaker_references[] language prompt "
    "response_format stream temperature timestamp_granularities timestamp_granularities[]",
    model=str,
)
MODERATIONS = fields("input", model=str)
RERANK = fields("documents max_chunks_per_doc max_tokens_per_doc query rank_fields return_documents top_n", model=str)
GENERATION = google(
    "audioTimestamp candidateCount frequencyPenalty imageConfig logprobs maxOutputTokens mediaResolution "
    "presencePenalty responseJsonSchema responseLogprobs responseMimeType responseModalities responseSchema seed "
    "speechConfig stopSequences temperature thinkingConfig topK topP"
)
GOOGLE = google("contents safetySettings systemInstruction toolConfig", generationConfig=GENERATION, tools=[TOOL])

# By method and path, the latter also with `/v1` before it.
ENDPOINTS = {
    ("GET", "/models"): {},
    ("POST", "/chat/completions"): CHAT,
    ("POST", "/completions"): COMPLETIONS,
    ("POST", "/embeddings"): EMBEDDINGS,
    ("POST", "/responses"): RESPONSES,
    ("POST", "/messages"): MESSAGES,
    ("POST", "/messages/count_tokens"): MESSAGES,
    ("POST", "/images/generations"): IMAGES,
    ("POST", "/images/edits"): IMAGE_EDITS,
    ("POST", "/audio/speech"): SPEECH,
    ("POST", "/audio/transcriptions"): TRANSCRIPTIONS,
    ("POST", "/moderations"): MODERATIONS,
    ("POST", "/rerank"): RERANK,
}
FORMS = ("/images/edits", "/audio/transcriptions")
ONE_MODEL = re.compile("/v1/models/(.+)|/models/(.+)", re.DOTALL)
GOOGLES = re.compile("(?:/v1beta)?/models/(.+):(?:generateContent|streamGenerateContent|countTokens)", re.DOTALL)
# Parameters of the query. Pages of a list, Anthropic's mark, and how Google streams.
QUERY = {"after_id", "alt", "before_id", "beta", "limit"}

HEADERS = {
    "accept", "accept-encoding", "accept-language", "anthropic-beta", "anthropic-version", "api-key", "authorization",
    "connection", "content-encoding", "content-length", "content-type", "expect", "forwarded", "host", "traceparent",
    "tracestate", "transfer-encoding", "user-agent", "via", "x-api-key", "x-goog-api-key",
    "x-litellm-api-key", "x-real-ip", "x-request-id",
}
# What an Ingress adds, and the clients of OpenAI and Anthropic.
HEADER_PREFIXES = ("x-forwarded-", "x-stainless-")

# Set when the description switches authentication off: everyone is then an agent.
ANYONE = os.environ.get("LANGOP_GATEWAY_OPEN") == "true"

FILE = Path(__file__).with_name("agents.json")


def same(one, other):
    return hmac.compare_digest(one.encode(), other.encode())


class Agents:
    """What is said of agents, as the file says it now."""

    version, said = None, None

    @classmethod
    def now(cls):
        try:
            version = FILE.stat().st_mtime_ns
            if version != cls.version:
                cls.version, cls.said = version, json.loads(FILE.read_text())
        except (OSError, ValueError):
            # What cannot be read says nothing new.
            if cls.said is None:
                raise
        return cls.said


# A gateway without the file does not start.
Agents.now()


def own(name, next_name):
    """A secret of this gateway, and the one that comes in its place while it is rotated."""
    return [secret for secret in (os.environ.get(name), os.environ.get(next_name)) if secret]


def is_made_here(identity, mac):
    secrets = own("LANGOP_GATEWAY_HMAC_SECRET", "LANGOP_NEXT_HMAC_SECRET")
    digests = [hmac.new(secret.encode(), identity.encode(), hashlib.sha256).hexdigest() for secret in secrets]
    return any(same(mac, digest[:32]) for digest in digests)


def is_good(agent, epoch):
    """Whether the key of this epoch is the present one, or the one before and not at its end yet."""
    # None but langop makes a key of a later epoch, and this file may be a minute behind.
    if epoch >= Agents.now()["agents"].get(agent, {}).get("epoch", 1):
        return True
    try:
        previous, _, end = FILE.with_name(f"{agent}.previous-key").read_text().strip().partition(" until ")
        end = datetime.fromisoformat(end.replace("Z", "+00:00"))
    except (OSError, ValueError):
        return False
    return str(epoch) == previous and datetime.now(timezone.utc) < end


def identity_of(key):
    """Whose key it is, and of which epoch, when langop made it for this gateway; else twice nothing."""
    identity, _, mac = key.removeprefix(PREFIX).rpartition(".")
    written = IDENTITY.fullmatch(identity) if key.startswith(PREFIX) else None
    return (written[1], int(written[2] or 1)) if written and is_made_here(identity, mac) else (None, None)


def is_listed(agent):
    return agent in Agents.now()["agents"] or agent == CHECK


class Waiting:
    """Calls of agents that the file does not list: how many wait with a key, and since when each is known of."""

    calls, version, since = Counter(), None, {}

    @classmethod
    def seconds_left(cls, identity):
        """How long the file may still take to list an agent. Every version of it starts anew: the next one may."""
        Agents.now()
        if cls.version != Agents.version:
            cls.version, cls.since = Agents.version, {}
        now = time.monotonic()
        return cls.since.setdefault(identity, now) + LONGEST_REFRESH - now

    @classmethod
    def is_full(cls, identity):
        return cls.calls[identity] >= WAITING_WITH_ONE_KEY or cls.calls.total() >= WAITING


async def is_gone(request):
    """Whether the caller has given up. Asked before the body is read, it would lose a part of that."""
    return getattr(request, "_stream_consumed", False) and await request.is_disconnected()


async def wait_until_listed(request, identity):
    """Gives the file the time that it may take to list a new agent."""
    agent, _ = identity
    left = 0 if is_listed(agent) else Waiting.seconds_left(identity)
    if left <= 0:
        return
    if Waiting.is_full(identity):
        refuse_for_now("too many calls wait for this agent to be known", left)
    Waiting.calls[identity] += 1
    try:
        while not is_listed(agent) and Waiting.seconds_left(identity) > 0 and not await is_gone(request):
            await asyncio.sleep(PAUSE)
    finally:
        Waiting.calls[identity] -= 1
        # Removes what is at zero.
        Waiting.calls += Counter()


async def agent_of(request, key):
    """The agent in a key, or nothing when the key is not a good one of an agent of this gateway."""
    agent, epoch = identity_of(key)
    if agent is None:
        return None
    if not ANYONE:
        await wait_until_listed(request, (agent, epoch))
    return agent if is_listed(agent) and is_good(agent, epoch) else None


def refuse(why, status=403):
    # Another exception would be answered with 500.
    raise HTTPException(status_code=status, detail=why)


def refuse_for_now(why, seconds):
    # LiteLLM drops the headers of the other exception.
    headers = {"Retry-After": str(math.ceil(seconds))}
    raise ProxyException(message=why, type="auth_error", param=None, code=401, headers=headers)


def endpoint_of(request):
    """What a call is for: its fields, whether it comes as a form, and the model in its path if there is one."""
    # Not the URL: that has what the caller wrote as its host.
    path, root = request.scope["path"], request.scope.get("root_path", "").rstrip("/")
    path = path.removeprefix(root) if root and path.startswith(root + "/") else path
    of_google = GOOGLES.fullmatch(path) if request.method == "POST" else None
    if of_google:
        return GOOGLE, False, of_google[1]
    listed = ONE_MODEL.fullmatch(path) if request.method == "GET" else None
    if listed:
        return {}, False, listed[1] or listed[2]
    path = path.removeprefix("/v1")
    if (request.method, path) not in ENDPOINTS:
        refuse("agents call models only")
    return ENDPOINTS[request.method, path], path in FORMS, None


async def body_of(request, is_form):
    """What a call brings, read as LiteLLM reads it whatever the endpoint."""
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if is_form:
        if kind != "multipart/form-data":
            refuse("this endpoint takes `multipart/form-data`", 415)
        pairs = (await request.form()).multi_items()
        body = dict(pairs)
        if len(body) != len(pairs):
            repeated = next(name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1)
            if not repeated.endswith("[]") and repeated not in ("image", "mask"):
                refuse(f"field `{shown(repeated)}` comes more than once")
        return body
    if kind not in ("", "application/json"):
        refuse("this endpoint takes `application/json`", 415)
    if not await request.body():
        return {}
    try:
        body = await request.json()
    except ValueError:
        refuse("the body is no JSON", 400)
    return body if isinstance(body, dict) else refuse("the body is no JSON object", 400)


def shown(name):
    return str(name)[:80]


def foreign(value, allowed, place):
    """The first field in a value that may not be there, by its path; nothing when all may."""
    if allowed is ANY or value is None:
        return None
    if isinstance(allowed, (type, tuple)):
        return None if isinstance(value, allowed) else place
    if not isinstance(value, type(allowed)):
        return place
    if isinstance(allowed, list):
        parts = ((item, allowed[0], f"{place}[{number}]") for number, item in enumerate(value))
    else:
        unknown = [key for key in value if key not in allowed and str not in allowed]
        if unknown:
            return f"{place}.{shown(unknown[0])}".lstrip(".")
        parts = ((item, allowed.get(key, allowed.get(str)), f"{place}.{shown(key)}") for key, item in value.items())
    return next((found.lstrip(".") for found in (foreign(*part) for part in parts) if found), None)


def refuse_foreign_fields(request, body, allowed):
    unknown = [name for name in request.query_params if name not in QUERY]
    if unknown:
        refuse(f"query parameter `{shown(unknown[0])}` is not one that an agent may set")
    # A call without fields of its own gets none.
    more = dict.fromkeys(Agents.now().get("fields", ()), ANY) if allowed else {}
    found = foreign(body, more | allowed, "")
    if found:
        refuse(f"field `{found}` is not one that an agent may set")
    for tool in body.get("tools") or []:
        # LiteLLM would call tools of its own servers.
        if str((tool or {}).get("server_url")).startswith("litellm_proxy"):
            refuse("field `tools.server_url` names this gateway")


def refuse_foreign_models(named, agent):
    if named is not None and "," in named:
        refuse("a call names one model")
    said = Agents.now()
    own = said["agents"].get(agent, {})
    if said["restricted"] and named not in [*own.get("models", []), *own.get("unlisted", [])]:
        refuse("not a model of this agent")


def is_dropped(header):
    return header.lower() not in HEADERS and not header.lower().startswith(HEADER_PREFIXES)


def drop_headers(request):
    """Leaves the headers that the protocols have. LiteLLM takes orders from others: time-outs, tags, callbacks."""
    headers = request.scope["headers"]
    request.scope["headers"] = [pair for pair in headers if not is_dropped(pair[0].decode("latin-1"))]
    # Both were read before, and are what is read after.
    request._headers = Headers(scope=request.scope)
    seen = getattr(request.state, "_cached_headers", None)
    if isinstance(seen, dict):
        for name in filter(is_dropped, list(seen)):
            del seen[name]


async def refuse_what_is_not_of_a_call(request, agent):
    allowed, is_form, in_path = endpoint_of(request)
    body = await body_of(request, is_form)
    refuse_foreign_fields(request, body, allowed)
    is_list = request.method == "GET" and in_path is None
    named = in_path or body.get("model")
    if not is_list:
        if not named:
            refuse("a call names its model")
        refuse_foreign_models(named, agent)
    drop_headers(request)


async def refuse_what_is_spent(request, agent):
    """Asks the module of budgets, if this gateway has a store; for what costs nothing it does not."""
    is_free = request.method == "GET" or request.scope["path"].endswith(("/count_tokens", ":countTokens"))
    budgets = [one for one in litellm.callbacks if hasattr(one, "refuse_what_is_spent")]
    for one in budgets if not is_free else []:
        await one.refuse_what_is_spent(agent)


async def user_api_key_auth(request, api_key):
    key = api_key or ""
    # Never the key itself: LiteLLM publishes this field in metrics and to callbacks.
    if any(same(key, master) for master in own("LITELLM_MASTER_KEY", "LANGOP_NEXT_MASTER_KEY")):
        return UserAPIKeyAuth(api_key="langop-administrator", user_role=LitellmUserRoles.PROXY_ADMIN)
    agent = await agent_of(request, key) or ("anyone" if ANYONE else None)
    if agent is None:
        refuse("not a key of this gateway", 401)
    if Agents.now()["agents"].get(agent, {}).get("blocked"):
        refuse("this agent is blocked")
    await refuse_what_is_not_of_a_call(request, agent)
    await refuse_what_is_spent(request, agent)
    said = Agents.now()
    allowed = said["agents"].get(agent, {})
    models = allowed.get("models", []) if said["restricted"] else []
    return UserAPIKeyAuth(
        api_key=f"langop-agent-{agent}",
        user_id=agent,
        user_role=LitellmUserRoles.INTERNAL_USER,
        # What /v1/models shows; an empty list would be everything.
        models=models or (["no-default-models"] if said["restricted"] else []),
        rpm_limit=allowed.get("requestsPerMinute"),
        tpm_limit=allowed.get("tokensPerMinute"),
        metadata={"langop_agent_id": agent},
    )
