//! The environment of an agent's program: who it is, where its models and tools answer, and what it is to do. The user's
//! variables come after these.

use k8s_openapi::api::core::v1::EnvVar;

use crate::object::names::gateway_url;
use crate::render::workload::{secret_variable, variable};

use super::tools::Tools;
use super::{Agent, config, credentials, key};

/// Langop's variables. One that would say nothing is left out.
pub(super) fn variables(agent: &Agent<'_>, tools: &Tools<'_>) -> Vec<EnvVar> {
    let cluster = agent.scope.cluster;
    let instructions = agent.spec().instructions.clone().unwrap_or_default();
    let before = [
        ("AGENT_NAME", agent.name.to_owned()),
        ("AGENT_NAMESPACE", cluster.to_owned()),
        ("AGENT_CLUSTER_NAME", cluster.to_owned()),
        ("MODEL_ENDPOINT", gateway_url(cluster)),
    ];
    let after = [
        ("LLM_MODEL", config::models(agent).into_iter().map(|model| model.called).collect::<Vec<_>>().join(",")),
        ("AGENT_INSTRUCTIONS", instructions),
    ];
    let said = |(name, value): (&str, String)| (!value.is_empty()).then(|| variable(name, &literal(&value)));
    let mut all: Vec<_> = before.into_iter().filter_map(said).collect();
    all.push(secret_variable(key::KEY, &key::secret_name(agent.name), key::KEY));
    all.extend(after.into_iter().filter_map(said));
    all.extend(tools.variables());
    all.extend(credentials::variables(agent));
    all
}

/// A value as it is: the kubelet takes `$(NAME)` for another variable, and `$$` for one `$` (Kubernetes, `EnvVar`).
fn literal(value: &str) -> String {
    value.replace('$', "$$")
}
