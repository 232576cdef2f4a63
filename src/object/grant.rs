//! What the callers of a gateway may call, as the file says it that its module of callers reads.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::field::{flag, map, names, owned_or_empty, text};
use super::glob::matches;

/// What somebody may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// Whatever the gateway serves.
    All,
    /// These alone.
    Only {
        /// Names that are listed for the caller; what else fails may be answered by one of them.
        listed: BTreeSet<String>,
        /// Names that work besides.
        unlisted: BTreeSet<String>,
        /// Patterns of names of catalogues, in which `*` stands for any characters, by what the names begin with.
        patterns: BTreeMap<String, BTreeSet<String>>,
    },
}

impl Grant {
    /// What somebody may call who may call nothing.
    pub(crate) const NOTHING: Self =
        Self::Only { listed: BTreeSet::new(), unlisted: BTreeSet::new(), patterns: BTreeMap::new() };

    fn read(said: &Value) -> Self {
        let all = |key: &str| names(said, key).into_iter().map(str::to_owned).collect();
        let patterns = map(said, "/patterns").into_iter().flatten().map(|(start, own)| {
            let own = own.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            (start.clone(), own.collect())
        });
        Self::Only { listed: all("/models"), unlisted: all("/unlisted"), patterns: patterns.collect() }
    }

    /// Whether a call may be answered by a name when others fail.
    #[must_use]
    pub(crate) fn lists(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only { listed, .. } => listed.contains(name),
        }
    }

    /// Whether a name may be called.
    #[must_use]
    pub(crate) fn lets(&self, name: &str) -> bool {
        let Self::Only { listed, unlisted, patterns } = self else { return true };
        let mut own = patterns.iter().filter(|(start, _)| name.starts_with(start.as_str())).flat_map(|(_, own)| own);
        listed.contains(name) || unlisted.contains(name) || own.any(|pattern| matches(pattern, name))
    }

    /// What of something that is served may be called: of a name, that name; of a whole catalogue, what stands for the names
    /// of it that may be.
    #[must_use]
    pub(crate) fn of_served(&self, served: &str) -> BTreeSet<String> {
        match (self, served.strip_suffix('*')) {
            (Self::All, _) => BTreeSet::from([served.to_owned()]),
            (Self::Only { listed, unlisted, patterns }, Some(start)) => {
                let exact = listed.iter().chain(unlisted).filter(|name| name.starts_with(start));
                exact.chain(patterns.get(start).into_iter().flatten()).cloned().collect()
            }
            (_, None) if self.lets(served) => BTreeSet::from([served.to_owned()]),
            _ => BTreeSet::new(),
        }
    }

    /// Whether something that is served may be called, or a part of it.
    #[must_use]
    pub(crate) fn reaches(&self, served: &str) -> bool {
        !self.of_served(served).is_empty()
    }
}

/// Who calls a gateway.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GatewayCaller {
    /// An agent, with its key.
    Agent(String),
    /// Somebody of a team, with a token.
    Team(String),
}

/// What the file of a gateway says of its callers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Grants {
    /// Whether everybody may call without a key.
    pub is_open: bool,
    /// What each caller may call that it knows. Who is blocked may call nothing; teams call by themselves where tokens are
    /// taken.
    pub callers: BTreeMap<GatewayCaller, Grant>,
    /// The teams of each claim of a token.
    pub claims: BTreeMap<String, BTreeSet<String>>,
    /// Whose tokens are taken: issuer and audience, and the claim that names teams.
    pub tokens: Option<[String; 3]>,
}

/// What the content of the file says; nothing when it cannot be read.
#[must_use]
pub(crate) fn grants(file: &str) -> Option<Grants> {
    let file: Value = serde_json::from_str(file).ok()?;
    let is_restricted = flag(&file, "/restricted") == Some(true);
    let is_open = flag(&file, "/open") == Some(true);
    let is_blocked = |said: &Value| flag(said, "/blocked") == Some(true);
    let teams = file.get("teams").and_then(Value::as_object);
    let of_team = |team: &Value| match team {
        team if is_blocked(team) => Grant::NOTHING,
        team if team.get("models").is_some() => Grant::read(team),
        _ => Grant::All,
    };
    let agent = |(name, said): (&String, &Value)| {
        let team = text(said, "/team").and_then(|team| teams?.get(team)).map_or(Grant::All, of_team);
        let grant = match said {
            // Without its key it is anybody.
            _ if is_open => Grant::All,
            said if is_blocked(said) || team == Grant::NOTHING => Grant::NOTHING,
            said if is_restricted || said.get("models").is_some() => Grant::read(said),
            _ => team,
        };
        (GatewayCaller::Agent(name.clone()), grant)
    };
    let agents = file.get("agents")?.as_object()?.iter().map(agent);
    let with_tokens = teams.filter(|_| file.get("jwt").is_some());
    let callers = with_tokens.into_iter().flatten();
    let callers = callers.map(|(name, team)| (GatewayCaller::Team(name.clone()), of_team(team)));
    let mut claims: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, team) in with_tokens.into_iter().flatten() {
        for claim in names(team, "/claims") {
            claims.entry(claim.to_owned()).or_default().insert(name.clone());
        }
    }
    let tokens = file.get("jwt").map(|jwt| ["/issuer", "/audience", "/teamClaim"].map(|key| owned_or_empty(jwt, key)));
    Some(Grants { is_open, callers: agents.chain(callers).collect(), claims, tokens })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(grants: &BTreeMap<GatewayCaller, Grant>, name: &str, served: &[&str]) -> Vec<String> {
        let caller = match name.strip_prefix("team ") {
            Some(name) => GatewayCaller::Team(name.to_owned()),
            None => GatewayCaller::Agent(name.to_owned()),
        };
        let reached = served.iter().filter(|name| grants[&caller].reaches(name));
        reached.map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn an_agent_may_what_is_its_own_or_else_its_teams() {
        let file = r#"{ "restricted": false, "jwt": {}, "agents": {
            "free": {}, "own": { "models": ["x"], "team": "t" }, "member": { "team": "t" }, "stopped": { "blocked": true },
            "halted": { "team": "h" }, "all": { "team": "a" } },
            "teams": { "t": { "models": ["x", "y"], "unlisted": ["z"], "patterns": { "all/": ["all/gpt-*"] } },
                       "h": { "blocked": true }, "a": {} } }"#;
        let grants = grants(file).unwrap().callers;
        let served = ["x", "y", "z", "all/*", "other/*"];
        for (name, wanted) in [
            ("free", served.as_slice()),
            ("own", &["x"]),
            ("member", &["x", "y", "z", "all/*"]),
            ("stopped", &[]),
            ("halted", &[]),
            ("all", &served),
            ("team t", &["x", "y", "z", "all/*"]),
            ("team h", &[]),
        ] {
            assert_eq!(of(&grants, name, &served), wanted, "{name}");
        }
        let member = &grants[&GatewayCaller::Agent("member".to_owned())];
        assert!(member.lets("all/gpt-4o") && member.lets("z") && !member.lets("all/o1"));
        assert!(member.lists("x") && !member.lists("z") && !member.lists("all/gpt-4o"));
        assert_eq!(member.of_served("all/*"), BTreeSet::from(["all/gpt-*".to_owned()]));
    }

    #[test]
    fn where_agents_are_restricted_one_without_models_has_none_and_teams_without_tokens_call_nothing() {
        let file = r#"{ "restricted": true, "agents": { "a": { "models": [] } }, "teams": { "t": {} } }"#;
        let grants = grants(file).unwrap().callers;
        assert_eq!(of(&grants, "a", &["x"]), [""; 0]);
        assert_eq!(grants.len(), 1);
        assert_eq!(super::grants("no JSON"), None);
    }
}
