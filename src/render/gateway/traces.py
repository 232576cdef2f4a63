"""One span of each call of a model, for a collector of OpenTelemetry. Written by langop for a gateway with traces.

LiteLLM's own spans have what a call was asked with even where it is told to leave messages out: system prompts of the
Responses protocol, tools, and the texts of errors, in which providers quote. A span here has what is listed here, and
none of it is text that somebody wrote for a model or a model for somebody: who called which model, which deployment
answered, how long that took, how many tokens it was and what it cost, and with which status it failed.
"""

import hashlib
import os
import sys
from datetime import timezone

from litellm.integrations.custom_logger import CustomLogger
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.re import parse_env_headers

ENDPOINT = os.environ["LANGOP_TRACES_OTLP"]
HEADERS = parse_env_headers(os.environ.get("LANGOP_TRACES_HEADERS", ""), liberal=True)
SHARE = int(os.environ.get("LANGOP_TRACES_PERCENT", "100")) / 100
# What the gateway is: its name and the namespace of its cluster.
CLUSTER = os.environ.get("LANGOP_TRACES_CLUSTER", "")
# What OpenTelemetry calls that for which LiteLLM has names of its own.
OPERATIONS = {"acompletion": "chat", "aembedding": "embeddings", "anthropic_messages": "chat", "aresponses": "chat"}
LONGEST = 200


def tracer(ids):
    of = {"service.name": "gateway", "service.namespace": CLUSTER, "k8s.namespace.name": CLUSTER}
    sampler = ParentBased(TraceIdRatioBased(SHARE))
    provider = TracerProvider(resource=Resource(of), sampler=sampler, id_generator=ids)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=ENDPOINT, headers=HEADERS)))
    return provider.get_tracer("langop")


class Ids(RandomIdGenerator):
    """Numbers of traces: all tries of a call, a fallback's among them, are in the trace of that call."""

    call = None

    def generate_trace_id(self):
        if not self.call:
            return super().generate_trace_id()
        # Of all bits, as those that are traced are chosen by them.
        return int.from_bytes(hashlib.sha256(self.call.encode()).digest()[:16], "big")


def nanoseconds(time):
    return int((time if time.tzinfo else time.astimezone(timezone.utc)).timestamp() * 10**9)


def parent_of(kwargs):
    """The span of the caller, if it says one."""
    request = (kwargs.get("litellm_params") or {}).get("proxy_server_request") or {}
    headers = {name.lower(): value for name, value in (request.get("headers") or {}).items()}
    # Not `tracestate`, in which callers write what they like.
    carrier = {"traceparent": str(headers["traceparent"])} if "traceparent" in headers else {}
    return TraceContextTextMapPropagator().extract(carrier)


def attributes(kwargs, said):
    caller = ((kwargs.get("litellm_params") or {}).get("metadata") or {}).get("user_api_key_user_id")
    all_of_it = {
        "gen_ai.operation.name": OPERATIONS.get(said.get("call_type"), said.get("call_type")),
        "gen_ai.provider.name": said.get("custom_llm_provider"),
        "gen_ai.request.model": said.get("model_group"),
        "gen_ai.response.model": said.get("model"),
        "gen_ai.usage.input_tokens": said.get("prompt_tokens"),
        "gen_ai.usage.output_tokens": said.get("completion_tokens"),
        "langop.agent": caller or "administrator",
        "langop.call": kwargs.get("litellm_call_id"),
        "langop.cost_usd": said.get("response_cost"),
        "langop.deployment": said.get("model_id"),
        "langop.stream": bool(said.get("stream")),
    }
    known = {name: value for name, value in all_of_it.items() if value not in (None, "")}
    return {name: value[:LONGEST] if isinstance(value, str) else value for name, value in known.items()}


class Traces(CustomLogger):
    def __init__(self):
        super().__init__()
        self.ids = Ids()
        self.tracer = tracer(self.ids)

    def record(self, kwargs, start_time, end_time, error=None):
        try:
            said = kwargs.get("standard_logging_object") or {}
            own = attributes(kwargs, said)
            name = f"{own.get('gen_ai.operation.name', 'call')} {own.get('gen_ai.request.model', '')}".strip()
            self.ids.call = kwargs.get("litellm_call_id")
            span = self.tracer.start_span(
                name, context=parent_of(kwargs), kind=SpanKind.CLIENT, attributes=own, start_time=nanoseconds(start_time)
            )
            if error is not None:
                # Not its text.
                span.set_attribute("error.type", type(error).__name__)
                status = getattr(error, "status_code", None)
                if str(status).isdigit():
                    span.set_attribute("http.response.status_code", int(status))
                span.set_status(Status(StatusCode.ERROR))
            span.end(nanoseconds(end_time))
        except Exception as fault:
            # A call is answered all the same.
            print(f"langop: a call has no span ({type(fault).__name__})", file=sys.stderr, flush=True)

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        self.record(kwargs, start_time, end_time)

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        self.record(kwargs, start_time, end_time, kwargs.get("exception") or Exception())


traces = Traces()
