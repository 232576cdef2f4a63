//! What there is in a namespace, and what its quotas count of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::measure::{Measure, counted_objects};

/// What there is in a namespace besides what is desired.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage {
    /// Its `ResourceQuota`s.
    pub quotas: Vec<Value>,
    /// Its `LimitRange`s.
    pub limit_ranges: Vec<Value>,
    /// Its pods.
    pub pods: Vec<Value>,
    /// How many objects there are, `plural.group` by `plural.group`, where no quota counts them yet.
    pub counts: BTreeMap<String, i64>,
}

/// What must be read of a namespace, so that its quotas can be judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needed {
    /// Whether a quota counts pods, or what they ask for.
    pub pods: bool,
    /// Objects that a quota is to count and none counts yet, as `plural.group`.
    pub objects: BTreeSet<String>,
}

impl Needed {
    /// What the quotas that are live or to be made need. A key that one live quota counts needs no other count.
    #[must_use]
    pub(crate) fn by<'a>(live: &'a [Value], desired: impl Iterator<Item = &'a Value>) -> Self {
        let hard = live.iter().chain(desired).filter_map(|quota| quota.pointer("/spec/hard")?.as_object());
        let keys: BTreeSet<&String> = hard.flat_map(|hard| hard.keys()).collect();
        let counted = |key: &str| live.iter().any(|quota| is_counted(quota, key));
        Self {
            pods: keys.iter().any(|key| Measure::parse(key).is_some_and(|measure| measure.is_of_pods())),
            objects: keys.iter().filter(|key| !counted(key)).filter_map(|key| counted_objects(key)).collect(),
        }
    }
}

/// Keys that a quota's controller does not count yet: the API server lets in nothing that they limit. So it is with
/// kinds that are younger than the quota.
#[must_use]
pub(crate) fn uncounted(quota: &Value) -> Vec<String> {
    let hard = quota.pointer("/spec/hard").and_then(Value::as_object).into_iter().flatten();
    hard.filter(|(key, _)| !is_counted(quota, key)).map(|(key, _)| key.clone()).collect()
}

/// The quota without these keys: its controller looks at a quota again when its spec changes.
#[must_use]
pub(crate) fn without_keys(quota: &Value, keys: &[String]) -> Value {
    let mut rest = quota.clone();
    if let Some(hard) = rest.pointer_mut("/spec/hard").and_then(Value::as_object_mut) {
        hard.retain(|key, _| !keys.contains(key));
    }
    rest
}

fn is_counted(quota: &Value, key: &str) -> bool {
    quota.pointer("/status/used").is_some_and(|used| used.get(key).is_some())
}
