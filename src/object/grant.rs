//! What the callers of a gateway may call, as the file says it that its module of callers reads.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::field::{flag, names, text};
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
        /// Names of catalogues, in which `*` stands for any characters.
        patterns: BTreeSet<String>,
    },
}

impl Grant {
    /// What somebody may call who may call nothing.
    pub(crate) const NOTHING: Self =
        Self::Only { listed: BTreeSet::new(), unlisted: BTreeSet::new(), patterns: BTreeSet::new() };

    fn read(said: &Value) -> Self {
        let all = |key: &str| names(said, key).into_iter().map(str::to_owned).collect();
        Self::Only { listed: all("/models"), unlisted: all("/unlisted"), patterns: all("/patterns") }
    }

    /// Whether a call may be answered by a name when others fail.
    #[must_use]
    pub(crate) fn lists(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only { listed, patterns, .. } => {
                listed.contains(name) || patterns.iter().any(|pattern| matches(pattern, name))
            }
        }
    }

    /// Whether something that is served may be called: a name, or a whole catalogue's names in part.
    #[must_use]
    pub(crate) fn reaches(&self, served: &str) -> bool {
        let Self::Only { listed, unlisted, patterns } = self else { return true };
        let catalogue = served.strip_suffix('*');
        let is_in = |name: &String| name == served || catalogue.is_some_and(|start| name.starts_with(start));
        // A pattern stands for some of a catalogue, if what it begins with may be a name of it.
        let may_be_in = |pattern: &String| match (catalogue, pattern.split_once('*')) {
            (Some(start), Some((literal, _))) => literal.starts_with(start) || start.starts_with(literal),
            _ => matches(pattern, served),
        };
        listed.iter().chain(unlisted).any(is_in) || patterns.iter().any(may_be_in)
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

/// What each caller may call that a gateway knows, by the content of its file; nothing when it cannot be read. Who is blocked
/// may call nothing; teams call by themselves where tokens are taken.
#[must_use]
pub(crate) fn grants(file: &str) -> Option<BTreeMap<GatewayCaller, Grant>> {
    let file: Value = serde_json::from_str(file).ok()?;
    let is_restricted = flag(&file, "/restricted") == Some(true);
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
            said if is_blocked(said) || team == Grant::NOTHING => Grant::NOTHING,
            said if is_restricted || said.get("models").is_some() => Grant::read(said),
            _ => team,
        };
        (GatewayCaller::Agent(name.clone()), grant)
    };
    let agents = file.get("agents")?.as_object()?.iter().map(agent);
    let callers = teams.filter(|_| file.get("jwt").is_some()).into_iter().flatten();
    let callers = callers.map(|(name, team)| (GatewayCaller::Team(name.clone()), of_team(team)));
    Some(agents.chain(callers).collect())
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
            "teams": { "t": { "models": ["x", "y"], "unlisted": ["z"], "patterns": ["all/gpt-*"] },
                       "h": { "blocked": true }, "a": {} } }"#;
        let grants = grants(file).unwrap();
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
        assert!(member.lists("all/gpt-4o") && !member.lists("z") && !member.lists("all/o1"));
    }

    #[test]
    fn where_agents_are_restricted_one_without_models_has_none_and_teams_without_tokens_call_nothing() {
        let file = r#"{ "restricted": true, "agents": { "a": { "models": [] } }, "teams": { "t": {} } }"#;
        let grants = grants(file).unwrap();
        assert_eq!(of(&grants, "a", &["x"]), [""; 0]);
        assert_eq!(grants.len(), 1);
        assert_eq!(super::grants("no JSON"), None);
    }
}
