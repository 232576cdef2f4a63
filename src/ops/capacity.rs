//! Reads what quotas leave in the namespaces that a plan changes: one LIST of quotas for each, and what they count
//! only where there are some. Nothing for a plan without changes. What fits, [`crate::quota`] decides.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::OpsError;
use super::observe::Observation;
use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::{GroupKind, ObjectRef};
use crate::plan::capacity::{Capacity, namespaces};
use crate::plan::{Action, Observed, Plan, Problem, Severity};
use crate::quota::{Needed, Usage, makes_pods};

/// Everything about quotas that is wrong with a plan, or worth a warning. A namespace that may not be read is a
/// warning where this stack has a quota of its own, or changes pods.
///
/// # Errors
/// The API server cannot be reached, or answers a LIST with anything but the list or 403.
pub(super) async fn problems(
    reader: &Reader,
    plan: &Plan,
    observation: &Observation,
) -> Result<Vec<Problem>, OpsError> {
    let (mut usage, mut problems) = (BTreeMap::new(), Vec::new());
    for namespace in namespaces(plan) {
        let to_come =
            matches!(observation.observed.get(&ObjectRef::of_namespace(namespace)), Some(Observed::Absent(_)));
        if to_come {
            continue;
        }
        let namespace = Namespace { reader, plan, observation, name: namespace };
        match namespace.usage().await {
            Ok(found) => drop(usage.insert(namespace.name.to_owned(), found)),
            Err(ClusterError::Forbidden(message)) => problems.extend(unread(&namespace, &message)),
            Err(error) => return Err(error.into()),
        }
    }
    let plurals = plurals(reader, observation);
    let (desired, observed) = (&observation.desired, &observation.observed);
    problems.extend(Capacity { plan, desired, observed, usage: &usage, plurals: &plurals }.problems());
    Ok(problems)
}

/// One namespace that is read.
struct Namespace<'a> {
    reader: &'a Reader,
    plan: &'a Plan,
    observation: &'a Observation,
    name: &'a str,
}

impl Namespace<'_> {
    async fn usage(&self) -> Result<Usage, ClusterError> {
        let mut usage = Usage { quotas: self.list("ResourceQuota").await?, ..Usage::default() };
        let needed = Needed::by(&usage.quotas, self.desired_quotas());
        if needed.pods && self.changes_pods() {
            usage.pods = self.list("Pod").await?;
            usage.limit_ranges = self.list("LimitRange").await?;
        }
        for objects in needed.objects {
            if let Some(resource) = self.resource(&objects) {
                let count = self.reader.list_metadata(&resource, Some(self.name), None).await?.len();
                usage.counts.insert(objects, i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
        Ok(usage)
    }

    async fn list(&self, kind: &str) -> Result<Vec<Value>, ClusterError> {
        let resource = self.reader.resource(&GroupKind::new("", kind), None)?;
        self.reader.list(&resource, Some(self.name), None).await
    }

    fn desired_quotas(&self) -> impl Iterator<Item = &Value> {
        let here = self
            .observation
            .desired
            .iter()
            .filter(|(object, _)| object.is("", "ResourceQuota") && object.namespace.as_deref() == Some(self.name));
        here.map(|(_, desired)| &*desired.object)
    }

    /// Whether the plan changes pods here, or the quota that counts them.
    fn changes_pods(&self) -> bool {
        let here = self.plan.changes.iter().filter(|change| change.object.namespace.as_deref() == Some(self.name));
        let mut changed = here.filter(|change| change.action != Action::NoOp);
        changed.any(|change| makes_pods(&change.desired) || change.object.is("", "ResourceQuota"))
    }

    fn resource(&self, objects: &str) -> Option<Resource> {
        let resources = self.reader.resources();
        resources.listable().find(|resource| resource.qualified() == objects).cloned()
    }
}

/// The names of the desired kinds in quotas: from the server, else from the CRDs of this plan.
fn plurals(reader: &Reader, observation: &Observation) -> BTreeMap<GroupKind, String> {
    let mut plurals = BTreeMap::new();
    for (object, desired) in &observation.desired {
        if object.is_crd() {
            plurals.insert(GroupKind::defined_by(&desired.object), object.name.to_string());
        }
    }
    let kinds: BTreeSet<_> = observation.desired.keys().map(ObjectRef::group_kind).collect();
    for kind in kinds {
        if let Ok(resource) = reader.resource(&kind, None) {
            plurals.insert(kind, resource.qualified());
        }
    }
    plurals
}

/// Of a quota of the stack, what others use; where the stack has none, what those of others leave for what it makes.
fn unread(namespace: &Namespace<'_>, message: &str) -> Option<Problem> {
    let hint = "ask for the permission to list resourcequotas, pods and limitranges there".to_owned();
    let warning =
        |what: &str| Problem::new(Severity::Warning, "quota-unread", format!("{what} is not known: {message}"));
    let here = |object: &ObjectRef| object.namespace.as_deref() == Some(namespace.name);
    let mut desired = namespace.observation.desired.iter();
    if let Some((object, desired)) = desired.find(|(object, _)| object.is("", "ResourceQuota") && here(object)) {
        let problem = warning("what others use of it").with_hint(hint);
        return Some(problem.about(object, Some(desired.address.clone()), desired.source.clone()));
    }
    let what = format!("what quotas leave in namespace `{}`", namespace.name);
    namespace.changes_pods().then(|| warning(&what).with_hint(hint))
}
