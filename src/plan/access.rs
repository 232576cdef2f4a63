//! Who may call which model before and after a plan: told by the files of the gateway, as they are on the server and as they
//! become, not by the words of the description. A renamed model, another alias, a shorter list or a narrower pattern are all
//! the same here: a name that an agent or a team loses or gains. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Action, Observed, Plan};
use crate::object::field::text;
use crate::object::names::{GATEWAY_AGENTS, GATEWAY_CONFIG};
use crate::object::role::is_gateway_config;
use crate::object::{GatewayCaller, Grant, ObjectRef, first, grants, served_names};

/// As many names stand in a sentence; of others it says how many there are.
const NAMED: usize = 5;

/// What the files of a gateway let its agents call.
#[derive(Clone, Debug, Default, PartialEq)]
struct Calls {
    /// The names that it serves, each with the models that answer.
    names: BTreeMap<String, BTreeSet<String>>,
    /// The callers that it knows, each with what it may call.
    callers: BTreeMap<GatewayCaller, Grant>,
}

impl Calls {
    fn new(config: &Value, agents: &Value) -> Option<Self> {
        let config: Value = serde_saphyr::from_str(text(config, "/data/config.yaml")?).ok()?;
        Some(Self { names: served_names(&config), callers: grants(text(agents, "/data/agents.json")?)? })
    }

    /// The names that are served and that a caller may call; nothing of one that the gateway does not know.
    fn of(&self, caller: &GatewayCaller) -> Option<BTreeSet<&str>> {
        let grant = self.callers.get(caller)?;
        Some(self.names.keys().map(String::as_str).filter(|name| grant.reaches(name)).collect())
    }
}

/// A sentence for each change that the plan makes for callers of the gateways that run. `before` has what objects were that
/// others come in the place of, by the latter.
#[must_use]
pub(crate) fn effects(
    plan: &Plan,
    observed: &BTreeMap<ObjectRef, Observed>,
    before: &BTreeMap<ObjectRef, Value>,
) -> Vec<String> {
    let maps = || plan.changes.iter().filter(|change| change.object.is("", "ConfigMap"));
    let lists = maps().filter(|change| change.object.name == GATEWAY_AGENTS);
    let lists: BTreeMap<_, _> = lists.map(|change| (change.object.namespace.as_deref(), change)).collect();
    let mut said = Vec::new();
    for change in maps().filter(|change| change.object.name.starts_with(GATEWAY_CONFIG)) {
        let (cluster, agents) = (change.object.namespace.as_deref(), lists.get(&change.object.namespace.as_deref()));
        let Some((cluster, agents)) = cluster.zip(agents) else { continue };
        let is = change.desired.to_value();
        let is_as_it_was = [change.action, agents.action] == [Action::NoOp; 2];
        if is_as_it_was || !is_gateway_config(&change.object, &is, cluster) {
            continue;
        }
        let was = match change.action {
            Action::NoOp => Some(is.clone()),
            _ => before.get(&change.object).cloned(),
        };
        let agents_were = match (agents.action, observed.get(&agents.object)) {
            (Action::NoOp, _) => Some(agents.desired.to_value()),
            (_, Some(Observed::Live { live, .. })) => Some(live.clone()),
            _ => None,
        };
        let was = was.zip(agents_were).and_then(|(config, agents)| Calls::new(&config, &agents));
        let is = Calls::new(&is, &agents.desired.to_value());
        said.extend(was.zip(is).map(|(was, is)| compare(cluster, &was, &is)).unwrap_or_default());
    }
    said
}

/// What callers of a kind lose and gain.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Moved<'a> {
    noun: &'static str,
    loses: Vec<&'a str>,
    gains: Vec<&'a str>,
}

fn compare(cluster: &str, was: &Calls, is: &Calls) -> Vec<String> {
    let mut alike: BTreeMap<Moved<'_>, Vec<&str>> = BTreeMap::new();
    let both = was.callers.keys().filter(|caller| is.callers.contains_key(*caller));
    for caller in both {
        let (before, after) = (was.of(caller).unwrap_or_default(), is.of(caller).unwrap_or_default());
        let loses: Vec<_> = before.difference(&after).copied().collect();
        let gains: Vec<_> = after.difference(&before).copied().collect();
        if !(loses.is_empty() && gains.is_empty()) {
            let (noun, name) = called(caller);
            alike.entry(Moved { noun, loses, gains }).or_default().push(name);
        }
    }
    let mut said: Vec<_> = alike.into_iter().map(|(moved, names)| sentence(cluster, &names, &moved)).collect();
    let new = is.callers.keys().filter(|caller| !was.callers.contains_key(*caller));
    said.extend(new.filter_map(|caller| {
        let calls: Vec<_> = is.of(caller)?.into_iter().collect();
        let (noun, name) = called(caller);
        (!calls.is_empty()).then(|| format!("new {noun} `{name}` in `{cluster}` may call {}", listed(&calls)))
    }));
    // What an agent may call goes with it, and its deletion is shown; who has a token of a team stays.
    let gone = was.callers.keys().filter(|caller| !is.callers.contains_key(*caller));
    said.extend(gone.filter_map(|caller| match caller {
        GatewayCaller::Team(name) if was.of(caller).is_some_and(|calls| !calls.is_empty()) => {
            Some(format!("tokens of team `{name}` in `{cluster}` may call nothing any more"))
        }
        _ => None,
    }));
    for (name, upstreams) in &is.names {
        let before = was.names.get(name).filter(|before| *before != upstreams);
        let words = |models: &BTreeSet<String>| listed(&models.iter().map(String::as_str).collect::<Vec<_>>());
        said.extend(before.map(|before| {
            format!(
                "calls of `{name}` in `{cluster}` are answered by {}, until now by {}",
                words(upstreams),
                words(before)
            )
        }));
    }
    said
}

/// Kind and name.
fn called(caller: &GatewayCaller) -> (&'static str, &str) {
    match caller {
        GatewayCaller::Agent(name) => ("agent", name),
        GatewayCaller::Team(name) => ("team", name),
    }
}

/// "agents `a`, `b` in `prod` lose `claude-1` and gain `claude-2`"
fn sentence(cluster: &str, callers: &[&str], Moved { noun, loses, gains }: &Moved<'_>) -> String {
    let is_one = callers.len() == 1;
    let part = |verb: &str, names: &[&str]| {
        let verb = if is_one { format!("{verb}s") } else { verb.to_owned() };
        (!names.is_empty()).then(|| format!("{verb} {}", listed(names)))
    };
    let parts: Vec<_> = part("lose", loses).into_iter().chain(part("gain", gains)).collect();
    let noun = if is_one { (*noun).to_owned() } else { format!("{noun}s") };
    format!("{noun} {} in `{cluster}` {}", listed(callers), parts.join(" and "))
}

fn listed(names: &[&str]) -> String {
    first(names.iter().map(|name| format!("`{name}`")), NAMED)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A gateway with these models by name, these aliases, and these agents.
    fn calls(models: &[(&str, &str)], aliases: &Value, agents: &Value) -> Calls {
        let models: Vec<_> = models
            .iter()
            .map(|(name, model)| json!({ "model_name": name, "litellm_params": { "model": model } }))
            .collect();
        let config = json!({ "model_list": models, "router_settings": { "model_group_alias": aliases } });
        let config = json!({ "data": { "config.yaml": serde_saphyr::to_string(&config).unwrap() } });
        Calls::new(&config, &json!({ "data": { "agents.json": agents.to_string() } })).unwrap()
    }

    #[test]
    fn a_model_that_is_renamed_is_lost_and_another_one_gained() {
        let agents = json!({ "restricted": false, "agents": { "a": {}, "b": {}, "c": { "blocked": true } } });
        let was = calls(&[("claude-1", "anthropic/claude-1"), ("m", "openai/m")], &json!({}), &agents);
        let is = calls(&[("claude-2", "anthropic/claude-2"), ("m", "openai/m")], &json!({}), &agents);
        let wanted = "agents `a`, `b` in `prod` lose `claude-1` and gain `claude-2`";
        assert_eq!(compare("prod", &was, &is), [wanted]);
        assert_eq!(compare("prod", &is, &is), [""; 0]);
    }

    #[test]
    fn an_alias_that_moves_is_answered_by_another_model() {
        let models = [("x", "openai/x"), ("y", "anthropic/y")];
        let agents = json!({ "restricted": false, "agents": { "a": {} } });
        let was = calls(&models, &json!({ "smart": "x" }), &agents);
        let is = calls(&models, &json!({ "smart": { "model": "y", "hidden": true } }), &agents);
        let wanted = "calls of `smart` in `prod` are answered by `anthropic/y`, until now by `openai/x`";
        assert_eq!(compare("prod", &was, &is), [wanted]);
    }

    #[test]
    fn a_restricted_agent_loses_what_is_not_listed_any_more() {
        let models = [("x", "openai/x"), ("all/*", "openai/*")];
        let agents =
            |own: Value| json!({ "restricted": true, "agents": { "a": { "models": own }, "b": { "models": ["x"] } } });
        let was = calls(&models, &json!({}), &agents(json!(["x", "all/gpt"])));
        let is = calls(&models, &json!({}), &agents(json!(["x"])));
        assert_eq!(compare("prod", &was, &is), ["agent `a` in `prod` loses `all/*`"]);
        let none = calls(&models[1..], &json!({}), &agents(json!(["all/gpt"])));
        assert_eq!(compare("prod", &was, &none), ["agents `a`, `b` in `prod` lose `x`"]);
    }

    #[test]
    fn a_narrower_team_loses_models_for_its_agents_and_its_tokens() {
        let models = [("x", "openai/x"), ("y", "openai/y")];
        let file = |own: Value| json!({ "restricted": false, "jwt": {}, "agents": { "a": { "team": "t" } }, "teams": { "t": own, "u": {} } });
        let was = calls(&models, &json!({}), &file(json!({})));
        let is = calls(&models, &json!({}), &file(json!({ "models": ["x"] })));
        assert_eq!(compare("prod", &was, &is), ["agent `a` in `prod` loses `y`", "team `t` in `prod` loses `y`"]);
        let gone = calls(&models, &json!({}), &json!({ "restricted": false, "agents": { "a": {} } }));
        let wanted = "tokens of team `t` in `prod` may call nothing any more";
        assert!(compare("prod", &was, &gone).contains(&wanted.to_owned()));
    }

    #[test]
    fn who_is_blocked_or_goes_loses_models_on_purpose_and_who_comes_is_told_of() {
        let models = [("x", "openai/x")];
        let was = calls(&models, &json!({}), &json!({ "restricted": false, "agents": { "a": {}, "gone": {} } }));
        let is = calls(
            &models,
            &json!({}),
            &json!({ "restricted": false, "agents": { "a": { "blocked": true }, "new": {} } }),
        );
        let wanted = ["agent `a` in `prod` loses `x`", "new agent `new` in `prod` may call `x`"];
        assert_eq!(compare("prod", &was, &is), wanted);
    }
}
