//! Runs the commands that print secret values. What they print is a value and goes nowhere else; what they
//! say on standard error may quote one, so it is not shown either.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use futures::future::join_all;
use tokio::process::Command;
use tokio::time::timeout;

use super::one_line_less;
use crate::object::{Manifest, SecretSource, SecretValue};

/// How long a command may take: a password manager may ask a person, a pipeline must not hang.
const PATIENCE: Duration = Duration::from_mins(2);

/// What a command is: its words and where it runs.
type Call = (Vec<String>, PathBuf);

/// The values that commands printed.
pub(super) struct Commands(BTreeMap<Call, Result<SecretValue, String>>);

impl Commands {
    /// Runs every command of the manifests once, all at the same time.
    pub(super) async fn run(manifests: &[Manifest]) -> Self {
        let sources = manifests.iter().flat_map(|manifest| manifest.secret.values());
        let calls: BTreeSet<Call> = sources.filter_map(call).collect();
        let values = join_all(calls.into_iter().map(|call| async {
            let value = value(&call).await;
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

fn call(source: &SecretSource) -> Option<Call> {
    match source {
        SecretSource::Command { argv, directory } => Some((argv.clone(), directory.clone())),
        _ => None,
    }
}

async fn value((argv, directory): &Call) -> Result<SecretValue, String> {
    // Arguments may name what is nobody's business; the program alone tells which command it was.
    let [program, arguments @ ..] = argv.as_slice() else { return Err("its command is empty".to_owned()) };
    let mut command = Command::new(located(program, directory));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    if !directory.as_os_str().is_empty() {
        command.current_dir(directory);
    }
    let ended = timeout(PATIENCE, command.output()).await;
    let ended = ended.map_err(|_| format!("`{program}` did not end within {} seconds", PATIENCE.as_secs()))?;
    let Output { status, stdout, .. } = ended.map_err(|error| format!("cannot run `{program}`: {error}"))?;
    let printed = one_line_less(stdout);
    if !status.success() {
        return Err(format!("`{program}` failed ({status}); run it by hand to see why"));
    }
    printed.ok_or_else(|| format!("`{program}` printed nothing"))
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
