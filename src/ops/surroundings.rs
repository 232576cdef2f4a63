//! Reads what quotas leave in the namespaces that a plan changes: one LIST of quotas for each, and what they count
//! only where there are some. Nothing for a plan without changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::OpsError;
use super::observe::Seen;
use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::{GroupKind, ObjectRef};
use crate::plan::capacity::{self, Surroundings};
use crate::plan::{Observed, Plan, Problem, Severity};

/// What was found, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) around: BTreeMap<String, Surroundings>,
    pub(super) plurals: BTreeMap<GroupKind, String>,
    pub(super) problems: Vec<Problem>,
}

/// Looks around. A namespace that may not be read is a warning where this stack has a quota of its own.
pub(super) async fn look(reader: &Reader, plan: &Plan, seen: &Seen) -> Result<Found, OpsError> {
    let mut found = Found { plurals: plurals(reader, seen), ..Found::default() };
    for namespace in capacity::namespaces(plan) {
        let to_come = matches!(seen.observed.get(&ObjectRef::of_namespace(namespace)), Some(Observed::Absent(_)));
        if to_come {
            continue;
        }
        match (Look { reader, plan, seen, namespace }).around().await {
            Ok(around) => drop(found.around.insert(namespace.to_owned(), around)),
            Err(ClusterError::NotFound(_)) => {}
            Err(ClusterError::Forbidden(message)) => found.problems.extend(unread(seen, namespace, &message)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// One namespace that is looked at.
struct Look<'a> {
    reader: &'a Reader,
    plan: &'a Plan,
    seen: &'a Seen,
    namespace: &'a str,
}

impl Look<'_> {
    async fn around(&self) -> Result<Surroundings, ClusterError> {
        let quotas = self.list("", "ResourceQuota").await?;
        let mut around = Surroundings { quotas, ..Surroundings::default() };
        let keys = self.keys(&around.quotas);
        if keys.iter().any(|key| capacity::counts_pods(key)) && self.pods_matter() {
            around.pods = self.list("", "Pod").await?;
            around.limit_ranges = self.list("", "LimitRange").await?;
        }
        for objects in uncounted(&keys, &around.quotas) {
            if let Some(resource) = self.resource(&objects) {
                let count = self.reader.list_metadata(&resource, Some(self.namespace), None).await?.len();
                around.counts.insert(objects, i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
        Ok(around)
    }

    async fn list(&self, group: &str, kind: &str) -> Result<Vec<Value>, ClusterError> {
        let resource = self.reader.resource(&GroupKind::new(group, kind), None)?;
        self.reader.list(&resource, Some(self.namespace), None).await
    }

    /// The keys of all quotas here, those of this stack included.
    fn keys(&self, live: &[Value]) -> BTreeSet<String> {
        let desired = self.seen.desired.iter().filter(|(object, _)| {
            object.is("", "ResourceQuota") && object.namespace.as_deref() == Some(self.namespace)
        });
        let all = live.iter().chain(desired.map(|(_, desired)| &desired.object));
        let hard = all.filter_map(|quota| quota.pointer("/spec/hard")?.as_object());
        hard.flat_map(|hard| hard.keys().cloned()).collect()
    }

    /// Whether the plan changes pods here, or the quota that counts them.
    fn pods_matter(&self) -> bool {
        let here = self.plan.changes.iter().filter(|change| change.object.namespace.as_deref() == Some(self.namespace));
        let mut changed = here.filter(|change| !matches!(change.action, crate::plan::Action::NoOp));
        changed.any(|change| capacity::makes_pods(&change.desired) || change.object.is("", "ResourceQuota"))
    }

    fn resource(&self, objects: &str) -> Option<Resource> {
        let resources = self.reader.resources();
        resources.listable().find(|resource| resource.qualified() == objects).cloned()
    }
}

/// What no live quota counts yet, though a quota is to.
fn uncounted(keys: &BTreeSet<String>, live: &[Value]) -> BTreeSet<String> {
    let used =
        |key: &str| live.iter().any(|quota| quota.pointer("/status/used").is_some_and(|used| used.get(key).is_some()));
    keys.iter().filter(|key| !used(key)).filter_map(|key| capacity::counted_objects(key)).collect()
}

/// The names of the desired kinds in quotas: from the server, else from the CRDs of this plan.
fn plurals(reader: &Reader, seen: &Seen) -> BTreeMap<GroupKind, String> {
    let mut plurals = BTreeMap::new();
    for (object, desired) in &seen.desired {
        if object.is("apiextensions.k8s.io", "CustomResourceDefinition") {
            plurals.insert(GroupKind::defined_by(&desired.object), object.name.clone());
        }
        let kind = object.group_kind();
        if let Ok(resource) = reader.resource(&kind, None) {
            plurals.insert(kind, resource.qualified());
        }
    }
    plurals
}

fn unread(seen: &Seen, namespace: &str, message: &str) -> Option<Problem> {
    let mut desired = seen.desired.iter();
    let (object, desired) =
        desired.find(|(object, _)| object.is("", "ResourceQuota") && object.namespace.as_deref() == Some(namespace))?;
    Some(Problem {
        severity: Severity::Warning,
        code: "quota-unread".to_owned(),
        object: Some(object.clone()),
        address: Some(desired.address.clone()),
        source: desired.source.clone(),
        message: format!("what others use of it is not known: {message}"),
        hint: Some("ask for the permission to list resourcequotas, pods and limitranges there".to_owned()),
    })
}
