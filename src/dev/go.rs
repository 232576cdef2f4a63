//! Runs the `go` command. Decides whether it is good enough, not what is built.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use super::Error;
use super::versions::GO;

/// The first release that can fetch a newer one by itself (Go, *Toolchains*, "GOTOOLCHAIN").
const REPLACES_ITSELF: (u32, u32) = (1, 21);

/// How much of Go's output is worth showing when it fails.
const LAST_LINES: usize = 15;

/// Refuses a Go that is missing, or too old and not allowed to fetch a newer one.
pub(super) fn check() -> Result<(), Error> {
    // At the root no `go.mod` changes the answer.
    let asked = command(Path::new("/")).args(["env", "GOVERSION", "GOTOOLCHAIN"]).output();
    let answer = asked.map_err(|cause| absent(&cause))?;
    if !answer.status.success() {
        return Err(Error::BrokenGo(String::from_utf8_lossy(&answer.stderr).trim().to_owned()));
    }
    let text = String::from_utf8_lossy(&answer.stdout);
    let mut lines = text.lines();
    judge(lines.next().unwrap_or_default(), lines.next().unwrap_or_default())
}

fn judge(version: &str, toolchain: &str) -> Result<(), Error> {
    // What cannot be read is a development build; let the compiler judge it.
    let Some(found) = parse(version) else { return Ok(()) };
    if found >= GO || (found >= REPLACES_ITSELF && toolchain != "local") {
        return Ok(());
    }
    Err(Error::OldGo { found: version.trim_start_matches("go").to_owned() })
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let (major, rest) = version.strip_prefix("go")?.split_once('.')?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn absent(cause: &io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::NotFound => Error::NoGo,
        _ => Error::BrokenGo(cause.to_string()),
    }
}

/// How one run of Go ended.
pub(super) struct Said {
    /// Whether it succeeded.
    pub(super) success: bool,
    /// The number of lines on its standard output.
    pub(super) lines: usize,
    /// The last lines on its standard error, for a failure.
    pub(super) last: String,
}

/// Runs Go in the module's directory and hands on each line of its standard error.
pub(super) fn run(module: &Path, arguments: &[&str], mut line: impl FnMut(&str)) -> Result<Said, Error> {
    let spawned = command(module).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|cause| absent(&cause))?;
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Error::BrokenGo("it has no output".to_owned()));
    };
    thread::scope(|scope| {
        let counted = scope.spawn(|| BufReader::new(out).lines().map_while(Result::ok).count());
        let mut last = Vec::new();
        for text in BufReader::new(err).lines().map_while(Result::ok) {
            line(&text);
            last.push(text);
            if last.len() > LAST_LINES {
                last.remove(0);
            }
        }
        let lines = counted.join().unwrap_or_default();
        finish(child, lines, &last)
    })
}

fn finish(mut child: Child, lines: usize, last: &[String]) -> Result<Said, Error> {
    let status = child.wait().map_err(|cause| Error::BrokenGo(cause.to_string()))?;
    let mut last: Vec<_> = last.iter().map(|line| format!("    {line}")).collect();
    if !status.success() {
        last.push(format!("    `go` ended with {status}"));
    }
    Ok(Said { success: status.success(), lines, last: last.join("\n") })
}

/// Where Go fetches from, and where it keeps what it fetched and compiled, is the user's choice; what it
/// builds is not.
fn command(directory: &Path) -> Command {
    let mut command = Command::new("go");
    command.current_dir(directory).stdin(Stdio::null());
    command.env("GOFLAGS", "-mod=readonly").env("GOWORK", "off").env("GO111MODULE", "on");
    // Without C it needs no other compiler and links nothing of this machine.
    command.env("CGO_ENABLED", "0");
    command.env_remove("GOOS").env_remove("GOARCH");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_go_writes_them() {
        assert_eq!(parse("go1.26.8"), Some((1, 26)));
        assert_eq!(parse("go1.27rc1"), Some((1, 27)));
        assert_eq!(parse("go1.30"), Some((1, 30)));
        assert_eq!(parse("devel go1.27-4f1a2b"), None);
    }

    #[test]
    fn an_older_go_is_good_when_it_may_replace_itself() {
        assert!(judge("go1.26.0", "local").is_ok());
        assert!(judge("go1.22.1", "auto").is_ok());
        assert!(judge("go1.22.1", "local").is_err());
        assert!(judge("go1.20", "auto").is_err());
        assert!(judge("devel +abc", "local").is_ok());
    }
}
