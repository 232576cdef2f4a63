//! The Secrets of a description: names of keys and where their values come from, never a value.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::object::role::Role;
use crate::object::{Manifest, ObjectRef};
use crate::render::scope::{mapped, owner};
use crate::stack::{Item, MemberKey, SecretSpec, Stack};

pub(super) fn manifests(stack: &Stack) -> Vec<Manifest> {
    stack.secrets.iter().map(|(key, item)| manifest(stack, key, item)).collect()
}

fn manifest(stack: &Stack, key: &MemberKey, item: &Item<SecretSpec>) -> Manifest {
    let role = Role { name: &key.name, component: "credentials", kind: "Secret" };
    let mut labels: BTreeMap<_, _> = item.labels.clone();
    labels.extend(role.labels(&stack.name, &key.cluster));
    let secret = Secret {
        metadata: ObjectMeta {
            name: Some(key.name.clone()),
            namespace: Some(key.cluster.clone()),
            labels: Some(labels),
            annotations: mapped(item.annotations.clone()),
            ..ObjectMeta::default()
        },
        type_: Some("Opaque".to_owned()),
        ..Secret::default()
    };
    let reference = ObjectRef::namespaced("", "Secret", &key.cluster, &key.name);
    let object = serde_json::to_value(&secret).unwrap_or_default();
    let mut manifest = Manifest::bare(reference, "v1", object, item.address.clone());
    manifest.source = Some(item.source.clone());
    manifest.secret.clone_from(&item.spec.sources);
    if stack.clusters.contains_key(&key.cluster) {
        manifest.owners = vec![owner(&key.cluster)];
    }
    manifest
}

#[cfg(test)]
mod tests {
    use crate::object::SecretSource;
    use crate::render::fixture::{manifest, rendered};

    #[test]
    fn a_secret_is_rendered_without_its_values() {
        let manifests =
            rendered("[clusters.c]\n[secrets.k]\nfromEnv = { api-key = 'KEY' }\nfromFile = { cert = 'c.pem' }");
        let secret = manifest(&manifests, "Secret", "k");
        assert_eq!(secret.object.get("data"), None);
        assert_eq!(secret.object.get("stringData"), None);
        assert!(matches!(&secret.secret["api-key"], SecretSource::Env(name) if name == "KEY"));
        assert!(matches!(&secret.secret["cert"], SecretSource::File(path) if path.ends_with("c.pem")));
    }

    #[test]
    fn a_name_longer_than_a_label_is_cut_in_the_label_alone() {
        let name = format!("{}-{}", "a".repeat(62), "b".repeat(20));
        let manifests = rendered(&format!("[clusters.c]\n[secrets.{name}]\nfromEnv = {{ k = 'K' }}"));
        let label = &manifest(&manifests, "Secret", &name).object["metadata"]["labels"]["app.kubernetes.io/name"];
        assert_eq!(*label, "a".repeat(62));
    }
}
