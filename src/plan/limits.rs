//! What limits of calls really are, in words: without a store each pod of the gateway counts for itself, and a limit is as
//! many times what is written as there are pods. Reads the kinds as they are written; knows no gateway.

use std::collections::BTreeMap;

use serde_json::Value;

use super::inputs::{Desired, Inputs};
use super::observed::Observed;
use super::{Action, Change};
use crate::object::field::{map, number, text};
use crate::object::names::{AGENT_KIND, CLUSTER_KIND, GROUP, MODEL_KIND, TEAM_KIND};
use crate::object::{ObjectRef, first};

/// As many names stand in a sentence; of others it says how many there are.
const NAMED: usize = 5;
/// What is limited, and where the limit stands; in a model `params` has the last word, and `LiteLLM`'s names.
const LIMITS: [(&str, [&str; 2]); 2] = [
    ("requests", ["/spec/params/rpm", "/spec/rateLimits/requestsPerMinute"]),
    ("tokens", ["/spec/params/tpm", "/spec/rateLimits/tokensPerMinute"]),
];

/// The pods of a gateway, and whether they count together or each for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pods {
    fewest: i64,
    most: i64,
    together: bool,
}

impl Pods {
    /// Those of the gateway of a `LanguageCluster`. None where its own configuration names a Redis, by which pods may
    /// count together: what a limit is then is not for langop to say.
    fn of(cluster: &Value) -> Option<Self> {
        let said = |field: &str| number(cluster, &format!("/spec/gateway/deployment/{field}"));
        let fixed = said("replicas").unwrap_or(1);
        let (fewest, most) = match said("autoscaling/maxReplicas") {
            Some(most) => (said("autoscaling/minReplicas").unwrap_or(1), most),
            None => (fixed, fixed),
        };
        let pods = Self { fewest, most, together: cluster.pointer("/spec/gateway/store").is_some() };
        (!names_a_redis(cluster)).then_some(pods)
    }

    /// What so many a minute are by them.
    fn words(self, limit: i64) -> String {
        let times = |pods: i64| limit.saturating_mul(pods);
        let Self { fewest, most, together } = self;
        match most {
            _ if together => format!("{limit}/min over all pods"),
            ..=1 => format!("{limit}/min in one pod"),
            _ if fewest == most => format!("{limit}/min per pod, {most} pods: {}", times(most)),
            _ => format!("{limit}/min per pod, {fewest}–{most} pods: {} to {}", times(fewest), times(most)),
        }
    }
}

/// Whether `gateway.config` has a Redis (`LiteLLM`, *Caching* and *Load Balancing*).
fn names_a_redis(cluster: &Value) -> bool {
    let router = map(cluster, "/spec/gateway/config/router_settings");
    let cache = text(cluster, "/spec/gateway/config/litellm_settings/cache_params/type");
    let mut settings = router.into_iter().flat_map(|settings| settings.keys());
    settings.any(|key| key.starts_with("redis_")) || cache.is_some_and(|kind| kind.starts_with("redis"))
}

/// The kinds that calls can be limited and budgets be kept of, with the description's word for each.
pub(super) const MEMBERS: [(&str, &str); 3] = [(AGENT_KIND, "agent"), (MODEL_KIND, "model"), (TEAM_KIND, "team")];

/// A sentence for each limit that changes, or whose gateway comes to have other pods. Those of one cluster that are
/// alike share theirs. Nothing of a limit that is what it says: that of a gateway with one pod.
pub(super) fn effects(inputs: &Inputs<'_>, changes: &BTreeMap<ObjectRef, Change>) -> Vec<String> {
    let mut alike: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    for (object, desired) in inputs.desired {
        let Some((member, cluster)) = member(object).zip(cluster(object, inputs)) else { continue };
        let whole = |object: &ObjectRef, desired: &Desired| {
            let before = before(inputs.observed.get(object), desired, changes.get(object));
            (before, desired.object.to_value())
        };
        let ((was, is), (cluster_was, cluster_is)) = (whole(object, desired), whole(cluster.0, cluster.1));
        let Some(pods) = Pods::of(&cluster_is) else { continue };
        let pods = (cluster_was.as_ref().and_then(Pods::of), pods);
        for (what, places) in LIMITS {
            let limit = |object: &Value| places.iter().find_map(|place| number(object, place));
            if let Some(words) = sentence((was.as_ref().and_then(limit), limit(&is)), pods) {
                alike.entry((cluster.0.name.to_string(), what.to_owned(), words)).or_default().push(member.clone());
            }
        }
    }
    let say = |((cluster, what, words), members): ((String, String, String), Vec<String>)| {
        let each = if members.len() > 1 { ", each" } else { "" };
        format!("{what} of {} in `{cluster}`{each}: {words}", first(members.iter(), NAMED))
    };
    alike.into_iter().map(say).collect()
}

/// What is said of a limit, as it was and is, and of the pods that counted and count. Nothing when both stay.
fn sentence((was, is): (Option<i64>, Option<i64>), (before, now): (Option<Pods>, Pods)) -> Option<String> {
    let is = is?;
    let before = was.zip(before);
    let was_plain = before.is_none_or(|(_, pods)| pods.most <= 1);
    let before = before.map(|(was, pods)| pods.words(was));
    let is = now.words(is);
    let is_said = before.as_ref() != Some(&is) && !(now.most <= 1 && was_plain);
    let before = before.map_or_else(String::new, |before| format!("; until now {before}"));
    is_said.then(|| format!("{is}{before}"))
}

/// What an object was; nothing when it is new.
pub(super) fn before(observed: Option<&Observed>, desired: &Desired, change: Option<&Change>) -> Option<Value> {
    match (observed, change.map(|change| change.action)) {
        (Some(Observed::Live { live, .. }), _) => Some(live.clone()),
        (_, Some(Action::NoOp)) => Some(desired.object.to_value()),
        _ => None,
    }
}

/// What an object is called in a sentence, if calls of it can be limited.
pub(super) fn member(object: &ObjectRef) -> Option<String> {
    let (_, word) = MEMBERS.into_iter().find(|(kind, _)| object.is(GROUP, kind))?;
    Some(format!("{word} `{}`", object.name))
}

/// The cluster of a member.
fn cluster<'a>(object: &ObjectRef, inputs: &Inputs<'a>) -> Option<(&'a ObjectRef, &'a Desired)> {
    let cluster = ObjectRef::cluster_scoped(GROUP, CLUSTER_KIND, object.namespace.as_deref()?);
    inputs.desired.get_key_value(&cluster)
}

#[cfg(test)]
pub(super) mod tests;
