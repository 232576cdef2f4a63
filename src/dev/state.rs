//! What the supervisor writes: what runs, and why it ended. The shapes are those of `go/state.go`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{DevHome, Error, files};

/// A control plane that was ready to use when this was written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct State {
    /// Of this format.
    pub version: u32,
    /// Hash of the sources of the program that runs.
    pub sources: String,
    /// Of Kubernetes: `v1.36.3`.
    pub kubernetes: String,
    /// Of the API server.
    pub url: String,
    /// The administrator's kubeconfig.
    pub kubeconfig: PathBuf,
    /// When it was ready.
    pub started: Timestamp,
    /// Process id of the supervisor.
    pub supervisor: u32,
    /// Process ids of the parts, by name.
    pub processes: BTreeMap<String, u32>,
    /// Ports on 127.0.0.1, by name.
    pub ports: BTreeMap<String, u16>,
}

/// How the last control plane ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct End {
    /// Of this format.
    pub version: u32,
    /// Why: `` `etcd` ended (signal: killed); its log is … ``.
    pub reason: String,
    /// Whether nobody had asked for it.
    pub failed: bool,
    /// When.
    pub at: Timestamp,
}

impl State {
    /// The state; nothing when nothing is ready. One that cannot be understood is of another version of
    /// this program, and as good as none: the hash of the sources would differ as well.
    pub(super) fn read(home: &DevHome) -> Result<Option<Self>, Error> {
        Ok(understood(files::read(&home.state())?))
    }
}

impl End {
    pub(super) fn read(home: &DevHome) -> Result<Option<Self>, Error> {
        Ok(understood(files::read(&home.end())?))
    }
}

fn understood<T: DeserializeOwned>(text: Option<String>) -> Option<T> {
    serde_json::from_str(&text?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_supervisors_words_are_understood() {
        let state = r#"{"version": 1, "sources": "abc", "kubernetes": "v1.36.3", "url": "https://127.0.0.1:41355",
            "kubeconfig": "/d/kubeconfig", "started": "2026-11-24T16:38:05Z", "supervisor": 22402,
            "processes": {"etcd": 22412}, "ports": {"kube-apiserver": 41355}}"#;
        let state: State = understood(Some(state.to_owned())).unwrap();
        assert_eq!((state.supervisor, state.ports["kube-apiserver"]), (22402, 41355));
        let end = r#"{"version": 1, "reason": "asked to stop", "failed": false, "at": "2026-11-24T16:38:05Z"}"#;
        assert!(!understood::<End>(Some(end.to_owned())).unwrap().failed);
    }

    #[test]
    fn other_words_count_as_none() {
        assert_eq!(understood::<State>(Some("{\"version\": 2}".to_owned())), None);
        assert_eq!(understood::<State>(Some("{".to_owned())), None);
        assert_eq!(understood::<State>(None), None);
    }
}
