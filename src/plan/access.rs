//! Who may call which model before and after a plan: told by the files of the gateway, as they are on the server and as they
//! become, not by the words of the description. A renamed model, another alias, a shorter list or a narrower pattern are all
//! the same here: a name that an agent or a team loses or gains. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::observed::was;
use super::{Action, Observed, Plan};
use crate::object::field::text;
use crate::object::names::{GATEWAY_AGENTS, GATEWAY_CONFIG};
use crate::object::role::is_gateway_config;
use crate::object::{GatewayCaller, Grants, ObjectRef, first, grants, served_names};

/// As many names stand in a sentence; of others it says how many there are.
const NAMED: usize = 5;

/// What the files of a gateway let its agents call.
#[derive(Clone, Debug, Default, PartialEq)]
struct Calls {
    /// The names that it serves, each with the models that answer.
    names: BTreeMap<String, BTreeSet<String>>,
    /// What it says of its callers.
    grants: Grants,
}

impl Calls {
    fn new(config: &Value, agents: &Value) -> Option<Self> {
        let config: Value = serde_saphyr::from_str(text(config, "/data/config.yaml")?).ok()?;
        Some(Self { names: served_names(&config), grants: grants(text(agents, "/data/agents.json")?)? })
    }

    /// The names that are served and that a caller may call, of catalogues what stands for them; nothing of one that the
    /// gateway does not know.
    fn of(&self, caller: &GatewayCaller) -> Option<BTreeSet<String>> {
        let grant = self.grants.callers.get(caller)?;
        Some(self.names.keys().flat_map(|name| grant.of_served(name)).collect())
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
        // A copy of all modules, so only where something changes.
        if [change.action, agents.action] == [Action::NoOp; 2] {
            continue;
        }
        let is = change.desired.to_value();
        if !is_gateway_config(&change.object, &is, cluster) {
            continue;
        }
        let config_was = match change.action {
            Action::NoOp => Some(is.clone()),
            _ => before.get(&change.object).cloned(),
        };
        let agents_were = was(agents, observed.get(&agents.object));
        let was = config_was.zip(agents_were).and_then(|(config, agents)| Calls::new(&config, &agents));
        let is = Calls::new(&is, &agents.desired.to_value());
        said.extend(was.zip(is).map(|(was, is)| compare(cluster, &was, &is)).unwrap_or_default());
    }
    said
}

/// What callers of a kind lose and gain.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Moved {
    noun: &'static str,
    loses: Vec<String>,
    gains: Vec<String>,
}

fn compare(cluster: &str, was: &Calls, is: &Calls) -> Vec<String> {
    let mut said = doors(cluster, &was.grants, &is.grants);
    // Where nobody is asked for a key, everybody may call everything.
    if !(was.grants.is_open || is.grants.is_open) {
        said.extend(callers(cluster, was, is));
        said.extend(claims(cluster, &was.grants, &is.grants));
    }
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

/// Whether a key is asked for, and whose tokens are taken.
fn doors(cluster: &str, was: &Grants, is: &Grants) -> Vec<String> {
    let key = match (was.is_open, is.is_open) {
        (false, true) => {
            Some(format!("whoever reaches the gateway of `{cluster}` may call every model, without a key"))
        }
        (true, false) => {
            Some(format!("the gateway of `{cluster}` asks for keys: without one nobody may call any more"))
        }
        _ => None,
    };
    let words =
        |[issuer, audience, claim]: &[String; 3]| format!("of `{issuer}` for `{audience}`, with teams in `{claim}`");
    let tokens = match (&was.tokens, &is.tokens) {
        (was, is) if was == is => None,
        (Some(was), Some(is)) => {
            Some(format!("tokens {} are taken in `{cluster}`, until now {}", words(is), words(was)))
        }
        (None, Some(is)) => Some(format!("tokens {} are taken in `{cluster}`", words(is))),
        (_, None) => Some(format!("no tokens are taken in `{cluster}` any more")),
    };
    key.into_iter().chain(tokens).collect()
}

fn callers(cluster: &str, was: &Calls, is: &Calls) -> Vec<String> {
    let mut alike: BTreeMap<Moved, Vec<&str>> = BTreeMap::new();
    let both = was.grants.callers.keys().filter(|caller| is.grants.callers.contains_key(*caller));
    for caller in both {
        let (before, after) = (was.of(caller).unwrap_or_default(), is.of(caller).unwrap_or_default());
        let loses: Vec<_> = before.difference(&after).cloned().collect();
        let gains: Vec<_> = after.difference(&before).cloned().collect();
        if !(loses.is_empty() && gains.is_empty()) {
            let (noun, name) = called(caller);
            alike.entry(Moved { noun, loses, gains }).or_default().push(name);
        }
    }
    let mut said: Vec<_> = alike.into_iter().map(|(moved, names)| sentence(cluster, &names, &moved)).collect();
    let new = is.grants.callers.keys().filter(|caller| !was.grants.callers.contains_key(*caller));
    said.extend(new.filter_map(|caller| {
        let calls = is.of(caller)?;
        let (noun, name) = called(caller);
        let calls: Vec<_> = calls.iter().map(String::as_str).collect();
        (!calls.is_empty()).then(|| format!("new {noun} `{name}` in `{cluster}` may call {}", listed(&calls)))
    }));
    said
}

/// Whose members holders of tokens are, by the claims of these: a team that comes, goes or is renamed is told of so.
fn claims(cluster: &str, was: &Grants, is: &Grants) -> Vec<String> {
    let none = BTreeSet::new();
    let words = |teams: &BTreeSet<String>| {
        let names: Vec<_> = teams.iter().map(String::as_str).collect();
        if names.is_empty() { "of no team".to_owned() } else { format!("of team {}", listed(&names)) }
    };
    let both: BTreeSet<_> = was.claims.keys().chain(is.claims.keys()).collect();
    let moved = both.into_iter().filter_map(|claim| {
        let (was, is) = (was.claims.get(claim).unwrap_or(&none), is.claims.get(claim).unwrap_or(&none));
        (was != is).then(|| format!("tokens with `{claim}` in `{cluster}` are {}, until now {}", words(is), words(was)))
    });
    // That tokens are taken, or no more, is said already.
    if was.tokens.is_some() && is.tokens.is_some() { moved.collect() } else { Vec::new() }
}

/// Kind and name.
fn called(caller: &GatewayCaller) -> (&'static str, &str) {
    match caller {
        GatewayCaller::Agent(name) => ("agent", name),
        GatewayCaller::Team(name) => ("team", name),
    }
}

/// "agents `a`, `b` in `prod` lose `claude-1` and gain `claude-2`"
fn sentence(cluster: &str, callers: &[&str], Moved { noun, loses, gains }: &Moved) -> String {
    let is_one = callers.len() == 1;
    let part = |verb: &str, names: &[String]| {
        let verb = if is_one { format!("{verb}s") } else { verb.to_owned() };
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        (!names.is_empty()).then(|| format!("{verb} {}", listed(&names)))
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
        assert_eq!(compare("prod", &was, &is), ["agent `a` in `prod` loses `all/gpt`"]);
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
        assert!(compare("prod", &was, &gone).contains(&"no tokens are taken in `prod` any more".to_owned()));
    }

    #[test]
    fn who_is_of_which_team_is_told_by_claims_and_a_narrower_part_of_a_catalogue_is_one() {
        let models = [("all/*", "openai/*")];
        let file =
            |teams: Value| json!({ "restricted": false, "jwt": { "issuer": "i" }, "agents": {}, "teams": teams });
        let team = |claim: &str, part: &str| json!({ "claims": [claim], "models": [], "patterns": { "all/": [part] } });
        let told = |was: Value, is: Value| {
            let [was, is] = [was, is].map(|teams| calls(&models, &json!({}), &file(teams)));
            compare("prod", &was, &is)
        };
        assert_eq!(
            told(json!({ "t": team("c", "all/gpt-*") }), json!({ "t": team("c", "all/gpt-4*") })),
            ["team `t` in `prod` loses `all/gpt-*` and gains `all/gpt-4*`"]
        );
        let renamed = told(json!({ "t": team("c", "all/*") }), json!({ "u": team("c", "all/*") }));
        let wanted = "tokens with `c` in `prod` are of team `u`, until now of team `t`";
        assert_eq!(renamed, ["new team `u` in `prod` may call `all/*`", wanted]);
        let widened = told(json!({ "t": team("c", "all/*") }), json!({ "t": team("everybody", "all/*") }));
        assert!(
            widened.contains(&"tokens with `everybody` in `prod` are of team `t`, until now of no team".to_owned())
        );
    }

    #[test]
    fn a_gateway_that_asks_for_no_key_is_told_of_before_all_else() {
        let closed = json!({ "restricted": false, "agents": { "a": { "blocked": true } } });
        let mut open = closed.clone();
        open["open"] = json!(true);
        let [closed, open] = [closed, open].map(|file| calls(&[("x", "openai/x")], &json!({}), &file));
        let wanted = "whoever reaches the gateway of `prod` may call every model, without a key";
        assert_eq!(compare("prod", &closed, &open), [wanted]);
        assert_eq!(compare("prod", &open, &closed).len(), 1);
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
