//! Where the control plane keeps its program and its data. Knows names, touches no file.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Error, sources};

/// The directories of one local control plane. All of them are private to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevHome {
    root: PathBuf,
    data: PathBuf,
}

impl DevHome {
    /// `LANGOP_DEV_HOME`, else `langop/dev` in the user's cache directory.
    ///
    /// # Errors
    /// [`Error::NoHome`] when the environment names neither.
    pub fn from_env() -> Result<Self, Error> {
        choose(|name| env::var_os(name).filter(|value| !value.is_empty())).map(Self::at).ok_or(Error::NoHome)
    }

    /// Everything in this directory.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        let root = absolute(root.into());
        Self { data: root.join("cluster"), root }
    }

    /// The same builds, other data: a second control plane that shares nothing with the first.
    #[must_use]
    pub fn with_data(self, data: impl Into<PathBuf>) -> Self {
        Self { data: absolute(data.into()), ..self }
    }

    /// What the control plane stores, and all that belongs to its running: logs, certificates, state.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The administrator's kubeconfig; there while the control plane runs.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.data.join("kubeconfig")
    }

    /// The log of a part: `supervisor`, `etcd`, `kube-apiserver`, …
    #[must_use]
    pub fn log(&self, part: &str) -> PathBuf {
        self.data.join("logs").join(format!("{part}.log"))
    }

    /// Where the program of these sources is built.
    #[must_use]
    pub fn build(&self) -> PathBuf {
        self.root.join(sources::hash())
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn program(&self) -> PathBuf {
        self.program_of(&sources::hash())
    }

    pub(super) fn program_of(&self, sources: &str) -> PathBuf {
        self.root.join(sources).join("langop-dev")
    }

    pub(super) fn build_lock(&self) -> PathBuf {
        self.root.join("build.lock")
    }

    /// Held by whoever starts or stops.
    pub(super) fn use_lock(&self) -> PathBuf {
        self.data.join("use.lock")
    }

    /// Held by the supervisor for as long as it lives.
    pub(super) fn supervisor_lock(&self) -> PathBuf {
        self.data.join("supervisor.lock")
    }

    pub(super) fn state(&self) -> PathBuf {
        self.data.join("state.json")
    }

    pub(super) fn end(&self) -> PathBuf {
        self.data.join("end.json")
    }
}

/// The supervisor does not work in the directory of its caller, so a relative path would mean another place to it.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

fn choose(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(home) = variable("LANGOP_DEV_HOME") {
        return Some(home.into());
    }
    // A relative one is to be ignored (XDG Base Directory Specification, "Environment variables").
    let cache = variable("XDG_CACHE_HOME").map(PathBuf::from).filter(|cache| cache.is_absolute());
    let cache = cache.or_else(|| variable("HOME").map(|home| Path::new(&home).join(".cache")));
    cache.map(|cache| cache.join("langop").join("dev"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(variables: &[(&str, &str)]) -> Option<String> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
        choose(find).map(|path| path.to_string_lossy().into_owned())
    }

    #[test]
    fn the_most_specific_variable_wins() {
        let all = [("LANGOP_DEV_HOME", "/d"), ("XDG_CACHE_HOME", "/c"), ("HOME", "/h")];
        assert_eq!(chosen(&all).as_deref(), Some("/d"));
        assert_eq!(chosen(&all[1..]).as_deref(), Some("/c/langop/dev"));
        assert_eq!(chosen(&all[2..]).as_deref(), Some("/h/.cache/langop/dev"));
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn a_relative_cache_directory_is_ignored() {
        assert_eq!(chosen(&[("XDG_CACHE_HOME", "c"), ("HOME", "/h")]).as_deref(), Some("/h/.cache/langop/dev"));
    }

    #[test]
    fn other_data_leaves_the_builds_shared() {
        let home = DevHome::at("/d");
        let other = home.clone().with_data("/tmp/x");
        assert_eq!(home.build(), other.build());
        assert_eq!(other.kubeconfig(), Path::new("/tmp/x/kubeconfig"));
    }
}
