//! When the gateway counts as started, ready and alive. Never by `/health`, which calls every model.

use k8s_openapi::api::core::v1::{HTTPGetAction, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::object::names::PORT_NAME;

/// Two minutes for a start that takes five seconds with a CPU and fifty without.
pub(super) fn startup() -> Probe {
    Probe { period_seconds: Some(2), failure_threshold: Some(60), timeout_seconds: Some(5), ..get("readiness") }
}

/// Ready once the configuration is loaded.
pub(super) fn readiness() -> Probe {
    Probe { period_seconds: Some(10), failure_threshold: Some(3), timeout_seconds: Some(5), ..get("readiness") }
}

/// Patient: a pod that is busy with long streams answers late and must not be restarted.
pub(super) fn liveness() -> Probe {
    Probe { period_seconds: Some(15), failure_threshold: Some(6), timeout_seconds: Some(10), ..get("liveliness") }
}

fn get(what: &str) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(format!("/health/{what}")),
            port: IntOrString::String(PORT_NAME.to_owned()),
            ..HTTPGetAction::default()
        }),
        ..Probe::default()
    }
}
