//! Who may call what at the gateways of a description: each caller, the names that are served, and why. Found in what is
//! rendered, without a server.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::api::Gateway;
use crate::object::glob::matches;
use crate::object::{GatewayCaller, Grant, served_names};
use crate::render::{Target, gateway_config, gateway_grants};
use crate::stack::{MemberKey, Stack};

/// What the callers of one gateway may call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct ClusterCallers {
    /// The cluster.
    pub cluster: String,
    /// One for each caller.
    pub callers: Vec<CallerAccess>,
}

/// What one caller may call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct CallerAccess {
    /// `agent.NAME`, or `team.NAME` for whoever has a token of the team.
    pub caller: String,
    /// The names that it may call.
    pub may: Vec<String>,
    /// Those that it may not.
    pub may_not: Vec<String>,
    /// Why.
    pub why: String,
}

/// Who is asked about, and which names: all where nothing is said.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccessQuestion {
    /// `NAME`, `agent.NAME`, `team.NAME`; with several clusters also `CLUSTER/NAME`.
    pub caller: Option<String>,
    /// A name, in which `*` stands for any characters.
    pub model: Option<String>,
}

/// What is asked about and is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotThere {
    /// The caller, with those that are there.
    Caller(Vec<String>),
    /// The model, with the names that are served.
    Model(Vec<String>),
}

/// Who may call what.
///
/// # Errors
/// Nobody is called so, or nothing is served under the name.
pub(crate) fn may_call(
    stack: &Stack,
    target: &Target,
    question: &AccessQuestion,
) -> Result<Vec<ClusterCallers>, NotThere> {
    let mut all = Vec::new();
    for cluster in stack.clusters.keys() {
        let Some((config, grants)) = gateway_config(stack, target, cluster).zip(gateway_grants(stack, target, cluster))
        else {
            continue;
        };
        let mut names: Vec<_> = served_names(&config).into_keys().collect();
        // A name of a catalogue is not served by itself, and may be called or not by itself.
        let exact = question.model.iter().filter(|model| !model.contains('*') && !names.contains(model));
        let exact = exact.filter(|model| names.iter().any(|name| matches(name, model)));
        names.extend(exact.cloned().collect::<Vec<_>>());
        let callers = grants.callers.into_iter().map(|(who, grant)| of(stack, cluster, &who, &grant, &names));
        all.push(ClusterCallers { cluster: cluster.clone(), callers: callers.collect() });
    }
    let has_callers = all.iter().flat_map(|cluster| &cluster.callers).map(|one| one.caller.clone()).collect();
    let mut has_names: Vec<String> = all
        .iter()
        .flat_map(|cluster| &cluster.callers)
        .flat_map(|one| one.may.iter().chain(&one.may_not).cloned())
        .collect();
    has_names.sort();
    has_names.dedup();
    if let Some(caller) = &question.caller {
        for cluster in &mut all {
            cluster.callers.retain(|one| is_meant(caller, &cluster.cluster, &one.caller));
        }
        all.retain(|cluster| !cluster.callers.is_empty());
        if all.is_empty() {
            return Err(NotThere::Caller(has_callers));
        }
    }
    if let Some(model) = &question.model {
        for one in all.iter_mut().flat_map(|cluster| &mut cluster.callers) {
            one.may.retain(|name| matches(model, name));
            one.may_not.retain(|name| matches(model, name));
        }
        if all.iter().flat_map(|cluster| &cluster.callers).all(|one| one.may.is_empty() && one.may_not.is_empty()) {
            return Err(NotThere::Model(has_names));
        }
    }
    Ok(all)
}

fn is_meant(asked: &str, cluster: &str, caller: &str) -> bool {
    let asked = match asked.split_once('/') {
        Some((of, rest)) if of == cluster => rest,
        Some(_) => return false,
        None => asked,
    };
    asked == caller || caller.split_once('.').is_some_and(|(_, name)| name == asked)
}

fn of(stack: &Stack, cluster: &str, who: &GatewayCaller, grant: &Grant, names: &[String]) -> CallerAccess {
    let may_not = names.iter().filter(|name| !grant.reaches(name)).cloned().collect();
    let may: BTreeSet<_> = names.iter().flat_map(|name| grant.of_served(name)).collect();
    let may = may.into_iter().collect();
    let (caller, why) = match who {
        GatewayCaller::Agent(name) => (format!("agent.{name}"), of_agent(stack, cluster, name)),
        GatewayCaller::Team(name) => (format!("team.{name}"), of_team(stack, cluster, name)),
    };
    CallerAccess { caller, may, may_not, why }
}

fn of_agent(stack: &Stack, cluster: &str, name: &str) -> String {
    let key = |name: &str| MemberKey { cluster: cluster.to_owned(), name: name.to_owned() };
    let gateway = stack.clusters.get(cluster).and_then(|item| item.spec.gateway.as_ref());
    let is_open = gateway.is_some_and(|gateway| !gateway.auth_enabled());
    let restricts = gateway.is_some_and(Gateway::restricts_models);
    let Some(agent) = stack.agents.get(&key(name)) else { return String::new() };
    match stack.team_of(cluster, name, &agent.spec) {
        _ if is_open => "the gateway asks nobody for a key".to_owned(),
        _ if agent.spec.blocked == Some(true) => "it is blocked".to_owned(),
        Some((team, item)) if item.spec.blocked == Some(true) => format!("team `{}` is blocked", team.name),
        _ if restricts => "agents call those alone that they list".to_owned(),
        Some((team, item)) => format!("team `{}` may call {}", team.name, patterns(item.spec.models.as_deref())),
        None => "an agent may call every model".to_owned(),
    }
}

fn of_team(stack: &Stack, cluster: &str, name: &str) -> String {
    let key = MemberKey { cluster: cluster.to_owned(), name: name.to_owned() };
    match stack.teams.get(&key) {
        Some(team) if team.spec.blocked == Some(true) => "it is blocked".to_owned(),
        Some(team) => format!("the team may call {}", patterns(team.spec.models.as_deref())),
        None => String::new(),
    }
}

fn patterns(models: Option<&[String]>) -> String {
    models.map_or_else(|| "every model".to_owned(), |models| format!("`{}`", models.join("`, `")))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::render::needs;
    use crate::stack::{LoadRequest, load};

    const TEXT: &str = "stack = 's'\n[clusters.c.gateway.auth]\n\
        jwt = { issuer = 'i', audience = 'a', teamClaim = 't', jwksUrl = 'https://idp.example.com/keys' }\n\
        [models.big]\nprovider = 'openai-compatible'\nmodelName = 'big-1'\nendpoint = 'http://m.m.svc'\naliases = ['smart']\n\
        [models.all]\nprovider = 'openai-compatible'\nmodelName = '*'\nendpoint = 'http://a.m.svc'\n\
        [agents.free]\nimage = 'a:1'\n[agents.stopped]\nimage = 'a:1'\nblocked = true\n\
        [agents.member]\nimage = 'a:1'\n[agents.halted]\nimage = 'a:1'\n\
        [teams.t]\nagents = ['member']\nmodels = ['smart']\n[teams.h]\nagents = ['halted']\nblocked = true\n";

    fn asked(caller: Option<&str>, model: Option<&str>) -> Result<Vec<CallerAccess>, NotThere> {
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        file.write_all(TEXT.as_bytes()).unwrap();
        let request = LoadRequest { paths: vec![file.path().to_owned()], ..LoadRequest::default() };
        let stack = load(&request).unwrap_or_else(|invalid| panic!("{invalid}")).stack;
        let question = AccessQuestion { caller: caller.map(str::to_owned), model: model.map(str::to_owned) };
        Ok(may_call(&stack, &needs(&stack).assumed_target(), &question)?
            .into_iter()
            .flat_map(|one| one.callers)
            .collect())
    }

    #[test]
    fn each_caller_may_what_the_gateway_lets_it_and_why_is_said() {
        let said: Vec<_> = asked(None, None).unwrap();
        let said: Vec<_> = said
            .iter()
            .map(|one| (one.caller.as_str(), one.may.join(" "), one.may_not.join(" "), one.why.as_str()))
            .collect();
        let all = "all/* big big-1 smart".to_owned();
        let (own, rest) = ("big big-1 smart".to_owned(), "all/*".to_owned());
        assert_eq!(
            said,
            [
                ("agent.free", all.clone(), String::new(), "an agent may call every model"),
                ("agent.halted", String::new(), all.clone(), "team `h` is blocked"),
                ("agent.member", own.clone(), rest.clone(), "team `t` may call `smart`"),
                ("agent.stopped", String::new(), all.clone(), "it is blocked"),
                ("team.h", String::new(), all, "it is blocked"),
                ("team.t", own, rest, "the team may call `smart`"),
            ]
        );
    }

    #[test]
    fn one_caller_and_one_name_are_asked_about_and_what_is_not_there_is_told() {
        let said = asked(Some("c/t"), Some("all/gpt")).unwrap();
        assert_eq!((said.len(), said[0].may_not.as_slice()), (1, ["all/gpt".to_owned()].as_slice()));
        assert_eq!(asked(Some("member"), Some("big*")).unwrap()[0].may, ["big", "big-1"]);
        assert!(matches!(asked(Some("nobody"), None), Err(NotThere::Caller(has)) if has.len() == 6));
        assert!(matches!(asked(None, Some("nothing")), Err(NotThere::Model(has)) if has.len() == 4));
        assert!(matches!(asked(Some("other/t"), None), Err(NotThere::Caller(_))));
    }
}
