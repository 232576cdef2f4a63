//! A quota as it will be when the pods come: as desired, else as it is. What is to be deleted is still there, for
//! deletes come last.

use std::collections::BTreeMap;

use serde_json::Value;

use super::item::Item;
use crate::object::field::text;
use crate::object::{ObjectRef, Quantity};

/// One quota of a namespace.
pub(super) struct Quota<'a> {
    pub(super) object: ObjectRef,
    /// The spec that will be in force.
    pub(super) spec: &'a Value,
    live: Option<&'a Value>,
    /// The desired object; none for a quota of someone else.
    pub(super) wanted: Option<&'a Item<'a>>,
}

impl<'a> Quota<'a> {
    /// The quotas of a namespace, by name.
    pub(super) fn all(namespace: &str, items: &'a [Item<'a>], live: &'a [Value]) -> Vec<Self> {
        let name = |quota: &Value| text(quota, "/metadata/name").unwrap_or_default().to_owned();
        let mut others: BTreeMap<_, _> = live.iter().map(|quota| (name(quota), quota)).collect();
        let mut all = Vec::new();
        for item in items.iter().filter(|item| item.object.is("", "ResourceQuota")) {
            let spec = item.next.get("spec").unwrap_or(&Value::Null);
            let live = others.remove(&*item.object.name);
            all.push(Self { object: item.object.clone(), spec, live, wanted: Some(item) });
        }
        for (name, quota) in others {
            let object = ObjectRef::namespaced("", "ResourceQuota", namespace, &name);
            let spec = quota.get("spec").unwrap_or(&Value::Null);
            all.push(Self { object, spec, live: Some(quota), wanted: None });
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
        self.wanted.is_some_and(|item| item.step.writes())
    }
}
