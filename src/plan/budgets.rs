//! What changes of budgets, in words: who may spend more or less, whose counter starts anew, and whether agents and teams
//! together may spend more than those that they are of. Reads the kinds as they are written; knows no gateway.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Change;
use super::inputs::Inputs;
use super::limits::{MEMBERS, before, member};
use super::observed::Observed;
use crate::object::ObjectRef;
use crate::object::field::{self, text};
use crate::object::names::{AGENT_KIND, CLUSTER_KIND, GATEWAY_AGENTS, GROUP, TEAM_KIND};

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

/// An agent with a budget.
struct Agent {
    name: String,
    group: Option<String>,
    budget: Budget,
}

/// A team with a budget.
struct Team {
    name: String,
    agents: Vec<String>,
    groups: Vec<String>,
    budget: Budget,
}

impl Team {
    fn has(&self, agent: &Agent) -> bool {
        self.agents.contains(&agent.name) || agent.group.as_ref().is_some_and(|group| self.groups.contains(group))
    }
}

/// The budgets of one cluster's namespace, each as it was and is.
#[derive(Default)]
struct Cluster {
    own: Option<Budget>,
    agents: Vec<Agent>,
    teams: Vec<Team>,
    /// Whether any was there and stays.
    has_any: bool,
    /// What is said of another store, for those.
    store: Option<String>,
    said: Vec<String>,
}

/// A sentence for each budget that changes, and in each cluster with such a change one for those that together may spend
/// more than what they are of.
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
        } else if let Some(budget) = budgets.1 {
            cluster.add(object, &is, budget);
        }
    }
    for (name, cluster) in &mut clusters {
        cluster.said.extend(ended(name, inputs));
    }
    let of_cluster = |(name, mut cluster): (String, Cluster)| {
        let more = if cluster.said.is_empty() { Vec::new() } else { cluster.sums(&name) };
        cluster.said.extend(more);
        cluster.said.extend(cluster.store.take().filter(|_| cluster.has_any));
        cluster.said
    };
    clusters.into_iter().flat_map(of_cluster).collect()
}

/// What is said of budgets whose owner goes: of that, its kind is not known any more, but what its gateway counts is.
fn ended(cluster: &str, inputs: &Inputs<'_>) -> Vec<String> {
    let file = ObjectRef::namespaced("", "ConfigMap", cluster, GATEWAY_AGENTS);
    let Some(Observed::Live { live, .. }) = inputs.observed.get(&file) else { return Vec::new() };
    let said = text(live, "/data/budgets.json").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let ended = said.as_ref().and_then(Value::as_object).into_iter().flatten().filter_map(|(of, budget)| {
        let (word, name) = of.split_once('/')?;
        let (kind, _) = MEMBERS.into_iter().find(|(_, own)| *own == word)?;
        let is_there = inputs.desired.contains_key(&ObjectRef::namespaced(GROUP, kind, cluster, name));
        let was = Budget::of(&json!({ "spec": { "budget": budget } })).filter(|_| !is_there)?;
        sentence(&format!("{word} `{name}` in `{cluster}`"), Some(&was), None)
    });
    ended.collect()
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

impl Cluster {
    /// Puts the budget of an agent or a team where it is summed up.
    fn add(&mut self, object: &ObjectRef, is: &Value, budget: Budget) {
        let name = object.name.to_string();
        let names = |place: &str| field::names(is, place).into_iter().map(str::to_owned).collect();
        if object.is(GROUP, AGENT_KIND) {
            self.agents.push(Agent { name, group: text(is, "/spec/group").map(str::to_owned), budget });
        } else if object.is(GROUP, TEAM_KIND) {
            self.teams.push(Team { name, agents: names("/spec/agents"), groups: names("/spec/groups"), budget });
        }
    }

    /// A sentence for those that together may spend more than what they are of.
    fn sums(&self, name: &str) -> Vec<String> {
        let mut said = Vec::new();
        for team in &self.teams {
            let members = self.agents.iter().filter(|agent| team.has(agent)).map(|agent| &agent.budget);
            let whole = format!("team `{}`", team.name);
            said.extend(sum(("agents", name), members, (&whole, &team.budget)));
        }
        if let Some(own) = &self.own {
            let whole = ("the cluster", own);
            said.extend(sum(("agents", name), self.agents.iter().map(|agent| &agent.budget), whole));
            said.extend(sum(("teams", name), self.teams.iter().map(|team| &team.budget), whole));
        }
        said
    }
}

/// What is said of budgets in a cluster that together are more than that of the whole, of those with its days.
fn sum<'a>(
    (what, cluster): (&str, &str),
    budgets: impl Iterator<Item = &'a Budget>,
    (whole, own): (&str, &Budget),
) -> Option<String> {
    let alike: Vec<_> = budgets.filter(|budget| budget.days() == own.days()).collect();
    let cents: f64 = alike.iter().map(|budget| (budget.usd * 100.0).round()).sum();
    let (count, sum, days) = (alike.len(), cents / 100.0, own.days());
    (count > 1 && sum > own.usd).then(|| {
        format!("budgets of {count} {what} in `{cluster}` come to {sum} USD {days}, and that of {whole} is {}", own.usd)
    })
}

#[cfg(test)]
mod tests {
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
    fn teams_have_budgets_too_and_members_that_may_spend_more_are_told_of() {
        let mut team = budget(8.0, "month");
        team["agents"] = json!(["a"]);
        team["groups"] = json!(["g"]);
        let mut grouped = budget(5.0, "month");
        grouped["group"] = json!("g");
        let members = [
            [None, Some(("agent.a", budget(6.0, "month")))],
            [None, Some(("agent.b", grouped))],
            [None, Some(("agent.c", budget(3.0, "month")))],
            [Some(("team.t", budget(9.0, "month"))), Some(("team.t", team))],
            [None, Some(("team.u", budget(2.0, "month")))],
        ];
        let told = said([Some(budget(9.0, "month")), Some(budget(9.0, "month"))], &members);
        for wanted in [
            "lowers the budget of team `t` in `prod` from 9 to 8 USD a month",
            "budgets of 2 agents in `prod` come to 11 USD a month, and that of team `t` is 8",
            "budgets of 3 agents in `prod` come to 14 USD a month, and that of the cluster is 9",
            "budgets of 2 teams in `prod` come to 10 USD a month, and that of the cluster is 9",
        ] {
            assert!(told.iter().any(|one| one == wanted), "{wanted}: {told:#?}");
        }
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
