"""Prints the models whose price LiteLLM knows, one a line, as `provider/name`."""

import litellm


def prefix(provider):
    """The provider as it is written before a model."""
    of_a_cloud = (cloud for cloud in ("bedrock", "vertex_ai") if provider.startswith(cloud))
    return next(of_a_cloud, {"text-completion-openai": "openai", "azure_text": "azure"}.get(provider, provider))


def is_found(name):
    try:
        info = litellm.get_model_info(name)
    except Exception:
        return False
    return any(value for key, value in info.items() if "cost" in key and isinstance(value, (int, float)))


names = set()
for name, said in litellm.model_cost.items():
    has_price = any("cost" in key and isinstance(value, (int, float)) and value > 0 for key, value in said.items())
    provider = prefix(said.get("litellm_provider") or "")
    if has_price and provider:
        names.add(f"{provider}/{name.removeprefix(provider + '/')}")
for name in sorted(filter(is_found, names)):
    print("price:", name)
