//! Who answers a call when some deployments are out: as `LiteLLM` finds deployments by a name, and walks fallbacks when all
//! of them fail. Read in `async_function_with_fallbacks_common_utils`, `run_async_fallback` and
//! `_common_checks_available_deployment` of release 1.108.7, and held against it by `tests/it/gateway/outage.rs`.
//! Knows no caller but by what it may be given.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::deployment::Deployment;
use crate::object::field::{flag, items, number, text};
use crate::object::glob::matches;
use crate::object::{Grant, model_aliases};
use crate::ops::fallbacks::Fallbacks;

/// How many fallbacks of fallbacks there are (`ROUTER_MAX_FALLBACKS`).
const MOST: usize = 5;
/// Where another number stands; the first that does counts.
const MOST_AT: [&str; 2] = ["/router_settings/max_fallbacks", "/litellm_settings/max_fallbacks"];
/// How often a call is tried again, and where another number stands.
const RETRIES: i64 = 2;
const RETRIES_AT: [&str; 2] = ["/router_settings/num_retries", "/litellm_settings/num_retries"];
/// Who may not call a model is given no answer of it, unless this says otherwise.
const ENFORCES: &str = "/general_settings/enforce_fallback_model_access";

/// A gateway, with what of it is out.
pub(super) struct Router<'a> {
    deployments: &'a [Deployment],
    out: &'a [bool],
    aliases: BTreeMap<&'a str, &'a str>,
    /// Names that stand for several others, all of whose deployments share the calls.
    pools: BTreeMap<&'a str, Vec<&'a str>>,
    fallbacks: Fallbacks,
    most: usize,
    retries: i64,
    enforces: bool,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Walked {
    /// The name whose deployments answer; nothing when none does.
    pub answers: Option<String>,
    /// The names that were tried before, the called one first.
    pub tried: Vec<String>,
    /// The fallbacks that were left out, since the caller may not call them.
    pub refused: Vec<String>,
}

impl<'a> Router<'a> {
    pub(super) fn new(config: &'a Value, deployments: &'a [Deployment], out: &'a [bool]) -> Self {
        let pools = items(config, "/router_settings/routing_groups").iter().filter_map(|pool| {
            Some((text(pool, "/group_name")?, items(pool, "/models").iter().filter_map(Value::as_str).collect()))
        });
        let most = MOST_AT.iter().find_map(|pointer| number(config, pointer));
        Self {
            deployments,
            out,
            aliases: model_aliases(config).collect(),
            pools: pools.collect(),
            fallbacks: Fallbacks(config.clone()),
            most: most.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST),
            retries: RETRIES_AT.iter().find_map(|pointer| number(config, pointer)).unwrap_or(RETRIES),
            enforces: flag(config, ENFORCES).unwrap_or(true),
        }
    }

    /// Every name that is listed or leads to one that is, the aliases of a name behind it.
    pub(super) fn names(&self) -> Vec<Vec<String>> {
        let models = self.deployments.iter().map(|one| one.name.as_str());
        let groups: BTreeSet<_> = models.chain(self.pools.keys().copied()).collect();
        let aliases = |group: &str| {
            let own = self.aliases.iter().filter(move |(_, to)| **to == group).map(|(from, _)| (*from).to_owned());
            own.collect::<Vec<_>>()
        };
        // An alias hides a model of its name.
        let of = |group: &str| {
            let own = (!self.aliases.contains_key(group)).then(|| group.to_owned());
            own.into_iter().chain(aliases(group)).collect::<Vec<_>>()
        };
        groups.into_iter().map(of).filter(|names| !names.is_empty()).collect()
    }

    /// The deployments that a name leads to, with whether each is out.
    pub(super) fn group(&self, name: &str) -> Vec<(&'a Deployment, bool)> {
        let all = || self.deployments.iter().zip(self.out.iter().copied());
        let is_a_name = self.deployments.iter().any(|one| one.name == name);
        if let Some(one) = all().find(|(one, _)| !is_a_name && one.id.as_deref() == Some(name)) {
            return vec![one];
        }
        let name = self.aliases.get(name).copied().unwrap_or(name);
        if let Some(pool) = self.pools.get(name) {
            return all().filter(|(one, _)| pool.contains(&one.name.as_str())).collect();
        }
        let exact: Vec<_> = all().filter(|(one, _)| one.name == name).collect();
        if !exact.is_empty() {
            return exact;
        }
        let patterns = self.deployments.iter().map(|one| one.name.as_str()).filter(|pattern| pattern.contains('*'));
        // The longest is the most exact.
        let pattern = patterns.filter(|pattern| matches(pattern, name)).max_by_key(|pattern| pattern.len());
        match pattern {
            Some(pattern) => all().filter(|(one, _)| one.name == pattern).collect(),
            None => all().filter(|(one, _)| one.upstream == name).collect(),
        }
    }

    /// Calls a model for somebody who may call these.
    pub(super) fn call(&self, called: &str, may: &Grant) -> Walked {
        self.walk(called, may, Luck::Good)
    }

    /// Whether a call of a model that others of its name still serve is lost when it meets a deployment that is out: it is
    /// tried no second time, and nothing else stands behind it.
    pub(super) fn loses(&self, called: &str, may: &Grant) -> bool {
        let group = self.group(called);
        let is_tried_once = group.iter().any(|(one, out)| *out && one.retries.unwrap_or(self.retries) == 0);
        is_tried_once && self.walk(called, may, Luck::Bad).answers.is_none()
    }

    fn walk(&self, called: &str, may: &Grant, luck: Luck) -> Walked {
        let mut walk = Walk {
            router: self,
            called,
            may,
            luck,
            attempted: BTreeSet::new(),
            walked: Walked { answers: None, tried: Vec::new(), refused: Vec::new() },
        };
        walk.walked.answers = walk.attempt(&Attempt { name: called.to_owned(), order: None }, 0);
        walk.walked
    }

    fn lets(&self, may: &Grant, name: &str) -> bool {
        !self.enforces || may.lists(name) || self.aliases.get(name).is_some_and(|to| may.lists(to))
    }
}

/// One try: the deployments of a name, or of those the ones in one place.
struct Attempt {
    name: String,
    order: Option<i64>,
}

/// Which deployment of several a call meets first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Luck {
    /// One that answers, if there is one.
    Good,
    /// One that is out.
    Bad,
}

struct Walk<'a> {
    router: &'a Router<'a>,
    called: &'a str,
    luck: Luck,
    may: &'a Grant,
    attempted: BTreeSet<String>,
    walked: Walked,
}

impl Walk<'_> {
    /// The name that answers, at this depth or below it. The count of what was tried so far is the depth of what is tried
    /// next, so that it grows along a list, too, and a fallback at the end of a long one has none of its own.
    fn attempt(&mut self, attempt: &Attempt, mut depth: usize) -> Option<String> {
        let group = self.router.group(&attempt.name);
        let meets_out = self.luck == Luck::Bad && depth == 0;
        if !meets_out && serves(&group, attempt.order) {
            return Some(attempt.name.clone());
        }
        if !self.walked.tried.contains(&attempt.name) {
            self.walked.tried.push(attempt.name.clone());
        }
        if depth >= self.router.most {
            return None;
        }
        self.attempted.insert(attempt.name.clone());
        for (next, key) in self.next(attempt, &group) {
            if next.name != attempt.name && !self.router.lets(self.may, &next.name) {
                if !self.walked.refused.contains(&next.name) {
                    self.walked.refused.push(next.name);
                }
                continue;
            }
            if !self.attempted.insert(key) {
                continue;
            }
            depth += 1;
            if let Some(name) = self.attempt(&next, depth) {
                return Some(name);
            }
        }
        None
    }

    /// What is tried after an attempt, each with what it is known by: the later places of the same name, then its
    /// fallbacks. A name that has none goes on with those of the one that was called.
    fn next(&self, attempt: &Attempt, group: &[(&Deployment, bool)]) -> Vec<(Attempt, String)> {
        let orders: BTreeSet<_> = group.iter().filter_map(|(one, _)| one.order).collect();
        let done = attempt.order.or_else(|| orders.first().copied());
        let later = orders.into_iter().filter(|order| Some(*order) > done).map(|order| {
            let name = attempt.name.clone();
            (Attempt { name, order: Some(order) }, format!("{} {order}", attempt.name))
        });
        let fallbacks = self.router.fallbacks.of_first(&[&attempt.name, self.called]).iter().filter_map(|entry| {
            let name = entry.as_str().or_else(|| text(entry, "/model"))?.to_owned();
            // One with parameters of its own is tried beside the bare name.
            let is_bare = entry.as_object().is_none_or(|fields| fields.len() == 1);
            let key = if is_bare { name.clone() } else { entry.to_string() };
            Some((Attempt { name, order: None }, key))
        });
        later.chain(fallbacks).collect()
    }
}

/// Whether some deployment answers: in a place, or in the first. Those without one come last.
fn serves(group: &[(&Deployment, bool)], order: Option<i64>) -> bool {
    let first = group.iter().filter_map(|(one, _)| one.order).min();
    let level = order.or(first);
    group.iter().any(|(one, out)| !out && (one.order == level || (one.order.is_none() && order.is_none())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(name: &str) -> Deployment {
        Deployment { name: name.to_owned(), label: name.to_owned(), ..Deployment::default() }
    }

    /// Calls `called` of a gateway with these models, those behind a `-` being out.
    fn walked(models: &[&str], config: &Value, called: &str, may: Option<&[&str]>) -> Walked {
        let deployments: Vec<_> = models.iter().map(|name| deployment(name.trim_start_matches('-'))).collect();
        let out: Vec<_> = models.iter().map(|name| name.starts_with('-')).collect();
        let may = may.map_or(Grant::All, |names| Grant::Only {
            listed: names.iter().map(|name| (*name).to_owned()).collect(),
            unlisted: BTreeSet::new(),
            patterns: BTreeMap::new(),
        });
        Router::new(config, &deployments, &out).call(called, &may)
    }

    fn answers(models: &[&str], fallbacks: &Value, called: &str) -> Option<String> {
        walked(models, &json!({ "router_settings": { "fallbacks": fallbacks } }), called, None).answers
    }

    #[test]
    fn another_deployment_of_the_name_answers_before_any_fallback() {
        assert_eq!(answers(&["-a", "a", "b"], &json!([{ "a": ["b"] }]), "a").as_deref(), Some("a"));
        assert_eq!(answers(&["-a", "-a", "b"], &json!([{ "a": ["b"] }]), "a").as_deref(), Some("b"));
        assert_eq!(answers(&["-a", "b"], &json!([{ "b": ["a"] }]), "a"), None);
    }

    #[test]
    fn fallbacks_of_fallbacks_are_followed_and_no_circle_is() {
        let chain = json!([{ "a": ["b"] }, { "b": ["a", "c"] }, { "c": ["b", "d"] }]);
        let walked = walked(&["-a", "-b", "-c", "d"], &json!({ "router_settings": { "fallbacks": chain } }), "a", None);
        assert_eq!((walked.answers.as_deref(), walked.tried), (Some("d"), ["a", "b", "c"].map(String::from).to_vec()));
    }

    #[test]
    fn a_chain_ends_after_five_and_a_list_does_not() {
        let models = ["-a", "-b", "-c", "-d", "-e", "-f", "g"];
        let chain =
            json!([{ "a": ["b"] }, { "b": ["c"] }, { "c": ["d"] }, { "d": ["e"] }, { "e": ["f"] }, { "f": ["g"] }]);
        assert_eq!(answers(&models, &chain, "a"), None);
        assert_eq!(answers(&models, &chain, "b").as_deref(), Some("g"));
        let list = json!([{ "a": ["b", "c", "d", "e", "f", "g"] }]);
        assert_eq!(answers(&models, &list, "a").as_deref(), Some("g"));
    }

    #[test]
    fn fallbacks_are_those_of_the_name_that_was_called() {
        let config = json!({ "router_settings": {
            "model_group_alias": { "fast": "a", "slow": { "model": "a", "hidden": true } },
            "fallbacks": [{ "a": ["b"] }, { "slow": ["fast", "b"] }],
        } });
        let answers = |called| walked(&["-a", "b"], &config, called, None).answers;
        assert_eq!(
            (answers("a").as_deref(), answers("fast"), answers("slow").as_deref()),
            (Some("b"), None, Some("b"))
        );
    }

    #[test]
    fn a_call_that_meets_what_is_out_is_lost_without_retries_and_fallbacks() {
        let loses = |retries: i64, fallbacks: Value| {
            let deployments = [deployment("a"), deployment("a"), deployment("b")];
            let config = json!({ "router_settings": { "num_retries": retries, "fallbacks": fallbacks } });
            Router::new(&config, &deployments, &[true, false, false]).loses("a", &Grant::All)
        };
        assert!(loses(0, json!([])) && !loses(1, json!([])) && !loses(0, json!([{ "a": ["b"] }])));
    }

    #[test]
    fn a_pool_has_the_deployments_of_all_its_names() {
        let config =
            json!({ "router_settings": { "routing_groups": [{ "group_name": "pool", "models": ["a", "b"] }] } });
        assert_eq!(walked(&["-a", "b"], &config, "pool", None).answers.as_deref(), Some("pool"));
        assert_eq!(walked(&["-a", "-b", "c"], &config, "pool", None).answers, None);
    }

    #[test]
    fn who_may_not_call_a_fallback_is_not_answered_by_it() {
        let config =
            json!({ "router_settings": { "fallbacks": [{ "a": ["b", "c"] }], "model_group_alias": { "c": "d" } } });
        let models = ["-a", "b", "d"];
        let narrow = walked(&models, &config, "a", Some(&["a"]));
        assert_eq!((narrow.answers, narrow.refused), (None, vec!["b".to_owned(), "c".to_owned()]));
        assert_eq!(walked(&models, &config, "a", Some(&["a", "d"])).answers.as_deref(), Some("c"));
        let mut open = config.clone();
        open["general_settings"] = json!({ "enforce_fallback_model_access": false });
        assert_eq!(walked(&models, &open, "a", Some(&["a"])).answers.as_deref(), Some("b"));
    }

    #[test]
    fn names_lead_to_patterns_and_places_are_taken_one_after_the_other() {
        let models = ["-all/*", "all/mini-*"];
        assert_eq!(walked(&models, &json!({}), "all/mini-1", None).answers.as_deref(), Some("all/mini-1"));
        assert_eq!(walked(&models, &json!({}), "all/max", None).answers, None);
        let placed = |order| Deployment { order, ..deployment("a") };
        let deployments = [placed(Some(1)), placed(Some(2)), placed(None)];
        let config = json!({});
        let answers =
            |out: [bool; 3]| Router::new(&config, &deployments, &out).call("a", &Grant::All).answers.is_some();
        assert!(answers([true, false, true]) && answers([false, true, true]) && answers([true, true, false]));
        assert!(!answers([true; 3]));
    }
}
