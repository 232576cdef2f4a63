"""Prints the provider prefixes that LiteLLM's router keeps, one a line."""
import logging
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm import Router
from litellm.llms.openai_like.json_loader import JSONProviderRegistry

logging.disable(logging.CRITICAL)
names = {getattr(p, "value", p) for p in litellm.provider_list}
names |= set(litellm.openai_compatible_providers) | set(JSONProviderRegistry.list_providers())


def keeps(model):
    router = Router(ignore_invalid_deployments=True)
    params = {"model": model, "api_key": "k", "api_base": "http://h/v1"}
    router.set_model_list([{"model_name": "m", "litellm_params": params}])
    return bool(router.get_model_names())


for name in sorted(names):
    # One provider wants its own form of a model's name.
    if keeps(f"{name}/m") or keeps(f"{name}/chat/m/m"):
        print(name)
