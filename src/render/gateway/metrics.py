"""The gateway's metrics on a port of their own, and beside LiteLLM's those that langop alone knows. Written by langop.

LiteLLM counts calls, tokens, money and failures; its own page of them, on the port of the models, is for the
administrator alone. Here everything is read without a key: who may connect is for the network's policy to say. So
nothing here is a secret: no key, no prompt, no answer, and no label that a caller may fill as it likes.

What was spent is the same on each pod, for they count together; calls are those of the pod that is asked.
"""

import asyncio
import hashlib
import hmac
import json
import os
import sys
import time
from pathlib import Path

import litellm
from litellm.integrations.custom_logger import CustomLogger
from prometheus_client import REGISTRY, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

HOST = os.environ.get("LANGOP_METRICS_HOST", "0.0.0.0")
PORT = int(os.environ["LANGOP_METRICS_PORT"])
AGENTS = Path(__file__).with_name("agents.json")
# Certificates whose end is told, each in a directory that is called like its Secret.
CERTIFICATES = Path(__file__).with_name("certificates")
# Variables with keys whose age is told, each with the Secret and the key in it.
KEYS = json.loads(os.environ.get("LANGOP_METRICS_KEYS", "{}"))
# Since when the store knows one of these marks, and then all of them.
SINCE = """
local oldest = ARGV[1]
for at = 2, #ARGV do
    local seen = redis.call('HGET', KEYS[2], ARGV[at])
    if seen and tonumber(seen) < tonumber(oldest) then oldest = seen end
end
for at = 2, #ARGV do redis.call('HSET', KEYS[2], ARGV[at], oldest) end
return oldest
"""
# Seconds that a scrape waits for what is counted. Prometheus itself waits ten.
PATIENCE = 5
BILLION = 10**9


def module(hook):
    """The module of langop's that has this function, when the gateway has it."""
    return next((one for one in litellm.callbacks if hasattr(one, hook)), None)


def gauge(name, about, labels, rows):
    family = GaugeMetricFamily(name, about, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def deployments():
    from litellm.proxy.proxy_server import llm_router

    return llm_router.model_list if llm_router else []


def model_limits(kind):
    """Limits of models, by what LiteLLM calls the deployment."""
    for one in deployments():
        limit = one["litellm_params"].get(kind)
        if limit is not None:
            yield [one["model_info"]["id"]], float(limit)


def caller_limits(who, kind):
    """Limits of agents or teams, as the file says them now."""
    for name, said in sorted(json.loads(AGENTS.read_text()).get(who, {}).items()):
        if said.get(kind) is not None:
            yield [name], said[kind]


def limits():
    for what, of_model, of_caller in (("requests", "rpm", "requestsPerMinute"), ("tokens", "tpm", "tokensPerMinute")):
        about = f"Most {what} a minute"
        yield gauge(f"langop_model_{what}_limit", f"{about} of a model.", ["model_id"], model_limits(of_model))
        yield gauge(f"langop_agent_{what}_limit", f"{about} of an agent.", ["user"], caller_limits("agents", of_caller))
        yield gauge(f"langop_team_{what}_limit", f"{about} of a team.", ["team"], caller_limits("teams", of_caller))


def certificates():
    """When the certificates end under which the gateway is reached from outside."""
    from cryptography import x509

    ends = {}
    for file in sorted(CERTIFICATES.glob("*/tls.crt")):
        try:
            found = x509.load_pem_x509_certificates(file.read_bytes())
        except ValueError:
            continue
        ends[file.parent.name] = min(one.not_valid_after_utc.timestamp() for one in found)
    about = "When the certificate ends under which the gateway is reached from outside."
    return gauge("langop_certificate_end_timestamp_seconds", about, ["secret"], [([of], at) for of, at in ends.items()])


def marks(name, value):
    """What a value is known again by, which tells nothing of it: with the secret of the gateway, and while that is rotated
    with the next one too."""
    own = (os.environ.get(one) for one in ("LANGOP_GATEWAY_HMAC_SECRET", "LANGOP_NEXT_HMAC_SECRET"))
    text = f"{name}\n{value}".encode()
    return [hmac.new(secret.encode(), text, hashlib.sha256).hexdigest() for secret in own if secret]


async def ages(budgets):
    """Since when the values of keys are known here."""
    rows = []
    for variable, name in sorted(KEYS.items()):
        if os.environ.get(variable):
            known = [int(time.time()), *marks(name, os.environ[variable])]
            rows.append(([name], float(await budgets.ask(SINCE, known, "keys:{langop}"))))
    return gauge("langop_key_seen_timestamp_seconds", "When the gateway first saw the value of a key.", ["key"], rows)


async def money(budgets):
    """What was spent of each budget, and whether the store answers that knows it."""
    own, of = list(budgets.said().values()), ["of"]
    try:
        await budgets.ask("return 1", [])
        rows, up = list(zip(own, await budgets.counted(own))), True
    except Exception:
        rows, up = [], False
    yield gauge("langop_store_up", "Whether the store answers in which pods count together.", [], [([], int(up))])
    yield gauge(
        "langop_budget_limit_usd", "How much may be spent.", ["of", "window"],
        [([one.scope, one.window], one.usd) for one in own],
    )
    yield gauge(
        "langop_budget_spent_usd", "What was spent in the days of a budget.", of,
        [([one.scope], sum(days) / BILLION) for one, days in rows],
    )
    yield gauge(
        "langop_budget_reset_timestamp_seconds", "When less will count, if nothing more is spent.", of,
        [([one.scope], one.resets(days, one.today()).timestamp()) for one, days in rows],
    )
    unwritten = [([], len(budgets.unwritten))]
    yield gauge("langop_unwritten_calls", "Calls whose cost could not be written to the store yet.", [], unwritten)


def refusals(budgets):
    family = CounterMetricFamily("langop_budget_refusals", "Calls refused for a budget.", labels=["of", "why"])
    for scope in budgets.said():
        for why in ("spent", "unknown"):
            # From nought on, so that the first one is an increase.
            family.add_metric([scope, why], budgets.refusals[scope, why])
    return family


class Own:
    """What langop alone knows, found out when it is asked for."""

    def __init__(self, loop):
        self.loop = loop

    def describe(self):
        # Otherwise everything would be found out at once, for the sake of its names.
        return []

    def collect(self):
        for part in (self.of_budgets, limits, lambda: [certificates()]):
            try:
                yield from part()
            except Exception as error:
                # What else there is to tell is told.
                print(f"langop: a part of the metrics is not known ({type(error).__name__})", file=sys.stderr, flush=True)

    def of_budgets(self):
        budgets = module("refuse_what_is_spent")
        if budgets is None:
            return []

        async def all_of_it():
            known = [one async for one in money(budgets)]
            try:
                return [*known, await ages(budgets)] if KEYS else known
            except Exception:
                return known

        # The connection to the store is one of the loop in which calls are served.
        asked = asyncio.run_coroutine_threadsafe(all_of_it(), self.loop)
        try:
            known = asked.result(PATIENCE)
        except TimeoutError:
            asked.cancel()
            known = [gauge("langop_store_up", "Whether the store answers in which pods count together.", [], [([], 0)])]
        return [*known, refusals(budgets)]


class Metrics(CustomLogger):
    """Nothing is to be done for a call: LiteLLM loads what it has as a callback."""

    def __init__(self):
        super().__init__()
        REGISTRY.register(Own(asyncio.get_running_loop()))
        try:
            start_http_server(PORT, addr=HOST)
        except OSError as error:
            # Calls are served all the same.
            print(f"langop: no metrics on port {PORT} ({error.strerror})", file=sys.stderr, flush=True)


metrics = Metrics()
