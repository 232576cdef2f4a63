//! A quota as it will be when the pods come: as desired, else as it is. What is to be deleted is still there, for
//! deletes come last.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Wanted;
use crate::object::{ObjectRef, Quantity};
use crate::plan::Action;

/// One quota of a namespace.
pub(super) struct Quota<'a> {
    pub(super) object: ObjectRef,
    /// The spec that will be in force.
    pub(super) spec: &'a Value,
    live: Option<&'a Value>,
    /// The desired object; none for a quota of someone else.
    pub(super) wanted: Option<&'a Wanted<'a>>,
}

impl<'a> Quota<'a> {
    /// The quotas of a namespace, by name.
    pub(super) fn all(namespace: &str, wanted: &'a [Wanted<'a>], live: &'a [Value]) -> Vec<Self> {
        let name =
            |quota: &Value| quota.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut live: BTreeMap<_, _> = live.iter().map(|quota| (name(quota), quota)).collect();
        let mut all = Vec::new();
        for wanted in wanted.iter().filter(|wanted| wanted.object.is("", "ResourceQuota")) {
            let live = live.remove(&wanted.object.name);
            let spec = wanted.next.get("spec").unwrap_or(&Value::Null);
            all.push(Self { object: wanted.object.clone(), spec, live, wanted: Some(wanted) });
        }
        for (name, live) in live {
            let object = ObjectRef::namespaced("", "ResourceQuota", namespace, &name);
            let spec = live.get("spec").unwrap_or(&Value::Null);
            all.push(Self { object, spec, live: Some(live), wanted: None });
        }
        all
    }

    /// What it allows, key by key.
    pub(super) fn hard(&self) -> impl Iterator<Item = (&'a str, Quantity)> {
        let hard = self.spec.get("hard").and_then(Value::as_object).into_iter().flatten();
        hard.filter_map(|(key, amount)| Some((key.as_str(), Quantity::from_json(amount)?)))
    }

    /// What it allowed until now.
    pub(super) fn before(&self, key: &str) -> Option<Quantity> {
        Quantity::from_json(self.live?.pointer("/spec/hard")?.get(key)?)
    }

    /// What it counts as used; none when it does not count that yet.
    pub(super) fn used(&self, key: &str) -> Option<Quantity> {
        Quantity::from_json(self.live?.pointer("/status/used")?.get(key)?)
    }

    /// Whether this plan writes it.
    pub(super) fn is_written(&self) -> bool {
        self.wanted.is_some_and(|wanted| matches!(wanted.action, Action::Create | Action::Update | Action::Replace))
    }
}
