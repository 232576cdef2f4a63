//! A place of its own for one test: a directory, a stack name, a kubeconfig, and the real binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::control_plane;

/// Everything one test needs, under a name that no other test has.
pub struct Bench {
    /// Where the test's files are.
    pub dir: tempfile::TempDir,
    /// A unique name, fit for stacks, namespaces and clusters.
    pub name: String,
    kubeconfig: PathBuf,
}

/// What a run of a program said.
#[must_use = "a run whose exit code nobody looks at may have failed"]
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// What a run said that ended as the test expects.
#[derive(Debug)]
pub struct Checked {
    pub out: String,
    pub err: String,
}

impl Said {
    /// Fails the test with everything that was said unless the exit code is `code`.
    #[track_caller]
    pub fn exits(self, code: i32) -> Checked {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        Checked { out: self.out, err: self.err }
    }

    /// Everything that was said, wherever.
    #[must_use]
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// stdout as JSON, whatever the exit code.
    #[track_caller]
    pub fn json(self) -> Value {
        Checked { out: self.out, err: self.err }.json()
    }
}

impl Checked {
    /// Everything that was said, wherever.
    #[must_use]
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// stdout as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}\nstdout:\n{}\nstderr:\n{}", self.out, self.err))
    }
}

impl Bench {
    /// A place for the test called `test`, on the control plane of this run.
    pub fn new(test: &str) -> Self {
        Self::at(test, control_plane::kubeconfig())
    }

    /// A place for a test that talks to no server.
    pub fn offline(test: &str) -> Self {
        Self::at(test, "/dev/null".into())
    }

    /// The same with another way to the API server.
    pub fn at(test: &str, kubeconfig: PathBuf) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{test}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Self { dir: tempfile::tempdir().unwrap(), name, kubeconfig }
    }

    /// Writes a file; `NAME` in it becomes the name of this test.
    pub fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(file);
        std::fs::write(&path, text.replace("NAME", &self.name)).unwrap();
        path
    }

    /// A langop command in this place. The environment is empty but for what it needs.
    #[must_use = "a command does nothing until it is run"]
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_langop"));
        command.args(args).current_dir(self.dir.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.dir.path()).env("KUBECONFIG", &self.kubeconfig);
        command
    }

    /// Runs langop to its end.
    pub fn langop(&self, args: &[&str]) -> Said {
        said(&self.command(args).output().unwrap())
    }

    /// Runs kubectl; its stdout.
    #[track_caller]
    pub fn kubectl(&self, args: &[&str]) -> String {
        let said = self.try_kubectl(args);
        assert_eq!(said.code, Some(0), "kubectl {args:?}: {}", said.err);
        said.out
    }

    /// Runs kubectl, which may fail.
    pub fn try_kubectl(&self, args: &[&str]) -> Said {
        let mut command = control_plane::kubectl();
        said(&command.args(args).env("KUBECONFIG", &self.kubeconfig).current_dir(self.dir.path()).output().unwrap())
    }

    /// One object as JSON.
    #[must_use]
    #[track_caller]
    pub fn object(&self, args: &[&str]) -> Value {
        let mut all = vec!["get", "-o", "json"];
        all.extend(args);
        serde_json::from_str(&self.kubectl(&all)).unwrap()
    }

    /// The path of a file of this place, as text.
    pub fn path(&self, file: &str) -> String {
        self.dir.path().join(file).display().to_string()
    }
}

/// Waits until `done`, and fails the test after `patience`.
#[track_caller]
pub fn eventually(what: &str, patience: Duration, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < patience, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn said(output: &Output) -> Said {
    Said {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
