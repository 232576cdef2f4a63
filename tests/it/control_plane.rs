//! The control plane of a test run: started with the first test that asks, gone with the last process of the run.

use std::env;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::os::unix::process::{CommandExt as _, parent_id};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use langop::dev::{self, DevHome, Event, Lifetime, Wish};

use crate::evaluator;

/// The administrator's kubeconfig of the run's control plane.
pub fn kubeconfig() -> PathBuf {
    shared().kubeconfig()
}

/// `kubectl` as the administrator of the run's control plane.
pub fn kubectl() -> Command {
    dev::kubectl(shared()).unwrap()
}

/// The administrator's kubeconfig of a second control plane of the run, which serves Cilium's kinds. Apart from
/// the first, for there tests rely on their absence.
pub fn kubeconfig_with_cilium() -> PathBuf {
    static CILIUM: OnceLock<DevHome> = OnceLock::new();
    let home = CILIUM.get_or_init(|| {
        let home = started("-cilium");
        let crds = home.data().join(format!("cilium-crds-{}.json", std::process::id()));
        std::fs::write(&crds, evaluator::cilium_crds().to_string()).unwrap();
        let kubectl = |args: &[&str]| {
            let output = dev::kubectl(&home).unwrap().args(args).env("KUBECONFIG", home.kubeconfig()).output().unwrap();
            assert!(output.status.success(), "kubectl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        kubectl(&["apply", "--server-side", "-f", &crds.display().to_string()]);
        // A CRD has no conditions at first; only this form of `wait` bears that.
        kubectl(&["wait", "--for=condition=Established", "crd/ciliumnetworkpolicies.cilium.io", "--timeout=60s"]);
        home
    });
    home.kubeconfig()
}

fn shared() -> &'static DevHome {
    static SHARED: OnceLock<DevHome> = OnceLock::new();
    SHARED.get_or_init(|| started(""))
}

/// The control plane of this run and this name.
fn started(name: &str) -> DevHome {
    // `cargo nextest` runs each test in a process of its own; what they have in common is their parent.
    let (run, owner) = match env::var("NEXTEST_RUN_ID") {
        Ok(run) => (run, parent_id()),
        Err(_) => (std::process::id().to_string(), std::process::id()),
    };
    let home = DevHome::from_env().unwrap().with_data(env::temp_dir().join(format!("langop-tests-{run}{name}")));
    if owner == std::process::id() {
        // Process ids are given out again: what an earlier run of the same number left behind is not this run's.
        dev::reset(&home, &tell).unwrap();
    }
    let wish = Wish { nodes: None, lifetime: Lifetime::With(owner) };
    dev::up(&home, &wish, &tell).unwrap_or_else(|error| panic!("{error}\nhint: {:?}", error.hint()));
    home
}

/// Past the harness, which keeps what tests print: the first build takes minutes, and silence looks like a hang.
fn tell(event: Event<'_>) {
    let text = match event {
        Event::Fetching { modules: 0, .. } => "tests: building the local control plane, once; this takes some minutes",
        Event::Built => "tests: built the local control plane",
        Event::Waiting => "tests: waiting for another process that builds or starts the local control plane",
        _ => return,
    };
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A `LANGOP_DEV_HOME` of its own with the run's build, for tests of `langop dev` itself.
/// Whatever runs there ends with the value, and with the test process when that is killed.
pub struct OwnHome {
    pub root: tempfile::TempDir,
    pub home: DevHome,
    guard: Child,
}

impl OwnHome {
    pub fn new() -> Self {
        let shared = DevHome::from_env().unwrap();
        dev::program(&shared, &tell).unwrap();
        let closed = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        let root = tempfile::Builder::new().permissions(closed).tempdir().unwrap();
        let home = DevHome::at(root.path());
        symlink(shared.build(), home.build()).unwrap();
        let mut guard = Command::new("sh");
        guard
            .args(["-c", r#"cat; "$0" dev reset; rm -rf "$LANGOP_DEV_HOME""#, env!("CARGO_BIN_EXE_langop")])
            .env("LANGOP_DEV_HOME", root.path());
        // In a group of its own, so that Ctrl-C at the tests does not end the guard before its work.
        guard.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self { guard: guard.spawn().unwrap(), root, home }
    }

    /// langop with this home.
    #[must_use = "a command does nothing until it is run"]
    pub fn langop(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_langop"));
        command.args(args).env("LANGOP_DEV_HOME", self.root.path()).env_remove("KUBECONFIG").stdin(Stdio::null());
        command
    }
}

impl Drop for OwnHome {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}
