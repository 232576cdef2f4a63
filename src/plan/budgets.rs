//! What changes of budgets, in words: who may spend more or less, whose counter starts anew, and whether agents together may
//! spend more than their cluster. Reads the kinds as they are written; knows no gateway.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Change;
use super::inputs::Inputs;
use super::limits::{before, member};
use crate::object::ObjectRef;
use crate::object::field::text;
use crate::object::names::{AGENT_KIND, CLUSTER_KIND, GROUP};

/// A budget as it is written.
#[derive(Clone, Debug, PartialEq)]
struct Budget {
    usd: f64,
    window: String,
    timezone: String,
}

impl Budget {
    fn of(object: &Value) -> Option<Self> {
        Some(Self {
            usd: object.pointer("/spec/budget/usd")?.as_f64()?,
            window: text(object, "/spec/budget/window")?.to_owned(),
            timezone: text(object, "/spec/budget/timezone").unwrap_or(crate::api::Budget::TIMEZONE).to_owned(),
        })
    }

    /// "500 USD a month"
    fn words(&self) -> String {
        format!("{} USD {}", self.usd, self.days())
    }

    fn days(&self) -> String {
        match self.window.strip_suffix('d') {
            Some("1") => "a day".to_owned(),
            Some(days) => format!("in {days} days"),
            None => format!("a {}", self.window),
        }
    }
}

/// The budgets of one cluster's namespace, each as it was and is.
#[derive(Default)]
struct Cluster {
    own: Option<Budget>,
    agents: Vec<Budget>,
    /// Whether any was there and stays.
    has_any: bool,
    /// What is said of another store, for those.
    store: Option<String>,
    said: Vec<String>,
}

/// A sentence for each budget that changes, and one for each cluster with such a change whose agents together may spend more
/// than it may.
pub(super) fn effects(inputs: &Inputs<'_>, changes: &BTreeMap<ObjectRef, Change>) -> Vec<String> {
    let mut clusters: BTreeMap<String, Cluster> = BTreeMap::new();
    for (object, desired) in inputs.desired {
        let Some(of) = spender(object) else { continue };
        let is = desired.object.to_value();
        let was = before(inputs.observed.get(object), desired, changes.get(object));
        let budgets = (was.as_ref().and_then(Budget::of), Budget::of(&is));
        let name = object.namespace.as_ref().unwrap_or(&object.name);
        let cluster = clusters.entry(name.to_string()).or_default();
        cluster.said.extend(sentence(&of, budgets.0.as_ref(), budgets.1.as_ref()));
        cluster.has_any |= budgets.0.is_some() && budgets.1.is_some();
        if object.is(GROUP, CLUSTER_KIND) {
            cluster.store = was.as_ref().and_then(|was| store_sentence(&object.name, was, &is));
            cluster.own = budgets.1;
        } else if object.is(GROUP, AGENT_KIND) {
            cluster.agents.extend(budgets.1);
        }
    }
    let of_cluster = |(name, mut cluster): (String, Cluster)| {
        let more = (!cluster.said.is_empty()).then(|| together(&name, &cluster)).flatten();
        cluster.said.extend(more);
        cluster.said.extend(cluster.store.take().filter(|_| cluster.has_any));
        cluster.said
    };
    clusters.into_iter().flat_map(of_cluster).collect()
}

/// Who spends, if the kind can have a budget.
fn spender(object: &ObjectRef) -> Option<String> {
    match member(object).zip(object.namespace.as_ref()) {
        Some((member, cluster)) => Some(format!("{member} in `{cluster}`")),
        None => object.is(GROUP, CLUSTER_KIND).then(|| format!("cluster `{}`", object.name)),
    }
}

/// What is said of a budget as it was and is.
fn sentence(of: &str, was: Option<&Budget>, is: Option<&Budget>) -> Option<String> {
    let (was, is) = match (was, is) {
        (None, None) => return None,
        (None, Some(is)) => return Some(format!("budget of {of}: {}", is.words())),
        (Some(was), None) => return Some(format!("ends the budget of {of}: until now {}", was.words())),
        (Some(was), Some(is)) if was == is => return None,
        (Some(was), Some(is)) => (was, is),
    };
    let anew = if was.timezone == is.timezone {
        String::new()
    } else {
        format!("; days begin in {}, until now in {}: the counter starts anew", is.timezone, was.timezone)
    };
    let change = if was.window != is.window {
        format!("budget of {of}: {}, until now {}", is.words(), was.words())
    } else if was.usd < is.usd {
        format!("raises the budget of {of} from {} to {}", was.usd, is.words())
    } else if was.usd > is.usd {
        format!("lowers the budget of {of} from {} to {}", was.usd, is.words())
    } else {
        format!("budget of {of}: {}", is.words())
    };
    Some(change + &anew)
}

/// What is said of another store: what was counted in the old one is not in the new one.
fn store_sentence(cluster: &str, was: &Value, is: &Value) -> Option<String> {
    let place = |object: &Value| {
        let store = object.pointer("/spec/gateway/store")?;
        Some(["host", "port"].map(|field| store.get(field).cloned()))
    };
    let (was, is) = (place(was)?, place(is)?);
    (was != is).then(|| format!("budgets in `{cluster}` are counted in another store: all begin anew"))
}

/// Agents that together may spend more than their cluster, of those with the same days.
fn together(name: &str, cluster: &Cluster) -> Option<String> {
    let own = cluster.own.as_ref()?;
    let alike: Vec<_> = cluster.agents.iter().filter(|agent| agent.days() == own.days()).collect();
    let cents: f64 = alike.iter().map(|agent| (agent.usd * 100.0).round()).sum();
    let sum = cents / 100.0;
    let days = own.days();
    (alike.len() > 1 && sum > own.usd).then(|| {
        format!(
            "budgets of {} agents in `{name}` come to {sum} USD {days}, and that of the cluster is {}",
            alike.len(),
            own.usd
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::limits::tests::said;

    fn budget(usd: f64, window: &str) -> Value {
        json!({ "budget": { "usd": usd, "window": window } })
    }

    #[test]
    fn who_may_spend_more_or_less_is_said() {
        for (was, is, wanted) in [
            (None, Some(budget(5.0, "day")), "budget of cluster `prod`: 5 USD a day"),
            (Some(json!({})), Some(budget(5.0, "30d")), "budget of cluster `prod`: 5 USD in 30 days"),
            (
                Some(budget(500.0, "month")),
                Some(budget(800.0, "month")),
                "raises the budget of cluster `prod` from 500 to 800 USD a month",
            ),
            (
                Some(budget(5.5, "month")),
                Some(budget(4.25, "month")),
                "lowers the budget of cluster `prod` from 5.5 to 4.25 USD a month",
            ),
            (
                Some(budget(5.0, "month")),
                Some(budget(4.0, "7d")),
                "budget of cluster `prod`: 4 USD in 7 days, until now 5 USD a month",
            ),
            (Some(budget(5.0, "month")), Some(json!({})), "ends the budget of cluster `prod`: until now 5 USD a month"),
        ] {
            assert_eq!(said([was, is], &[]), [wanted]);
        }
        assert_eq!(said([Some(budget(5.0, "day")), Some(budget(5.0, "day"))], &[]), [""; 0]);
    }

    #[test]
    fn another_time_zone_starts_the_counter_anew() {
        let in_berlin = json!({ "budget": { "usd": 5, "window": "day", "timezone": "Europe/Berlin" } });
        let wanted = "budget of cluster `prod`: 5 USD a day; days begin in Europe/Berlin, until now in UTC: \
                      the counter starts anew";
        assert_eq!(said([Some(budget(5.0, "day")), Some(in_berlin.clone())], &[]), [wanted]);
        let utc = json!({ "budget": { "usd": 5, "window": "day", "timezone": "UTC" } });
        assert_eq!(said([Some(budget(5.0, "day")), Some(utc)], &[]), [""; 0]);
    }

    #[test]
    fn another_store_starts_all_counters_anew() {
        let with = |store: Value| {
            let mut spec = budget(5.0, "day");
            spec["gateway"] = json!({ "store": store });
            Some(spec)
        };
        let wanted = "budgets in `prod` are counted in another store: all begin anew";
        assert_eq!(said([with(json!({ "size": "1Gi" })), with(json!({ "host": "redis" }))], &[]), [wanted]);
        assert_eq!(said([with(json!({ "size": "1Gi" })), with(json!({ "size": "2Gi" }))], &[]), [""; 0]);
    }

    #[test]
    fn agents_that_together_may_spend_more_than_their_cluster_are_told_of() {
        let agent = |name: &'static str, usd: f64, window: &str| [None, Some((name, budget(usd, window)))];
        let whole = [Some(budget(10.0, "month")), Some(budget(10.0, "month"))];
        let told = said(
            whole.clone(),
            &[agent("agent.a", 6.0, "month"), agent("agent.b", 6.0, "month"), agent("agent.c", 99.0, "day")],
        );
        let last = "budgets of 2 agents in `prod` come to 12 USD a month, and that of the cluster is 10";
        assert_eq!(told.last().unwrap(), last);
        assert!(told.contains(&"budget of agent `a` in `prod`: 6 USD a month".to_owned()), "{told:?}");
        assert_eq!(said(whole, &[agent("agent.a", 6.0, "month"), agent("agent.b", 4.0, "month")]).len(), 2);
    }
}
