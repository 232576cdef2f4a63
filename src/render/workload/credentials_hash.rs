//! The annotation of pods that changes when a Secret does: a running process keeps its environment.

use std::collections::BTreeSet;

use crate::api::DeploymentSpec;
use crate::object::field::escape;
use crate::object::{DeferredField, DeferredValue, ObjectRef, labels};

use super::Workload;

/// The annotation in the pods of a Deployment, for langop's own Secrets and those of the user's variables.
pub(in crate::render) fn credentials_hash<'a>(
    workload: &Workload<'a>,
    own: impl IntoIterator<Item = &'a str>,
) -> DeferredField {
    let key = escape(labels::CREDENTIALS_HASH);
    let secrets: BTreeSet<_> = own.into_iter().chain(users_secrets(workload.deployment)).collect();
    let reference = |name: &str| ObjectRef::namespaced("", "Secret", workload.scope.cluster, name);
    DeferredField {
        pointer: format!("/spec/template/metadata/annotations/{key}"),
        value: DeferredValue::VersionHash(secrets.into_iter().map(reference).collect()),
    }
}

/// Secrets that the user's own variables come from.
pub(in crate::render) fn users_secrets(deployment: &DeploymentSpec) -> impl Iterator<Item = &str> {
    let single = deployment.env.iter().filter_map(|variable| {
        let source = variable.value_from.as_ref()?.secret_key_ref.as_ref()?;
        Some(source.name.as_str())
    });
    let whole = deployment.env_from.iter().filter_map(|source| Some(source.secret_ref.as_ref()?.name.as_str()));
    single.chain(whole)
}
