//! What else happens because of a change: pods that restart, tasks that run again.

use std::collections::BTreeMap;

use serde_json::Value;

use super::decide::Verdict;
use super::inputs::Desired;
use super::observed::{Observed, Preview};
use super::run::{Run, run};
use super::{Action, Reason};
use crate::diff::Diff;
use crate::object::field::text;
use crate::object::names::MODEL_KIND;
use crate::object::pod_template::config_maps;
use crate::object::role::gateway_cluster;
use crate::object::{ObjectRef, changed_versions, labels};

/// "gateway of cluster `prod` restarts", when the change replaces the pods of a workload.
pub(super) fn restart(
    object: &ObjectRef,
    all: &BTreeMap<ObjectRef, Desired>,
    observed: &Observed,
    verdict: &Verdict,
) -> Option<String> {
    let Observed::Live { live, next: Preview::Becomes { object: next, .. }, .. } = observed else { return None };
    let template = |object: &Value| object.pointer("/spec/template").cloned().unwrap_or_default();
    let (live, next) = (template(live), template(next));
    let restarts =
        verdict.action == Action::Update && object.group == "apps" && !Diff::between(&live, &next).is_empty();
    restarts.then(|| {
        let because = because(object, all, (&live, &next)).or_else(|| {
            matches!(verdict.reason, Reason::Drifted { .. }).then(|| "its pods were changed by someone else".to_owned())
        });
        let because = because.map_or_else(String::new, |because| format!(": {because}"));
        format!("{} restarts{because}", name(object, all))
    })
}

/// "`Job/report in prod` runs again", when a run that is over makes room for the next one.
pub(super) fn rerun(object: &ObjectRef, desired: &Value, observed: &Observed, verdict: &Verdict) -> Option<String> {
    let Observed::Live { live, .. } = observed else { return None };
    if verdict.action != Action::Replace {
        return None;
    }
    Some(match run(desired, live)? {
        Run::Over => format!("{object} runs again: its last run is over"),
        Run::GoesOn => format!("{object} runs again: its present run is ended"),
    })
}

fn name(object: &ObjectRef, all: &BTreeMap<ObjectRef, Desired>) -> String {
    let cluster = all.get(object).and_then(|desired| gateway_cluster(&desired.object));
    cluster.map_or_else(|| object.to_string(), |cluster| format!("gateway of cluster `{cluster}`"))
}

/// What moved between two templates that says why: the versions of credentials, the names of configurations.
fn because(object: &ObjectRef, all: &BTreeMap<ObjectRef, Desired>, (live, next): (&Value, &Value)) -> Option<String> {
    let annotation = |template: &Value, key: &str| -> Option<String> {
        let all = template.pointer("/metadata/annotations")?;
        Some(all.get(key)?.as_str()?.to_owned())
    };
    let moved = |key: &str| Some((annotation(live, key)?, annotation(next, key)?)).filter(|(was, is)| was != is);
    let secrets = moved(labels::CREDENTIALS_HASH);
    let secrets =
        secrets.map_or_else(Vec::new, |(was, is)| changed_versions(&was, &is).into_iter().map(str::to_owned).collect());
    if !secrets.is_empty() {
        let whose: Vec<_> = secrets.iter().map(|secret| whose(object, all, secret)).collect();
        return Some(format!("credentials of {} changed since it started", whose.join(", ")));
    }
    let mounts = |template: &Value| {
        config_maps(template.get("spec").unwrap_or_default()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    (mounts(live) != mounts(next)).then(|| "its configuration changed".to_owned())
}

/// The models that a Secret is for, else the Secret itself.
fn whose(gateway: &ObjectRef, all: &BTreeMap<ObjectRef, Desired>, secret: &str) -> String {
    let refers = |desired: &&Desired| {
        ["/spec/apiKeySecretRef/name", "/spec/credentialsSecretRef/name"]
            .iter()
            .any(|place| text(&desired.object, place) == Some(secret))
    };
    let here = all.iter().filter(|(object, _)| object.kind == MODEL_KIND && object.namespace == gateway.namespace);
    let models: Vec<_> =
        here.map(|(_, desired)| desired).filter(refers).map(|model| model.address.to_string()).collect();
    if models.is_empty() { format!("Secret/{secret}") } else { models.join(", ") }
}
