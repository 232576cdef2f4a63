//! What a provider makes of a model: the prefix `LiteLLM` knows it by, the base of its API as
//! `LiteLLM` wants it, and the hosts that calls go to.

use crate::api::{LanguageModelSpec, Provider};

use super::credentials;
use super::endpoint::{Endpoint, Place};
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

/// The model as `LiteLLM` is to call it, `prefix/name`.
pub(super) fn upstream_model(model: &LanguageModelSpec) -> String {
    let prefix = prefix(model);
    let name = &model.model_name;
    // Behind an endpoint of anyone's the name is the endpoint's, even if it looks like a prefix.
    let prefixed = !is_compatible(model) && name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    if prefixed { name.clone() } else { format!("{prefix}/{name}") }
}

/// The base of the API, ending as `LiteLLM` expects of each provider.
pub(super) fn api_base(model: &LanguageModelSpec) -> Option<String> {
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
    let path = endpoint.split_once("://").map_or("", |(_, rest)| rest).split('/').skip(1);
    let is_version =
        |part: &str| part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if path.into_iter().any(is_version) { endpoint.to_owned() } else { format!("{endpoint}{version}") }
}

fn without(endpoint: &str, end: &str) -> String {
    endpoint.strip_suffix(end).unwrap_or(endpoint).to_owned()
}

/// Whether a model of Amazon's has no credentials of its own, so that it is to take those of its machine.
pub(super) fn may_ask_its_machine(scope: &Scope<'_>, model: &LanguageModelSpec) -> bool {
    let amazons = ["bedrock", "sagemaker", "aws"].iter().any(|name| prefix(model).starts_with(name));
    amazons && credentials::assignments(scope, model).is_empty()
}

/// Where the calls of a model go, seen from `namespace`. `keyless`: it has no credentials, so that a
/// cloud's identity is asked for at the metadata service.
pub(in crate::render) fn endpoints(model: &LanguageModelSpec, namespace: &str, keyless: bool) -> Vec<Endpoint> {
    let written = model.endpoint.as_deref().and_then(|url| Endpoint::parse(url, namespace));
    let mut all: Vec<_> = match written {
        Some(endpoint) => vec![endpoint],
        None => own_hosts(model),
    };
    all.extend(identity_hosts(model));
    let cloud = matches!(model.provider, Some(Provider::Bedrock | Provider::Vertex));
    if cloud && keyless {
        all.push(Endpoint { place: Place::Metadata, port: 80 });
    }
    all
}

/// The hosts of a model without an endpoint.
fn own_hosts(model: &LanguageModelSpec) -> Vec<Endpoint> {
    let Some(provider) = model.provider else {
        return vec![passed_through(model.litellm_provider.as_deref().unwrap_or_default())];
    };
    match provider {
        Provider::Openai => vec![Endpoint::public("api.openai.com")],
        Provider::Anthropic => vec![Endpoint::public("api.anthropic.com")],
        Provider::Gemini => vec![Endpoint::public("generativelanguage.googleapis.com")],
        Provider::Bedrock => vec![Endpoint::public(match region(model) {
            Some(region) => format!("bedrock-runtime.{region}.amazonaws.com"),
            None => "bedrock-runtime.*.amazonaws.com".to_owned(),
        })],
        Provider::Vertex => vec![Endpoint::public(match location(model) {
            Some("global") | None => "aiplatform.googleapis.com".to_owned(),
            Some(location) => format!("{location}-aiplatform.googleapis.com"),
        })],
        Provider::Azure | Provider::OpenaiCompatible | Provider::Custom => Vec::new(),
    }
}

/// The hosts where credentials are turned into tokens.
fn identity_hosts(model: &LanguageModelSpec) -> Vec<Endpoint> {
    match model.provider {
        Some(Provider::Azure) if model.credentials_secret_ref.is_some() => {
            vec![Endpoint::public("login.microsoftonline.com")]
        }
        Some(Provider::Bedrock) => {
            let regional = region(model).map(|region| format!("sts.{region}.amazonaws.com"));
            let hosts = regional.into_iter().chain(["sts.amazonaws.com".to_owned()]);
            hosts.map(Endpoint::public).collect()
        }
        Some(Provider::Vertex) => ["oauth2.googleapis.com", "sts.googleapis.com"].map(Endpoint::public).into(),
        _ => Vec::new(),
    }
}

/// Hosts of the providers that are passed through, as far as they were seen.
fn passed_through(provider: &str) -> Endpoint {
    let host = match provider {
        "openai" => "api.openai.com",
        "anthropic" => "api.anthropic.com",
        "deepseek" => "api.deepseek.com",
        "gemini" => "generativelanguage.googleapis.com",
        "groq" => "api.groq.com",
        "mistral" => "api.mistral.ai",
        "openrouter" => "openrouter.ai",
        "xai" => "api.x.ai",
        _ => {
            return Endpoint { place: Place::Internet, port: 443 };
        }
    };
    Endpoint::public(host)
}

fn region(model: &LanguageModelSpec) -> Option<&str> {
    model.region.as_deref().or_else(|| model.params.get("aws_region_name")?.as_str())
}

fn location(model: &LanguageModelSpec) -> Option<&str> {
    model.location.as_deref().or_else(|| model.params.get("vertex_location")?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(provider: Provider, name: &str, endpoint: Option<&str>) -> LanguageModelSpec {
        LanguageModelSpec {
            provider: Some(provider),
            model_name: name.into(),
            endpoint: endpoint.map(Into::into),
            ..LanguageModelSpec::default()
        }
    }

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
    fn a_prefix_is_written_once_but_belongs_to_the_name_of_a_compatible_endpoint() {
        let name = |provider, name| upstream_model(&model(provider, name, None));
        assert_eq!(name(Provider::Anthropic, "claude-x"), "anthropic/claude-x");
        assert_eq!(name(Provider::Anthropic, "anthropic/claude-x"), "anthropic/claude-x");
        assert_eq!(name(Provider::OpenaiCompatible, "openai/gpt-oss"), "openai/openai/gpt-oss");
        assert_eq!(name(Provider::Openai, "openaix"), "openai/openaix");
    }

    #[test]
    fn the_hosts_of_a_provider_follow_region_and_endpoint() {
        let mut bedrock = model(Provider::Bedrock, "m", None);
        bedrock.region = Some("eu-west-1".into());
        let hosts = endpoints(&bedrock, "ns", false);
        assert!(hosts.contains(&Endpoint::public("bedrock-runtime.eu-west-1.amazonaws.com")));
        assert!(hosts.contains(&Endpoint::public("sts.eu-west-1.amazonaws.com")));
        let own = model(Provider::Anthropic, "m", Some("https://llm.example.com"));
        let host = Place::Host("llm.example.com".into());
        assert_eq!(endpoints(&own, "ns", false), [Endpoint { place: host, port: 443 }]);
    }

    #[test]
    fn a_cloud_without_keys_asks_the_metadata_service() {
        let bedrock = model(Provider::Bedrock, "m", None);
        let asks = |keyless| endpoints(&bedrock, "ns", keyless).iter().any(|end| end.place == Place::Metadata);
        assert!(asks(true) && !asks(false));
    }
}
