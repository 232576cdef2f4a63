"""Prints what LiteLLM reads of a call, as its own source says, and what a gateway lets its callers write.

The argument is the directory of the gateway's files. Printed are names of fields:

`schemas`: of each endpoint that agents reach, what its OpenAPI document and the function behind it take.
`fields`: every name that LiteLLM knows as a parameter of a call, whatever the endpoint.
`read`: every name that its code looks up in the body of a call; `metadata`, `tools`: the same below those.
`allowed`: of each endpoint, what a caller may write; `tool`: the same of a tool.
`dropped`: the headers that its code looks up and does not get to see.
"""

import ast
import inspect
import json
import logging
import os
import sys
from pathlib import Path

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm import constants
from litellm.proxy import _types as proxy_types
from litellm.proxy.auth import auth_utils
from litellm.proxy.proxy_server import app
from litellm.router_utils.clientside_credential_handler import clientside_credential_keys
from litellm.types.router import GenericLiteLLMParams, LiteLLM_Params
from litellm.types.utils import all_litellm_params

sys.path.insert(0, sys.argv[1])
import calls

logging.disable(logging.CRITICAL)

# The endpoints that agents reach, and the functions behind them.
ENDPOINTS = {
    "/v1/chat/completions": "acompletion",
    "/v1/completions": "atext_completion",
    "/v1/embeddings": "aembedding",
    "/v1/responses": "aresponses",
    "/v1/messages": "acompletion",
    "/v1/messages/count_tokens": "acompletion",
    "/v1/images/generations": "aimage_generation",
    "/v1/images/edits": "aimage_edit",
    "/v1/audio/speech": "aspeech",
    "/v1/audio/transcriptions": "atranscription",
    "/v1/moderations": "amoderation",
    "/v1/rerank": "arerank",
    "/v1beta/models/{model_name}:generateContent": "agenerate_content",
    "/v1beta/models/{model_name}:countTokens": "agenerate_content",
}

# What the code calls the body of a call and its parts.
BODIES = {
    "body", "completion_kwargs", "data", "extra_body", "kwargs", "litellm_params", "non_default_params",
    "optional_params", "request_body", "request_data", "request_kwargs",
}
PLACES = {
    **dict.fromkeys(BODIES, "read"),
    **dict.fromkeys(("metadata", "litellm_metadata", "_metadata", "request_metadata"), "metadata"),
    **dict.fromkeys(("tool", "_tool", "t", "advisor_tool"), "tools"),
    **dict.fromkeys(("headers", "_headers", "request_headers", "normalized"), "headers"),
}


def schemas():
    document = app.openapi()

    def resolved(schema):
        while "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def of(path, function):
        operation = document["paths"][path]["post"]
        content = operation.get("requestBody", {}).get("content", {}).values()
        names = {name for one in content for name in resolved(one["schema"]).get("properties", {})}
        names |= {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
        function = inspect.unwrap(getattr(litellm, function, None) or getattr(litellm.google_genai, function))
        return names | {name for name in inspect.signature(function).parameters if name not in ("args", "kwargs")}

    return {path: sorted(of(path, function)) for path, function in ENDPOINTS.items()}


def fields():
    names = set(all_litellm_params) | set(GenericLiteLLMParams.model_fields) | set(LiteLLM_Params.model_fields)
    names |= set(constants.OPENAI_CHAT_COMPLETION_PARAMS) | set(constants.DEFAULT_CHAT_COMPLETION_PARAM_VALUES)
    names |= set(constants.DEFAULT_EMBEDDING_PARAM_VALUES) | set(constants.OPENAI_TRANSCRIPTION_PARAMS)
    names |= set(auth_utils._BANNED_REQUEST_BODY_PARAMS) | set(clientside_credential_keys)
    names |= set(proxy_types.ProxyChatCompletionRequest.__annotations__)
    return names


def text(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def name(node):
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def looked_up(tree):
    """Pairs of what is looked into and the name that is looked for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr in ("get", "pop", "setdefault"):
                yield name(node.func.value), text(node.args[0])
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            yield name(node.value), text(node.slice)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
            yield name(node.comparators[0]), text(node.left)


def allowed():
    of_google = {path: sorted(calls.GOOGLE) for path in ENDPOINTS if path.startswith("/v1beta")}
    others = calls.ENDPOINTS.items()
    return of_google | {"/v1" + path: sorted(names) for (method, path), names in others if method == "POST"}


found = {place: set() for place in ("read", "metadata", "tools", "headers")}
for path in sorted(Path(litellm.__file__).parent.rglob("*.py")):
    for into, key in looked_up(ast.parse(path.read_text())):
        # Only what could be a name: not a word of an error.
        if into in PLACES and key and all(letter.isalnum() or letter in "_-" for letter in key):
            found[PLACES[into]].add(key.lower() if PLACES[into] == "headers" else key)
printed = {place: sorted(names) for place, names in found.items()}
printed |= {"schemas": schemas(), "fields": sorted(fields()), "allowed": allowed()}
printed |= {"tool": sorted(calls.TOOL), "dropped": list(filter(calls.is_dropped, printed["headers"]))}
print(json.dumps(printed))
