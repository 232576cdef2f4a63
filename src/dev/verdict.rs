//! Judges what is found in the data directory: use it, replace it, or start from nothing.

use kube::config::Kubeconfig;

use super::state::Recorded;
use super::{DevHome, End, Error, State, files, readyz};

/// What is known about the data directory.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// A process holds the supervisor's lock.
    pub(super) supervised: bool,
    /// What `state.json` says.
    pub(super) recorded: Recorded,
    /// The kubeconfig leads to the API server that the state names.
    pub(super) leads_there: bool,
    /// This API server says that it is ready.
    pub(super) answers: bool,
    /// How the last control plane of this directory ended, when that is known.
    pub(super) end: Option<End>,
}

/// What to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It runs and is what this program would start.
    Use(State),
    /// It runs, or it ran, and is not good; with the reason.
    Replace(String),
    /// Nothing runs, and nothing failed.
    Start,
}

/// Looks at the files, and asks the server when there should be one.
pub(super) fn inspect(home: &DevHome) -> Result<Facts, Error> {
    let supervised = files::is_locked(&home.supervisor_lock())?;
    let mut facts = Facts { supervised, recorded: Recorded::read(home)?, end: End::read(home)?, ..Facts::default() };
    if let (true, Recorded::Here(state)) = (supervised, &facts.recorded) {
        facts.leads_there = files::read(&state.kubeconfig)?.and_then(|text| server(&text)).as_ref() == Some(&state.url);
        facts.answers = facts.leads_there && readyz::answers(&state.kubeconfig);
    }
    Ok(facts)
}

/// The address that a kubeconfig leads to.
fn server(kubeconfig: &str) -> Option<String> {
    let config = Kubeconfig::from_yaml(kubeconfig).ok()?;
    let current = config.current_context?;
    let context = config.contexts.into_iter().find(|known| known.name == current)?.context?;
    config.clusters.into_iter().find(|known| known.name == context.cluster)?.cluster?.server
}

pub(super) fn judge(facts: Facts, hash: &str) -> Verdict {
    let Facts { supervised, recorded, leads_there, answers, end } = facts;
    let replace = |reason: &str| Verdict::Replace(reason.to_owned());
    match (supervised, recorded, end) {
        (true, Recorded::Nothing, _) => replace("it is only half started"),
        (true, Recorded::Elsewhere(other), _) => {
            Verdict::Replace(format!("its state was written in another directory, `{}`", other.display()))
        }
        (true, Recorded::Here(state), _) if state.sources != hash => {
            replace("it was built by another version of langop")
        }
        (true, Recorded::Here(_), _) if !leads_there => replace("its kubeconfig leads to another server"),
        (true, Recorded::Here(_), _) if !answers => replace("its API server does not answer"),
        (true, Recorded::Here(state), _) => Verdict::Use(state),
        (false, _, Some(end)) if end.failed => Verdict::Replace(end.reason),
        // A supervisor that ends by itself takes its state with it.
        (false, Recorded::Here(_), _) => replace("its supervisor was killed"),
        // A state of another directory tells nothing about this one.
        (false, Recorded::Nothing | Recorded::Elsewhere(_), _) => Verdict::Start,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::dev::sources;

    fn ready() -> Facts {
        let state = State {
            version: 1,
            sources: sources::hash(),
            kubernetes: "v1.36.3".to_owned(),
            url: "https://127.0.0.1:1".to_owned(),
            kubeconfig: "/nowhere/kubeconfig".into(),
            started: jiff::Timestamp::UNIX_EPOCH,
            supervisor: 1,
            processes: BTreeMap::default(),
            ports: BTreeMap::default(),
        };
        Facts { supervised: true, recorded: Recorded::Here(state), leads_there: true, answers: true, end: None }
    }

    fn reason(facts: Facts) -> String {
        match judge(facts, &sources::hash()) {
            Verdict::Replace(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_ready_and_ours_is_used() {
        assert!(matches!(judge(ready(), &sources::hash()), Verdict::Use(_)));
    }

    #[test]
    fn a_lock_without_a_state_is_half_a_start() {
        assert_eq!(reason(Facts { recorded: Recorded::Nothing, ..ready() }), "it is only half started");
    }

    #[test]
    fn other_sources_are_replaced_also_when_they_answer() {
        assert!(matches!(judge(ready(), "other"), Verdict::Replace(reason) if reason.contains("another version")));
    }

    #[test]
    fn silence_is_replaced() {
        assert_eq!(reason(Facts { answers: false, ..ready() }), "its API server does not answer");
    }

    #[test]
    fn a_state_without_a_supervisor_tells_of_a_kill() {
        assert_eq!(reason(Facts { supervised: false, ..ready() }), "its supervisor was killed");
    }

    #[test]
    fn a_state_of_another_directory_is_not_used_and_tells_nothing_of_this_one() {
        let copied = || Facts { recorded: Recorded::Elsewhere("/other".into()), ..ready() };
        assert_eq!(reason(copied()), "its state was written in another directory, `/other`");
        assert_eq!(judge(Facts { supervised: false, ..copied() }, &sources::hash()), Verdict::Start);
    }

    #[test]
    fn a_kubeconfig_that_leads_elsewhere_is_not_used() {
        assert_eq!(reason(Facts { leads_there: false, ..ready() }), "its kubeconfig leads to another server");
    }

    #[test]
    fn the_server_of_a_kubeconfig_is_that_of_its_current_context() {
        let text = "current-context: b\n\
            clusters: [{name: x, cluster: {server: 'https://a'}}, {name: y, cluster: {server: 'https://b'}}]\n\
            contexts: [{name: a, context: {cluster: x, user: u}}, {name: b, context: {cluster: y, user: u}}]\n";
        assert_eq!(server(text).as_deref(), Some("https://b"));
        assert_eq!(server(&text.replace("current-context: b", "current-context: c")), None);
        assert_eq!(server("no: ["), None);
    }

    #[test]
    fn a_failed_end_is_told_and_a_wanted_one_is_not() {
        let end = |failed| End { version: 1, reason: "why".to_owned(), failed, at: jiff::Timestamp::UNIX_EPOCH };
        assert_eq!(reason(Facts { end: Some(end(true)), ..Facts::default() }), "why");
        assert_eq!(judge(Facts { end: Some(end(false)), ..Facts::default() }, ""), Verdict::Start);
        assert_eq!(judge(Facts::default(), ""), Verdict::Start);
    }
}
