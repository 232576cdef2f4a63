//! What a provider makes of a model: the prefix `LiteLLM` knows it by, and the base of its API as
//! `LiteLLM` wants it.

use crate::api::{LanguageModelSpec, Provider};

use crate::render::endpoint::{assignments, uri};
use crate::render::scope::Scope;

/// The prefix of a model's name.
pub(super) fn prefix(model: &LanguageModelSpec) -> &str {
    match model.provider {
        Some(Provider::Openai | Provider::OpenaiCompatible | Provider::Custom) => "openai",
        Some(Provider::Anthropic) => "anthropic",
        Some(Provider::Gemini) => "gemini",
        Some(Provider::Azure) => "azure",
        Some(Provider::Bedrock) => "bedrock",
        Some(Provider::Vertex) => "vertex_ai",
        None => model.litellm_provider.as_deref().unwrap_or("openai"),
    }
}

/// Whether the endpoint is anyone's that speaks `OpenAI`'s protocol.
pub(super) fn is_compatible(model: &LanguageModelSpec) -> bool {
    matches!(model.provider, Some(Provider::OpenaiCompatible | Provider::Custom))
}

/// The model as `LiteLLM` is to call it, `prefix/name`: it takes one prefix off, and sends the rest. What a user
/// copied from `LiteLLM`'s own pages has the prefix already.
pub(super) fn upstream_model(model: &LanguageModelSpec) -> String {
    let prefix = prefix(model);
    let name = &model.model_name;
    let prefixed = has_plain_ids(model) && name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    if prefixed { name.clone() } else { format!("{prefix}/{name}") }
}

/// Whether no id of the provider begins with its own name and a slash. Those of aggregators do (`openrouter/auto`,
/// `groq/compound`), and behind an endpoint of anyone's any name is the endpoint's.
fn has_plain_ids(model: &LanguageModelSpec) -> bool {
    match model.provider {
        Some(Provider::Openai | Provider::Anthropic | Provider::Gemini) => model.endpoint.is_none(),
        Some(Provider::Azure | Provider::Bedrock | Provider::Vertex) => true,
        Some(Provider::OpenaiCompatible | Provider::Custom) | None => false,
    }
}

/// The base of the API, ending as `LiteLLM` expects of each provider.
pub(crate) fn api_base(model: &LanguageModelSpec) -> Option<String> {
    let endpoint = model.endpoint.as_deref()?.trim_end_matches('/');
    Some(match model.provider {
        Some(Provider::Openai | Provider::OpenaiCompatible | Provider::Custom) => versioned(endpoint, "/v1"),
        Some(Provider::Gemini) => versioned(endpoint, "/v1beta"),
        // LiteLLM appends `/v1/messages` and `/openai/…` by itself.
        Some(Provider::Anthropic) => without(endpoint, "/v1"),
        Some(Provider::Azure) => without(&without(endpoint, "/v1"), "/openai"),
        Some(Provider::Bedrock | Provider::Vertex) => endpoint.to_owned(),
        None => model.endpoint.clone()?,
    })
}

/// An endpoint with a version in its path, where none is written: some have another than `v1`, some have it
/// in the middle (`/v1beta/openai`).
fn versioned(endpoint: &str, version: &str) -> String {
    let uri = uri(endpoint);
    let mut path = uri.iter().flat_map(|uri| uri.path().split('/'));
    let is_version =
        |part: &str| part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if path.any(is_version) { endpoint.to_owned() } else { format!("{endpoint}{version}") }
}

fn without(endpoint: &str, end: &str) -> String {
    endpoint.strip_suffix(end).unwrap_or(endpoint).to_owned()
}

/// Whether a model of Amazon's has no credentials of its own, so that it is to take those of its machine.
pub(super) fn may_ask_its_machine(scope: &Scope<'_>, model: &LanguageModelSpec) -> bool {
    let amazons = ["bedrock", "sagemaker", "aws"].iter().any(|name| prefix(model).starts_with(name));
    amazons && assignments(scope, model).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture::model;

    fn base(provider: Provider, endpoint: &str) -> String {
        api_base(&model(provider, "m", Some(endpoint))).unwrap()
    }

    #[test]
    fn v1_is_appended_where_litellm_does_not_and_taken_where_it_does() {
        use Provider::{Anthropic, Azure, Gemini, Openai, OpenaiCompatible};
        assert_eq!(base(OpenaiCompatible, "http://vllm:8000"), "http://vllm:8000/v1");
        assert_eq!(base(OpenaiCompatible, "http://vllm:8000/v1/"), "http://vllm:8000/v1");
        assert_eq!(base(Openai, "https://eu.api.openai.com"), "https://eu.api.openai.com/v1");
        assert_eq!(base(OpenaiCompatible, "https://v2.example.com"), "https://v2.example.com/v1");
        assert_eq!(base(OpenaiCompatible, "https://h/api/v3"), "https://h/api/v3");
        assert_eq!(base(OpenaiCompatible, "https://h/v1beta/openai/"), "https://h/v1beta/openai");
        assert_eq!(base(Anthropic, "https://proxy/v1"), "https://proxy");
        assert_eq!(base(Gemini, "https://proxy"), "https://proxy/v1beta");
        assert_eq!(base(Azure, "https://r.openai.azure.com/openai/v1"), "https://r.openai.azure.com");
    }

    #[test]
    fn a_prefix_is_written_once_but_belongs_to_the_name_of_an_endpoint() {
        let name = |provider, name| upstream_model(&model(provider, name, None));
        assert_eq!(name(Provider::Anthropic, "claude-x"), "anthropic/claude-x");
        assert_eq!(name(Provider::Anthropic, "anthropic/claude-x"), "anthropic/claude-x");
        assert_eq!(name(Provider::OpenaiCompatible, "openai/gpt-oss"), "openai/openai/gpt-oss");
        assert_eq!(name(Provider::Openai, "openaix"), "openai/openaix");
        let behind = |provider, name| upstream_model(&model(provider, name, Some("https://llm.example.com")));
        assert_eq!(behind(Provider::Openai, "openai/gpt-oss"), "openai/openai/gpt-oss");
        assert_eq!(behind(Provider::Anthropic, "anthropic/claude-x"), "anthropic/anthropic/claude-x");
        assert_eq!(behind(Provider::Azure, "azure/gpt"), "azure/gpt");
    }

    #[test]
    fn an_id_that_begins_with_its_provider_keeps_that() {
        for (provider, id) in [
            ("openrouter", "openrouter/auto"),
            ("groq", "groq/compound-mini"),
            ("perplexity", "perplexity/sonar"),
            ("hosted_vllm", "hosted_vllm/mine"),
        ] {
            let model = LanguageModelSpec {
                litellm_provider: Some(provider.to_owned()),
                model_name: id.to_owned(),
                ..LanguageModelSpec::default()
            };
            assert_eq!(upstream_model(&model), format!("{provider}/{id}"));
        }
    }
}
