//! Models of providers that answer nobody without a key, and that have none: `LiteLLM` finds out at the first call. A
//! key may also come from the gateway's environment, its configuration, or a secret manager.

use super::Index;
use crate::object::credential::is_credential_name;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::Draft;
use crate::stack::tree::Node;

/// The providers of which `LiteLLM` 1.108.7 says so, each with the variables in which it looks for a key: the output of
/// `tests/it/gateway/provider_keys.py`.
const KEYED: &str = include_str!("provider/keys.txt");
/// What of a model says that its key is elsewhere, or in a header.
const OTHERWISE: [&str; 4] = ["extra_headers", "default_headers", "litellm_credential_name", "api_key"];
/// What of a deployment gives an identity of Azure (workload identity).
const IDENTITY: [&str; 3] = ["serviceAccountName", "serviceAccountAnnotations", "podLabels"];

pub(super) fn check(draft: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let spec = &draft.node;
    let Some(node) = spec.get("provider").or(spec.get("litellmProvider")) else { return };
    let Some((provider, variables)) = node.text().and_then(keyed) else { return };
    // Behind an endpoint of anyone's, no key may be wanted; Azure's hosts are all written so.
    let own_host = spec.get("endpoint").is_none() || provider == "azure";
    let referred = spec.get("apiKeySecretRef").is_some() || spec.get("credentialsSecretRef").is_some();
    if !own_host || referred || OTHERWISE.iter().any(|key| spec.at(&["params", key]).is_some()) {
        return;
    }
    let without = |name: &&String| index.cluster(name).is_some_and(|cluster| !has_key(cluster, provider, &variables));
    let Some(cluster) = draft.clusters.iter().find(without) else { return };
    let message = format!("{} has no key, and `{provider}` answers nobody without one", draft.called());
    let warning = Diagnostic::warning(Code::MissingProviderKey, message);
    let warning = warning.at(node.span, format!("nor has the gateway of cluster `{cluster}`"));
    let variable = variables.first().copied().unwrap_or_default();
    found.push(warning.hint(format!(
        "name the Secret that holds it with `apiKeySecretRef`; a key in the gateway's environment is `{variable}` in \
         `gateway.deployment.env`"
    )));
}

/// The variable that holds a provider's key; none for one that answers without.
#[must_use]
pub(crate) fn key_variable(provider: &str) -> Option<&'static str> {
    keyed(provider).and_then(|(_, variables)| variables.first().copied())
}

/// The provider as it is called everywhere, and its variables, when it wants a key.
fn keyed(provider: &str) -> Option<(&str, Vec<&'static str>)> {
    if provider == "azure" {
        return Some((provider, vec!["AZURE_API_KEY"]));
    }
    let mut lines = KEYED.lines().map(|line| line.split(' '));
    let variables = lines.find_map(|mut words| (words.next() == Some(provider)).then(|| words.collect()))?;
    Some((provider, variables))
}

/// Whether the gateway of a cluster may have a key of the provider.
fn has_key(cluster: &Draft, provider: &str, variables: &[&str]) -> bool {
    let Some(gateway) = cluster.node.get("gateway") else { return false };
    let is_one = |name: &str| variables.contains(&name) || is_credential_name(name) && is_akin(name, provider);
    let is_setting = |name: &str| name.ends_with("key") && (name == "api_key" || is_akin(name, provider));
    variable_names(gateway).any(is_one)
        || keys(gateway, &["config", "litellm_settings"]).any(is_setting)
        // What a whole ConfigMap or Secret holds, or a secret manager, nobody knows here.
        || !gateway.at(&["deployment", "envFrom"]).map(Node::items).unwrap_or_default().is_empty()
        || gateway.at(&["config", "general_settings", "key_management_system"]).is_some()
        || provider == "azure" && has_identity_of_azure(gateway)
}

fn has_identity_of_azure(gateway: &Node) -> bool {
    IDENTITY.iter().any(|key| gateway.at(&["deployment", key]).is_some())
        || variable_names(gateway).any(|name| name.starts_with("AZURE_"))
        || gateway.at(&["config", "litellm_settings", "enable_azure_ad_token_refresh"]).is_some()
}

/// Variables of the container, and those that the configuration sets.
fn variable_names(gateway: &Node) -> impl Iterator<Item = &str> {
    let env = gateway.at(&["deployment", "env"]).map(Node::items).unwrap_or_default();
    let env = env.iter().filter_map(|variable| variable.text_at(&["name"]));
    env.chain(keys(gateway, &["config", "environment_variables"]))
}

fn keys<'a>(gateway: &'a Node, path: &[&str]) -> impl Iterator<Item = &'a str> {
    gateway.at(path).into_iter().flat_map(Node::entries).map(|(key, _)| key)
}

/// Whether a name begins like the provider's: `TOGETHER_AI_TOKEN` is one of `together_ai`.
fn is_akin(name: &str, provider: &str) -> bool {
    let start = |text: &str| text.chars().filter(|c| *c != '_').take(4).collect::<String>().to_ascii_lowercase();
    start(name) == start(provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_each_provider_once_with_its_variables() {
        let names: Vec<_> = KEYED.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        assert_eq!(keyed("gemini").unwrap().1, ["GEMINI_API_KEY", "GOOGLE_API_KEY"]);
        for keyless in ["bedrock", "vertex_ai", "vertex", "ollama", "hosted_vllm", "openai-compatible", "custom"] {
            assert_eq!(keyed(keyless), None, "{keyless}");
        }
    }
}
