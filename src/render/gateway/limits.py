"""Limits of models that count for more than one deployment or name.

LiteLLM counts for each deployment, and of a whole catalogue for each name in it, and refuses a call whose deployment is
full though another of its name is not. Here a call goes to one that is not full, and a catalogue is full when the calls
of all its names are as many as its limit. Counts are those of one pod and one minute of the clock, as LiteLLM's are.
"""

import time
from collections import Counter

import litellm
from litellm.integrations.custom_logger import CustomLogger


class Limits(CustomLogger):
    def __init__(self):
        super().__init__()
        self.minute, self.calls, self.tokens = None, Counter(), Counter()

    def turn(self):
        minute = int(time.time() // 60)
        if minute != self.minute:
            self.minute, self.calls, self.tokens = minute, Counter(), Counter()

    def reached(self, deployment):
        """The limit that a deployment has reached; nothing when it has none or is not full."""
        self.turn()
        name, params = deployment["model_info"]["id"], deployment["litellm_params"]
        for limit, counts in (("rpm", self.calls), ("tpm", self.tokens)):
            if params.get(limit) is not None and counts[name] >= params[limit]:
                return f"{limit}={params[limit]}"
        return None

    async def async_filter_deployments(
        self, model, healthy_deployments, messages, request_kwargs=None, parent_otel_span=None
    ):
        if not isinstance(healthy_deployments, list):
            return healthy_deployments
        # When all are full, LiteLLM says so.
        return [one for one in healthy_deployments if not self.reached(one)] or healthy_deployments

    async def async_pre_call_check(self, deployment, parent_otel_span):
        reached = self.reached(deployment) if deployment.get("model_name", "").endswith("*") else None
        if reached:
            refusal = litellm.RateLimitError(
                message=f"limit of {deployment['model_name']} reached: {reached} a minute", llm_provider="", model=""
            )
            # Another try would be refused, too.
            refusal.num_retries = 0
            raise refusal
        self.calls[deployment["model_info"]["id"]] += 1
        return deployment

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        said = kwargs.get("standard_logging_object") or {}
        self.turn()
        self.tokens[said.get("model_id")] += said.get("total_tokens") or 0


limits = Limits()
