//! The deployments of a gateway's whole configuration, and what each of them needs to answer: its provider, its region,
//! its hosts.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::api::{LanguageModelSpec, Provider};
use crate::object::field::{items, number, text};
use crate::object::names::deployed_model;
use crate::render::{Host, needed_hosts};
use crate::stack::{MemberKey, Stack};

/// Parameters that name a region.
const REGIONS: [&str; 4] = ["aws_region_name", "vertex_location", "region_name", "region"];
/// Parameters that name an endpoint.
const ENDPOINTS: [&str; 2] = ["api_base", "aws_bedrock_runtime_endpoint"];
/// How a value is taken from the environment.
const VARIABLE: &str = "os.environ/";
/// What marks a Service in a name.
const SERVICE: &str = "svc";

/// One of a gateway's deployments.
#[derive(Clone, Debug, Default)]
pub(super) struct Deployment {
    /// What it is called here: the name of its `LanguageModel`, else its id, else the provider's name for the model.
    pub label: String,
    /// The name that it is called by, which others may share.
    pub name: String,
    /// Its id.
    pub id: Option<String>,
    /// What it is at `LiteLLM`.
    pub upstream: String,
    /// Its provider, in the words of descriptions.
    pub provider: String,
    /// Its regions.
    pub regions: BTreeSet<String>,
    /// Its hosts, in every form in which one is written.
    pub hosts: BTreeSet<String>,
    /// Its place among those of its name; the lowest answer first.
    pub order: Option<i64>,
    /// How often a call of it that fails is tried again, where it says so.
    pub retries: Option<i64>,
}

/// All of a cluster's gateway.
pub(super) fn deployments(stack: &Stack, cluster: &str, config: &Value) -> Vec<Deployment> {
    items(config, "/model_list").iter().map(|entry| deployment(stack, cluster, entry)).collect()
}

fn deployment(stack: &Stack, cluster: &str, entry: &Value) -> Deployment {
    let params = &entry["litellm_params"];
    let upstream = text(params, "/model").unwrap_or_default().to_owned();
    let id = text(entry, "/model_info/id");
    let key = |name: &str| MemberKey { cluster: cluster.to_owned(), name: name.to_owned() };
    let described = id.map(deployed_model).and_then(|name| stack.models.get(&key(name)));
    let spec = described.map_or_else(|| provided(params), |item| item.spec.clone());
    // What is rendered counts: parameters of the model may say otherwise.
    let spec = LanguageModelSpec {
        endpoint: ENDPOINTS.iter().find_map(|key| params.get(key)?.as_str()).map(str::to_owned),
        region: text(params, "/aws_region_name").map(str::to_owned),
        location: text(params, "/vertex_location").map(str::to_owned),
        ..spec
    };
    Deployment {
        label: id.map_or(upstream.as_str(), deployed_model).to_owned(),
        name: text(entry, "/model_name").unwrap_or_default().to_owned(),
        id: id.map(str::to_owned),
        provider: provider(&spec).to_owned(),
        regions: regions(params, described.and_then(|item| item.spec.region.as_deref())),
        hosts: hosts(&spec, cluster),
        order: number(params, "/order").or_else(|| number(entry, "/model_info/order")),
        retries: number(params, "/num_retries"),
        upstream,
    }
}

/// The regions that are called; of one that has none, what is known of it.
fn regions(params: &Value, said: Option<&str>) -> BTreeSet<String> {
    let called: BTreeSet<_> = REGIONS.iter().filter_map(|key| params.get(key)?.as_str()).map(str::to_owned).collect();
    if called.is_empty() { said.map(str::to_owned).into_iter().collect() } else { called }
}

/// What the configuration alone says is a model of `LiteLLM`'s.
fn provided(params: &Value) -> LanguageModelSpec {
    let prefix = text(params, "/model").and_then(|model| Some(model.split_once('/')?.0));
    let prefix = text(params, "/custom_llm_provider").or(prefix).unwrap_or("openai");
    let known = match (prefix, text(params, "/api_base")) {
        ("openai", Some(_)) => Some(Provider::OpenaiCompatible),
        ("bedrock", _) => Some(Provider::Bedrock),
        ("vertex_ai", _) => Some(Provider::Vertex),
        ("azure", _) => Some(Provider::Azure),
        _ => None,
    };
    LanguageModelSpec {
        provider: known,
        litellm_provider: known.is_none().then(|| prefix.to_owned()),
        ..LanguageModelSpec::default()
    }
}

/// The hosts of a model, but for those that a variable names.
fn hosts(model: &LanguageModelSpec, cluster: &str) -> BTreeSet<String> {
    let is_told = model.endpoint.as_deref().is_none_or(|endpoint| !endpoint.starts_with(VARIABLE));
    let hosts = is_told.then(|| needed_hosts(model, cluster));
    hosts.iter().flatten().flat_map(written).collect()
}

/// The provider, by one name each.
fn provider(model: &LanguageModelSpec) -> &str {
    match model.provider {
        Some(Provider::Openai) => "openai",
        Some(Provider::Anthropic) => "anthropic",
        Some(Provider::Gemini) => "gemini",
        Some(Provider::Azure) => "azure",
        Some(Provider::Bedrock) => "bedrock",
        Some(Provider::Vertex) => "vertex",
        Some(Provider::OpenaiCompatible | Provider::Custom) => "openai-compatible",
        None => match model.litellm_provider.as_deref().unwrap_or_default() {
            "vertex_ai" => "vertex",
            other => other,
        },
    }
}

/// A host as users write it; nothing of one that nobody knows.
fn written(host: &Host) -> Vec<String> {
    match host {
        Host::Address(ip) => vec![ip.to_string()],
        Host::Service { namespace, name } => {
            let short = format!("{name}.{namespace}");
            vec![format!("{short}.{SERVICE}"), format!("{short}.{SERVICE}.cluster.local"), short]
        }
        Host::Public(name) | Host::Named(name) => vec![name.clone()],
        Host::Internet | Host::Metadata => Vec::new(),
    }
}
