"""Limits of models that count for more than one deployment or name, and with a store for more than one pod.

LiteLLM counts for each deployment, and of a whole catalogue for each name in it, and refuses a call whose deployment is
full though another of its name is not. Here a call goes to one that is not full, and a catalogue is full when the calls
of all its names are as many as its limit. Counts are those of one minute of the clock, as LiteLLM's are.

Without a store they are those of one pod. With one, all pods count in it, each call in one step, and LiteLLM's own count
of these limits is left out. While the store does not answer, calls are counted in each pod or refused, as is described.
"""

import asyncio
import os
import sys
import time
from collections import Counter

import litellm
from litellm.integrations.custom_logger import CustomLogger

# Where the store is, if there is one, and whether calls under a limit are refused while it does not answer.
STORE = os.environ.get("LANGOP_STORE_HOST")
CLOSED = os.environ.get("LANGOP_STORE_ON_OUTAGE") == "closed"

# Counts a call and tokens of a deployment in the minute of the store's own clock, unless a limit is reached: then it
# answers which. An empty limit is none.
COUNT = """
local minute = tostring(math.floor(redis.call('TIME')[1] / 60))
local kept = redis.call('HMGET', KEYS[1], 'minute', 'calls', 'tokens')
local calls, tokens = 0, 0
if kept[1] == minute then calls, tokens = tonumber(kept[2]), tonumber(kept[3]) end
if ARGV[3] ~= '' and calls >= tonumber(ARGV[3]) then return 1 end
if ARGV[4] ~= '' and tokens >= tonumber(ARGV[4]) then return 2 end
if ARGV[1] + ARGV[2] == 0 then return 0 end
redis.call('HSET', KEYS[1], 'minute', minute, 'calls', calls + ARGV[1], 'tokens', tokens + ARGV[2])
redis.call('EXPIRE', KEYS[1], 120)
return 0
"""
LIMITS = ("rpm", "tpm")


class Outage(Exception):
    """The store does not answer."""


class Store:
    """What all pods count together. The connection is that of LiteLLM, which leaves one alone that fails."""

    script, answers = None, True

    async def count(self, name, calls, tokens, limits):
        """The limit that a deployment had reached before; nothing when the call and the tokens are counted."""
        try:
            if self.script is None:
                self.script = litellm.cache.cache.async_register_script(COUNT)
            arguments = [calls, tokens, *("" if limit is None else int(limit) for limit in limits)]
            reached = int(await self.script(keys=[f"limits:{name}"], args=arguments))
        except Exception as error:
            self.tell(False, f" ({type(error).__name__})")
            raise Outage from None
        self.tell(True)
        return (None, *LIMITS)[reached]

    def tell(self, answers, why=""):
        if answers != self.answers:
            self.answers = answers
            what = "calls under limits of models are refused" if CLOSED else "each pod counts limits of models for itself"
            said = "answers again" if answers else f"does not answer{why}: {what}"
            print(f"langop: the store of the gateway {said}", file=sys.stderr, flush=True)


class Limits(CustomLogger):
    def __init__(self):
        super().__init__()
        self.minute, self.calls, self.tokens = None, Counter(), Counter()
        self.store = Store() if STORE else None
        # Deployments that no other stood beside when a call looked for one.
        self.alone = set()

    def turn(self):
        minute = int(time.time() // 60)
        if minute != self.minute:
            self.minute, self.calls, self.tokens = minute, Counter(), Counter()

    def reached_here(self, name, limits):
        """The limit that a deployment has reached in this pod; nothing when it has none or is not full."""
        self.turn()
        for kind, limit, counts in zip(LIMITS, limits, (self.calls, self.tokens)):
            if limit is not None and counts[name] >= limit:
                return kind
        return None

    async def reached(self, deployment, calls=0):
        """The limit that a deployment has reached, and else nothing, when so many calls more are counted."""
        name, limits = deployment["model_info"]["id"], limits_of(deployment)
        reached = self.reached_here(name, limits)
        if self.store and any(limit is not None for limit in limits):
            try:
                reached = await self.store.count(name, calls, 0, limits)
            except Outage:
                if CLOSED:
                    raise refusal(litellm.ServiceUnavailableError, "limits cannot be counted: no store answers") from None
        if not reached:
            self.calls[name] += calls
        return reached and f"{reached}={limits[LIMITS.index(reached)]}"

    async def async_filter_deployments(
        self, model, healthy_deployments, messages, request_kwargs=None, parent_otel_span=None
    ):
        if not isinstance(healthy_deployments, list):
            return healthy_deployments
        names = {one["model_info"]["id"] for one in healthy_deployments}
        (self.alone.update if len(names) == 1 else self.alone.difference_update)(names)
        reached = await asyncio.gather(*map(self.reached, healthy_deployments))
        left = [one for one, full in zip(healthy_deployments, reached) if not full]
        if self.store and names and not left:
            raise full(healthy_deployments[0], reached[0])
        # When all are full, LiteLLM says so.
        return left or healthy_deployments

    async def async_pre_call_check(self, deployment, parent_otel_span):
        reached = await self.reached(deployment, calls=1)
        is_catalogue = deployment.get("model_name", "").endswith("*")
        if reached and (self.store or is_catalogue):
            # Others were faster: another deployment may have room.
            may_retry = not is_catalogue and deployment["model_info"]["id"] not in self.alone
            raise full(deployment, reached, may_retry)
        return deployment

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        said = kwargs.get("standard_logging_object") or {}
        name, tokens = said.get("model_id"), said.get("total_tokens") or 0
        self.turn()
        self.tokens[name] += tokens
        if self.store and name and tokens:
            try:
                await self.store.count(name, 0, tokens, (None, None))
            except Outage:
                pass


def limits_of(deployment):
    return [deployment["litellm_params"].get(kind) for kind in LIMITS]


def full(deployment, reached, may_retry=False):
    message = f"limit of {deployment['model_name']} reached: {reached} a minute"
    return refusal(litellm.RateLimitError, message, may_retry)


def refusal(kind, message, may_retry=False):
    refused = kind(message=message, llm_provider="", model="")
    if not may_retry:
        # Another try would be refused, too.
        refused.num_retries = 0
    return refused


limits = Limits()
