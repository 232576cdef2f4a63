//! Runs the commands that print secret values. What they print is a value and goes nowhere else; what they
//! say on standard error may quote one, so it is not shown either.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use futures::future::join_all;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Command;
use tokio::time::timeout;

use super::one_line_less;
use crate::object::{Manifest, SecretSource, SecretValue};

/// What a command is: its words and where it runs.
type Call = (Vec<String>, PathBuf);

/// The values that commands printed.
pub(super) struct Commands(BTreeMap<Call, Result<SecretValue, String>>);

impl Commands {
    /// Runs every command of the manifests once, all at the same time.
    pub(super) async fn run(manifests: &[Manifest]) -> Self {
        let sources = manifests.iter().flat_map(|manifest| manifest.secret.values());
        let mut calls: BTreeMap<Call, Duration> = BTreeMap::new();
        for (call, patience) in sources.filter_map(call) {
            let longest = calls.entry(call).or_default();
            *longest = patience.max(*longest);
        }
        let values = join_all(calls.into_iter().map(|(call, patience)| async move {
            let value = value(&call, patience).await;
            (call, value)
        }));
        Self(values.await.into_iter().collect())
    }

    /// What a command printed, or why there is no value.
    pub(super) fn value(&self, argv: &[String], directory: &Path) -> Result<SecretValue, String> {
        let found = self.0.get(&(argv.to_vec(), directory.to_owned()));
        found.cloned().unwrap_or_else(|| Err("its command was not run".to_owned()))
    }
}

fn call(source: &SecretSource) -> Option<(Call, Duration)> {
    match source {
        SecretSource::Command { argv, directory, timeout } => Some(((argv.clone(), directory.clone()), *timeout)),
        _ => None,
    }
}

async fn value((argv, directory): &Call, patience: Duration) -> Result<SecretValue, String> {
    // Arguments may name what is nobody's business; the program alone tells which command it was.
    let [program, arguments @ ..] = argv.as_slice() else { return Err("its command is empty".to_owned()) };
    let mut command = Command::new(located(program, directory));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    if !directory.as_os_str().is_empty() {
        command.current_dir(directory);
    }
    let ended = timeout(patience, output(command)).await;
    let ended =
        ended.map_err(|_| format!("`{program}` did not end within {patience:?}; `commandTimeout` gives it longer"))?;
    let Output { status, stdout, .. } = ended.map_err(|error| format!("cannot run `{program}`: {error}"))?;
    let printed = one_line_less(stdout);
    if !status.success() {
        return Err(format!("`{program}` failed ({status}); run it by hand to see why"));
    }
    printed.ok_or_else(|| format!("`{program}` printed nothing"))
}

/// Runs a command in a process group of its own, which ends when nobody waits for it any more: what a shell started
/// would otherwise live on.
async fn output(mut command: Command) -> std::io::Result<Output> {
    let child = command.process_group(0).spawn()?;
    let mut group = Group(child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)));
    let output = child.wait_with_output().await;
    group.0 = None;
    output
}

/// A group of processes that ends with this value.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended meanwhile.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// A program with a path is looked for beside the description, any other on the `PATH`.
fn located(program: &str, directory: &Path) -> PathBuf {
    let path = Path::new(program);
    if path.components().count() < 2 {
        return path.to_owned();
    }
    // Relative to where langop runs, not to where the command is about to run.
    let beside = directory.join(path);
    std::path::absolute(&beside).unwrap_or(beside)
}
