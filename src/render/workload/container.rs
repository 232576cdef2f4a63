//! Small parts of containers.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, ResourceRequirements, SecretKeySelector};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// A crash says why: without it, only the log of a container that is gone does.
pub(in crate::render) const FALLBACK_TO_LOGS: &str = "FallbackToLogsOnError";

/// Requests and limits, each as CPU and memory.
pub(in crate::render) fn amounts(requests: (&str, &str), limits: (&str, &str)) -> ResourceRequirements {
    let amounts = |(cpu, memory): (&str, &str)| {
        let pairs = [("cpu", cpu), ("memory", memory)];
        BTreeMap::from(pairs.map(|(name, amount)| (name.to_owned(), Quantity(amount.to_owned()))))
    };
    ResourceRequirements {
        requests: Some(amounts(requests)),
        limits: Some(amounts(limits)),
        ..ResourceRequirements::default()
    }
}

/// A variable of a plain value.
pub(in crate::render) fn variable(name: &str, value: &str) -> EnvVar {
    EnvVar { name: name.to_owned(), value: Some(value.to_owned()), value_from: None }
}

/// A variable whose value is in a Secret.
pub(in crate::render) fn secret_variable(name: &str, secret: &str, key: &str) -> EnvVar {
    let source = SecretKeySelector { name: secret.to_owned(), key: key.to_owned(), optional: None };
    let value_from = Some(EnvVarSource { secret_key_ref: Some(source), ..EnvVarSource::default() });
    EnvVar { name: name.to_owned(), value: None, value_from }
}
