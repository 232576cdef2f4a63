"""What a call may say. Written by langop, for the module that knows callers.

LiteLLM reads far more of a call than the protocols have: fields that name another vendor, deployment, region, key
or callback. So a call of an agent or a team may hold what its protocol has, as listed here, and a call with anything else,
in its body or its query, is refused with 403. Headers that no protocol has are dropped before LiteLLM looks at them.
"""

import re

from fastapi import HTTPException
from starlette.datastructures import Headers

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

# Characters of the longest name of a model: more than any provider's has.
LONGEST_MODEL = 512

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


def refuse(why, status=403):
    # Another exception would be answered with 500.
    raise HTTPException(status_code=status, detail=why)


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


def refuse_foreign_fields(request, body, allowed, more):
    unknown = [name for name in request.query_params if name not in QUERY]
    if unknown:
        refuse(f"query parameter `{shown(unknown[0])}` is not one that an agent may set")
    # A call without fields of its own gets none.
    more = dict.fromkeys(more, ANY) if allowed else {}
    found = foreign(body, more | allowed, "")
    if found:
        refuse(f"field `{found}` is not one that an agent may set")
    for tool in body.get("tools") or []:
        # LiteLLM would call tools of its own servers.
        if str((tool or {}).get("server_url")).startswith("litellm_proxy"):
            refuse("field `tools.server_url` names this gateway")


async def model_of(request, more):
    """The model that a call names; nothing when it asks for all. A call that holds what it may not is refused: `more` are
    fields that it may have beside those of its protocol."""
    allowed, is_form, in_path = endpoint_of(request)
    body = await body_of(request, is_form)
    refuse_foreign_fields(request, body, allowed, more)
    named = in_path or body.get("model")
    if not named and not (request.method == "GET" and in_path is None):
        refuse("a call names its model")
    if named is not None and ("," in named or len(named) > LONGEST_MODEL):
        refuse("a call names one model")
    return named


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
