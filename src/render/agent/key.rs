//! The Secret with the key of one agent for its gateway: its name, its one key, and what its value is made of. The value
//! is made by apply, from the gateway's own secret: a description, a plan and a record know no more than its epoch.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;

use crate::api::LanguageAgentSpec;
use crate::object::names::HMAC_SECRET;
use crate::object::role::{Role, gateway_auth};
use crate::object::{DeferredField, DeferredValue, KeyId, Lifecycle, Manifest, SecretSource, field, labels};
use crate::render::gateway::previous_key;
use crate::render::scope::Scope;

pub(super) use crate::object::names::{MODEL_API_KEY as KEY, agent_secret as secret_name};

/// The Secret of the key of an agent, also of one that is blocked: its pods would not start.
pub(super) fn manifest(scope: &Scope<'_>, name: &str, agent: &LanguageAgentSpec) -> Manifest {
    let epoch = agent.key_epoch();
    let mut metadata = scope.meta(&secret_name(name), Role::agent(name));
    metadata.annotations = Some(BTreeMap::from([(labels::KEY_EPOCH.to_owned(), epoch.to_string())]));
    let secret = Secret { metadata, type_: Some("Opaque".to_owned()), ..Secret::default() };
    let mut manifest = scope.manifest(&secret);
    manifest.lifecycle = Lifecycle::Derived;
    let auth = gateway_auth(scope.cluster);
    // Another Secret of the gateway's makes other keys.
    let annotation =
        |key: &str, value| DeferredField { pointer: format!("/metadata/annotations/{}", field::escape(key)), value };
    manifest.deferred.push(annotation(labels::KEY_OF, DeferredValue::Uid(auth.clone())));
    manifest.deferred.extend(previous_key(agent).map(|value| annotation(labels::PREVIOUS_KEY, value)));
    let id = KeyId { agent: name.to_owned(), epoch };
    let source = SecretSource::AgentKey { secret: auth, key: HMAC_SECRET.to_owned(), id };
    manifest.secret = BTreeMap::from([(KEY.to_owned(), source)]);
    manifest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::render::fixture::{manifest, rendered};

    #[test]
    fn each_agent_has_a_secret_of_its_own_without_a_value() {
        let manifests = rendered("[clusters.c]\n[agents.a]\nimage = 'a'\n[agents.b]\nimage = 'b'\nkey.epoch = 2");
        for (agent, epoch) in [("a", 1), ("b", 2)] {
            let secret = manifest(&manifests, "Secret", &secret_name(agent));
            assert_eq!(secret.object.get("data"), None);
            assert_eq!(secret.object["metadata"]["annotations"], json!({ "langop.io/key-epoch": epoch.to_string() }));
            let SecretSource::AgentKey { secret: from, id, .. } = &secret.secret[KEY] else { panic!() };
            assert_eq!((from, id.agent.as_str(), id.epoch), (&gateway_auth("c"), agent, epoch));
        }
    }

    #[test]
    fn agents_of_two_clusters_have_keys_of_their_own_gateway() {
        let manifests = rendered("[clusters.c]\n[clusters.d]\n[agents.a]\nimage = 'a'");
        let from: Vec<_> = manifests
            .iter()
            .filter_map(|one| match one.secret.get(KEY)? {
                SecretSource::AgentKey { secret, .. } => Some((one.reference.namespace.clone()?, secret.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(from, [("c".into(), gateway_auth("c")), ("d".into(), gateway_auth("d"))]);
    }

    #[test]
    fn a_last_key_goes_on_only_where_there_can_be_one_and_for_as_long_as_is_said() {
        let previous = |key: &str| {
            let manifests = rendered(&format!("[clusters.c]\n[agents.a]\nimage = 'a'\nkey = {key}"));
            let secret = manifest(&manifests, "Secret", "a-gateway-key");
            secret.deferred.iter().find_map(|deferred| match deferred.value {
                DeferredValue::PreviousKey { epoch, overlap } => Some((epoch, overlap)),
                _ => None,
            })
        };
        assert_eq!(previous("{ epoch = 3, overlap = '24h' }"), Some((2, 86_400)));
        for none in ["{ epoch = 3 }", "{ epoch = 1, overlap = '24h' }", "{ epoch = 3, overlap = '0s' }"] {
            assert_eq!(previous(none), None, "{none}");
        }
    }
}
