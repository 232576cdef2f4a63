//! The teams of a gateway, for the module that knows callers: what each may call, by which claims of a token somebody is
//! in it, its limits; and the tokens that are taken. Nothing where there is no team.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::api::{GatewayJwt, LanguageModelSpec, LanguageTeamSpec, RateLimits, may_match_within};
use crate::object::glob::matches;
use crate::render::scope::Scope;

use super::routing;

/// What is said of teams and of tokens, each if there is any.
pub(super) fn said(scope: &Scope<'_>) -> impl Iterator<Item = (String, Value)> {
    let jwt = scope.gateway.jwt();
    let teams: BTreeMap<_, _> = scope.teams().map(|(name, team)| (name, entry(scope, name, team))).collect();
    let teams = (!teams.is_empty()).then(|| ("teams".to_owned(), json!(teams)));
    teams.into_iter().chain(jwt.map(|jwt| ("jwt".to_owned(), tokens(jwt))))
}

fn tokens(jwt: &GatewayJwt) -> Value {
    let mut said = json!({ "issuer": jwt.issuer, "audience": jwt.audience, "teamClaim": jwt.team_claim });
    if let Some(url) = &jwt.jwks_url {
        said["url"] = json!(url);
    }
    said
}

fn entry(scope: &Scope<'_>, name: &str, team: &LanguageTeamSpec) -> Value {
    let mut entry = Map::new();
    if scope.gateway.jwt().is_some() {
        let claims = team.claims.clone().unwrap_or_else(|| vec![name.to_owned()]);
        entry.insert("claims".to_owned(), json!(claims));
    }
    entry.extend((team.blocked == Some(true)).then(|| ("blocked".to_owned(), json!(true))));
    entry.extend(limits(team.rate_limits.as_ref()));
    entry.extend(team.models.as_ref().into_iter().flat_map(|patterns| calls(scope, patterns)));
    Value::Object(entry)
}

/// Limits of an agent or a team, those that there are.
pub(super) fn limits(limits: Option<&RateLimits>) -> impl Iterator<Item = (String, Value)> {
    let limits = limits.cloned().unwrap_or_default();
    let counts = [("requestsPerMinute", limits.requests_per_minute), ("tokensPerMinute", limits.tokens_per_minute)];
    counts.into_iter().filter_map(|(key, count)| Some((key.to_owned(), json!(count?))))
}

/// What a team may call: a model that goes by a name which a pattern stands for, by every name of it, and with it those that
/// answer under the same name; of catalogues, by their beginnings, what the patterns stand for.
fn calls(scope: &Scope<'_>, patterns: &[String]) -> impl Iterator<Item = (String, Value)> {
    let is_meant = |name: &str| patterns.iter().any(|pattern| matches(pattern, name));
    let (mut listed, mut unlisted) = (BTreeSet::new(), BTreeSet::new());
    let mut catalogues: BTreeMap<String, BTreeSet<&String>> = BTreeMap::new();
    for (name, _) in scope.models().filter(|(_, model)| model.is_catalogue()) {
        let own: BTreeSet<_> = patterns.iter().filter(|pattern| may_match_within(pattern, name)).collect();
        let (some, exact): (BTreeSet<_>, BTreeSet<_>) = own.into_iter().partition(|pattern| pattern.contains('*'));
        listed.extend(exact.into_iter().cloned());
        catalogues.extend((!some.is_empty()).then(|| (format!("{name}/"), some)));
    }
    let granted: BTreeSet<_> = scope
        .models()
        .filter(|(name, model)| !model.is_catalogue() && names(name, model).any(is_meant))
        .map(|(name, model)| routing::called(name, model))
        .collect();
    for (name, model) in scope.models().filter(|(name, model)| granted.contains(&routing::called(name, model))) {
        listed.extend(std::iter::once(routing::called(name, model)).chain(model.aliases.iter().cloned()));
        unlisted.insert(name.to_owned());
    }
    // `LiteLLM` lets a call fall back on names that are listed, and on none that a pattern stands for.
    let fallbacks = scope.models().flat_map(|(_, model)| &model.fallbacks);
    let is_in = |name: &&String| {
        catalogues
            .iter()
            .any(|(start, own)| name.starts_with(start) && own.iter().any(|pattern| matches(pattern, name)))
    };
    listed.extend(fallbacks.filter(is_in).cloned());
    unlisted.retain(|name| !listed.contains(name));
    let some = |key: &str, value: Value, is_empty: bool| (!is_empty).then(|| (key.to_owned(), value));
    let others = [
        some("unlisted", json!(unlisted), unlisted.is_empty()),
        some("patterns", json!(catalogues), catalogues.is_empty()),
    ];
    [Some(("models".to_owned(), json!(listed)))].into_iter().chain(others).flatten()
}

fn names<'a>(name: &'a str, model: &'a LanguageModelSpec) -> impl Iterator<Item = &'a str> {
    [name, model.model_name.as_str()].into_iter().chain(model.aliases.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::render::fixture::{field, rendered};

    const STACK: &str = "[models.claude]\nprovider = 'anthropic'\nmodelName = 'c-1'\naliases = ['smart']\n\
                         [models.all]\nprovider = 'openai'\nmodelName = '*'\n\
                         [agents.a]\nimage = 'a'\ngroup = 'g'\n[agents.b]\nimage = 'a'\n";

    fn file(cluster: &str, teams: &str) -> Value {
        let manifests = rendered(&format!("[clusters.c]\n{cluster}\n{STACK}{teams}"));
        let text = field(&manifests, "ConfigMap", "gateway-agents", "/data/agents.json");
        serde_json::from_str(text.as_str().unwrap()).unwrap()
    }

    #[test]
    fn a_team_may_call_a_model_by_every_name_when_one_is_its() {
        for pattern in ["claude", "c-*", "smart"] {
            let read = file("", &format!("[teams.t]\nagents = ['b']\nmodels = ['{pattern}']"));
            assert_eq!(read["teams"], json!({ "t": { "models": ["c-1", "smart"], "unlisted": ["claude"] } }));
        }
        let read = file("", "[teams.t]\nmodels = ['all/gpt-*', 'all/o1']");
        assert_eq!(read["teams"]["t"], json!({ "models": ["all/o1"], "patterns": { "all/": ["all/gpt-*"] } }));
        let falls = "[teams.t]\nmodels = ['m*']\n[models.mistral]\nlitellmProvider = 'mistral'\nmodelName = '*'\n\
                     [models.x]\nprovider = 'openai'\nmodelName = 'x'\nfallbacks = ['mistral/large', 'all/o1']\n";
        let wanted = json!({ "models": ["mistral/large"], "patterns": { "mistral/": ["m*"] } });
        assert_eq!(file("", falls)["teams"]["t"], wanted);
    }

    #[test]
    fn models_of_one_name_answer_for_each_other() {
        let more = "[models.other]\nprovider = 'openai'\nmodelName = 'c-1'\n[teams.t]\nmodels = ['claude']";
        let wanted = json!({ "models": ["c-1", "smart"], "unlisted": ["claude", "other"] });
        assert_eq!(file("", more)["teams"]["t"], wanted);
    }

    #[test]
    fn an_agent_has_its_team_by_name_or_group() {
        let read = file("", "[teams.t]\ngroups = ['g']\nrateLimits.requestsPerMinute = 9\nblocked = true");
        assert_eq!(read["agents"], json!({ "a": { "team": "t" }, "b": {} }));
        assert_eq!(read["teams"]["t"], json!({ "requestsPerMinute": 9, "blocked": true }));
        assert!(file("", "").get("teams").is_none());
    }

    #[test]
    fn who_has_a_token_is_in_a_team_by_its_claim_or_its_name() {
        let jwt = "gateway.auth.jwt = { issuer = 'i', audience = 'a', jwksUrl = 'https://h/k', teamClaim = 'groups' }";
        let read = file(jwt, "[teams.t]\n[teams.u]\nclaims = ['x', 'y']");
        assert_eq!(read["teams"], json!({ "t": { "claims": ["t"] }, "u": { "claims": ["x", "y"] } }));
        let wanted = json!({ "issuer": "i", "audience": "a", "url": "https://h/k", "teamClaim": "groups" });
        assert_eq!(read["jwt"], wanted);
    }
}
