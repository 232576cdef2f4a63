//! The hosts that the calls of a model go to: its endpoint, or those of its provider, and those where its
//! credentials are turned into tokens.

use crate::api::{LanguageModelSpec, Provider};

use super::host::{Endpoint, Host};

/// How a model's calls are authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// By credentials of a Secret.
    Credentials,
    /// By the identity of the machine, which a cloud's metadata service gives.
    Machine,
}

/// Where the calls of a model go, seen from `namespace`.
pub(crate) fn model_endpoints(model: &LanguageModelSpec, namespace: &str, identity: Identity) -> Vec<Endpoint> {
    let written = model.endpoint.as_deref().and_then(|url| Endpoint::parse(url, namespace));
    let mut all: Vec<_> = match written {
        Some(endpoint) => vec![endpoint],
        None => own_hosts(model),
    };
    all.extend(identity_hosts(model));
    let cloud = matches!(model.provider, Some(Provider::Bedrock | Provider::Vertex));
    if cloud && identity == Identity::Machine {
        all.push(Endpoint { host: Host::Metadata, port: 80 });
    }
    all
}

/// The hosts without which a model answers nobody, seen from `namespace`: fewer than its calls may go to, for most
/// credentials need no token.
pub(crate) fn needed_hosts(model: &LanguageModelSpec, namespace: &str) -> Vec<Host> {
    let written = model.endpoint.as_deref().and_then(|url| Endpoint::parse(url, namespace));
    let token = model.provider == Some(Provider::Vertex) && model.credentials_secret_ref.is_some();
    let token = token.then(|| Endpoint::public("oauth2.googleapis.com"));
    let own = written.map_or_else(|| own_hosts(model), |endpoint| vec![endpoint]);
    own.into_iter().chain(token).map(|endpoint| endpoint.host).collect()
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
            return Endpoint { host: Host::Internet, port: 443 };
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
    use crate::render::fixture::model;

    #[test]
    fn the_hosts_of_a_provider_follow_region_and_endpoint() {
        let mut bedrock = model(Provider::Bedrock, "m", None);
        bedrock.region = Some("eu-west-1".into());
        let hosts = model_endpoints(&bedrock, "ns", Identity::Credentials);
        assert!(hosts.contains(&Endpoint::public("bedrock-runtime.eu-west-1.amazonaws.com")));
        assert!(hosts.contains(&Endpoint::public("sts.eu-west-1.amazonaws.com")));
        let own = model(Provider::Anthropic, "m", Some("https://llm.example.com"));
        let host = Host::Named("llm.example.com".into());
        assert_eq!(model_endpoints(&own, "ns", Identity::Credentials), [Endpoint { host, port: 443 }]);
    }

    #[test]
    fn a_cloud_without_keys_asks_the_metadata_service() {
        let bedrock = model(Provider::Bedrock, "m", None);
        let asks = |identity| model_endpoints(&bedrock, "ns", identity).iter().any(|end| end.host == Host::Metadata);
        assert!(asks(Identity::Machine) && !asks(Identity::Credentials));
    }
}
