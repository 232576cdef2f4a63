//! Judges what is found in the data directory: use it, replace it, or start from nothing.

use std::process::{Command, Stdio};

use super::{DevHome, End, Error, State, files};

/// What is known about the data directory.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// A supervisor lives.
    pub(super) supervised: bool,
    /// It said that everything is ready.
    pub(super) state: Option<State>,
    /// The API server says so, too.
    pub(super) answers: bool,
    /// How the last one ended.
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
pub(super) fn survey(home: &DevHome) -> Result<Facts, Error> {
    let supervised = files::is_locked(&home.supervisor_lock())?;
    let state = State::read(home)?;
    let answers = supervised && state.as_ref().is_some_and(|state| answers(home, state));
    Ok(Facts { supervised, state, answers, end: End::read(home)? })
}

/// A connection alone would prove little: the kernel accepts it for a server that hangs.
fn answers(home: &DevHome, state: &State) -> bool {
    let mut command = Command::new(home.program_of(&state.sources));
    command.args(["kubectl", "get", "--raw=/readyz", "--request-timeout=5s", "--kubeconfig"]).arg(&state.kubeconfig);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

pub(super) fn judge(facts: Facts, hash: &str) -> Verdict {
    match facts {
        Facts { supervised: true, state: None, .. } => Verdict::Replace("it is only half started".to_owned()),
        Facts { supervised: true, state: Some(state), .. } if state.sources != hash => {
            Verdict::Replace("it was built by another version of langop".to_owned())
        }
        Facts { supervised: true, answers: false, .. } => Verdict::Replace("its API server does not answer".to_owned()),
        Facts { supervised: true, state: Some(state), .. } => Verdict::Use(state),
        Facts { end: Some(end), .. } if end.failed => Verdict::Replace(end.reason),
        // A supervisor that ends by itself takes its state with it.
        Facts { state: Some(_), .. } => Verdict::Replace("its supervisor was killed".to_owned()),
        Facts { .. } => Verdict::Start,
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
        Facts { supervised: true, state: Some(state), answers: true, end: None }
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
        assert_eq!(reason(Facts { state: None, ..ready() }), "it is only half started");
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
    fn a_failed_end_is_told_and_a_wanted_one_is_not() {
        let end = |failed| End { version: 1, reason: "why".to_owned(), failed, at: jiff::Timestamp::UNIX_EPOCH };
        assert_eq!(reason(Facts { end: Some(end(true)), ..Facts::default() }), "why");
        assert_eq!(judge(Facts { end: Some(end(false)), ..Facts::default() }, ""), Verdict::Start);
        assert_eq!(judge(Facts::default(), ""), Verdict::Start);
    }
}
