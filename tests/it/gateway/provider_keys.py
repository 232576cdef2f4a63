"""Prints the providers that LiteLLM's router keeps and that answer nobody without a key: each with the variables in
which LiteLLM looks for one when a model has none, as it says itself. Clouds, whose identities need no key, and
servers of one's own are left out, and so is what LiteLLM says nothing of."""
import os
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm.llms.openai_like.json_loader import JSONProviderRegistry

KEYLESS = {"azure", "bedrock", "docker_model_runner", "infinity", "ollama", "ollama_chat", "sagemaker", "vertex_ai"}
# Names that it takes too and does not say.
MORE = {
    "huggingface": ["HF_TOKEN"],
    "perplexity": ["PERPLEXITY_API_KEY"],
    "replicate": ["REPLICATE_API_TOKEN"],
    "together_ai": ["TOGETHER_AI_API_KEY", "TOGETHER_AI_TOKEN", "TOGETHER_API_KEY"],
}
for name in list(os.environ):
    if name.endswith(("_KEY", "_TOKEN")):
        del os.environ[name]
for provider in map(str.strip, open(sys.argv[1])):
    if JSONProviderRegistry.exists(provider):
        variables = {JSONProviderRegistry.get(provider).api_key_env}
    else:
        variables = set(litellm.validate_environment(model=f"{provider}/m")["missing_keys"])
    variables = {name for name in variables if name and name.endswith(("_KEY", "_TOKEN"))}
    if variables and provider not in KEYLESS:
        print(provider, *sorted(variables.union(MORE.get(provider, []))))
