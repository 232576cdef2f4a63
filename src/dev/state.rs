//! What the supervisor writes: what runs, and why it ended. The shapes are those of `go/state.go`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{DevHome, Error, files};

/// A control plane that was ready to use when this was written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct State {
    /// Version of the file format.
    pub version: u32,
    /// Hash of the Go sources of the program that runs.
    pub sources: String,
    /// Version of Kubernetes: `v1.36.3`.
    pub kubernetes: String,
    /// Address of the API server: `https://127.0.0.1:41355`.
    pub url: String,
    /// Path of the administrator's kubeconfig, in the data directory.
    pub kubeconfig: PathBuf,
    /// Time at which everything was ready.
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
    /// Version of the file format.
    pub version: u32,
    /// The reason: `` `etcd` ended (signal: killed); its log is … ``.
    pub reason: String,
    /// Whether it was a failure: neither the user nor the process that it was started for ended it.
    pub failed: bool,
    /// Time at which it ended.
    pub at: Timestamp,
}

/// What `state.json` says, held against the directory that it was found in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Recorded {
    /// Nothing is ready. A state that cannot be understood is of another version of this program, and as good as
    /// none: the hash of the sources would differ as well.
    #[default]
    Nothing,
    /// The supervisor of this directory wrote it.
    Here(State),
    /// It was written in another directory: this one was copied or moved, or the file was. Nothing that it names,
    /// neither the address nor the processes, may be taken for this directory's.
    Elsewhere(PathBuf),
}

impl Recorded {
    /// Reads it.
    pub(super) fn read(home: &DevHome) -> Result<Self, Error> {
        let state = understood::<State>(files::read(&home.state())?);
        Ok(state.map_or(Self::Nothing, |state| {
            if files::is_same(state.directory(), home.data()) {
                Self::Here(state)
            } else {
                Self::Elsewhere(state.directory().to_owned())
            }
        }))
    }

    /// The state, if it is this directory's.
    pub(super) fn here(self) -> Option<State> {
        match self {
            Self::Here(state) => Some(state),
            Self::Nothing | Self::Elsewhere(_) => None,
        }
    }
}

impl State {
    /// The data directory that it was written in, as the supervisor spells it.
    fn directory(&self) -> &Path {
        self.kubeconfig.parent().unwrap_or(Path::new(""))
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

    const STATE: &str = r#"{"version": 1, "sources": "abc", "kubernetes": "v1.36.3", "url": "https://127.0.0.1:41355",
        "kubeconfig": "/d/kubeconfig", "started": "2026-11-24T16:38:05Z", "supervisor": 22402,
        "processes": {"etcd": 22412}, "ports": {"kube-apiserver": 41355}}"#;

    /// What is found in `home` when its state was written in `origin`.
    fn found(home: &DevHome, origin: &Path) -> Recorded {
        std::fs::create_dir_all(home.data()).unwrap();
        std::fs::write(home.state(), STATE.replace("/d", &origin.display().to_string())).unwrap();
        Recorded::read(home).unwrap()
    }

    #[test]
    fn a_state_counts_in_the_directory_that_it_was_written_in() {
        let root = tempfile::tempdir().unwrap();
        let home = DevHome::at(root.path().join("home"));
        assert_eq!(Recorded::read(&home).unwrap(), Recorded::Nothing);
        assert!(matches!(found(&home, home.data()), Recorded::Here(_)));
        // Another name of the same directory.
        let link = root.path().join("link");
        std::os::unix::fs::symlink(home.data(), &link).unwrap();
        assert!(matches!(found(&home, &link), Recorded::Here(_)));
    }

    #[test]
    fn a_state_of_another_directory_is_told_apart_also_when_that_is_gone() {
        let root = tempfile::tempdir().unwrap();
        let home = DevHome::at(root.path().join("home"));
        let gone = root.path().join("gone");
        for other in [root.path(), &gone] {
            assert_eq!(found(&home, other), Recorded::Elsewhere(other.to_owned()));
        }
    }

    #[test]
    fn the_supervisors_words_are_understood() {
        let state: State = understood(Some(STATE.to_owned())).unwrap();
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
