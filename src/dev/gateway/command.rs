//! Runs a Python command apart from the user's own Python settings. It knows neither `LiteLLM` nor where it goes.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::thread;

/// How much of a command's output is worth showing when it fails.
const LAST_LINES: usize = 15;

/// Where packages come from and where they are cached is the user's choice; where they go is not.
pub(super) fn plain(mut command: Command) -> Command {
    for name in ["PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs a command and hands on each line of its standard output. Its last lines when it fails.
pub(super) fn run(command: Command, mut line: impl FnMut(&str)) -> Result<(), String> {
    let told = |cause: io::Error| format!("    {cause}");
    let mut child = plain(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(told)?;
    let (Some(out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("    it has no output".to_owned());
    };
    let mut said = Vec::new();
    thread::scope(|scope| {
        let complaints = scope.spawn(move || {
            let mut bytes = Vec::new();
            let _ = err.read_to_end(&mut bytes);
            bytes
        });
        for text in BufReader::new(out).lines().map_while(Result::ok) {
            line(&text);
            said.push(text);
        }
        let complaints = complaints.join().unwrap_or_default();
        // `venv` complains on its standard output, pip on the other.
        said.extend(String::from_utf8_lossy(&complaints).lines().map(str::to_owned));
    });
    let status = child.wait().map_err(told)?;
    if status.success() {
        return Ok(());
    }
    let last = said[said.len().saturating_sub(LAST_LINES)..].iter().map(|line| format!("    {line}\n"));
    Err(format!("{}    it ended with {status}", last.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_shows_its_last_lines() {
        let mut command = Command::new("sh");
        command.args(["-c", "seq 20; echo no >&2; exit 3"]);
        let mut seen = 0;
        let last = run(command, |_| seen += 1).unwrap_err();
        assert_eq!(seen, 20);
        assert!(last.starts_with("    7\n") && last.ends_with("    no\n    it ended with exit status: 3"), "{last}");
    }
}
