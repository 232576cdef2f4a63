//! One command of the user's, which ends with the one who wanted it, and all that it starts ends with it.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::dev::Error;

/// Runs `$1` in a group of its own for as long as somebody holds the other end of the standard input, and no longer:
/// langop itself may be killed.
const KEEPER: &str = r#"exec 3<&0
(cat <&3; kill -TERM 0; sleep 5; kill -KILL 0) >/dev/null 2>&1 &
exec 3<&- </dev/null
exec sh -c "$1""#;

/// A command that runs. It ends with this value, and with this process.
pub struct Program {
    name: String,
    child: Child,
}

impl Program {
    /// Starts it. `prepare` sets its environment and outputs.
    pub(super) fn start(name: &str, command: &str, prepare: impl FnOnce(&mut Command)) -> Result<Self, Error> {
        let mut shell = Command::new("sh");
        shell.args(["-c", KEEPER, "langop", command]);
        prepare(&mut shell);
        // A group of its own: Ctrl-C reaches it once, through langop.
        shell.stdin(Stdio::piped()).process_group(0);
        let child = shell.spawn().map_err(|cause| Error::Program { name: name.to_owned(), cause })?;
        Ok(Self { name: name.to_owned(), child })
    }

    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its exit status; nothing while it runs.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it, and all that it started, to end.
    pub(super) fn ask_to_end(&self) {
        self.send(Signal::TERM);
    }

    fn send(&self, signal: Signal) {
        // A group that is gone already is what is wanted.
        let _: Result<(), rustix::io::Errno> = kill_process_group(Pid::from_child(&self.child), signal);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // What it started may be there after it; the group's number is not given out again before that ends.
        self.send(Signal::KILL);
        let _: io::Result<ExitStatus> = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn lives(process: i32) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        !status.is_empty() && !status.contains(") Z ")
    }

    fn until(what: impl Fn() -> bool) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if what() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    fn starts_another(directory: &std::path::Path) -> (Program, i32) {
        let file = directory.join("child");
        let command = format!("sleep 1000 & echo $! > {0}.new; mv {0}.new {0}; wait", file.display());
        let program = Program::start("p", &command, |_| {}).unwrap();
        assert!(until(|| file.exists()));
        let child = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
        (program, child)
    }

    #[test]
    fn what_a_command_started_ends_with_it() {
        let directory = tempfile::tempdir().unwrap();
        let (program, child) = starts_another(directory.path());
        assert!(lives(child));
        drop(program);
        assert!(until(|| !lives(child)));
    }

    #[test]
    fn a_command_ends_when_nobody_holds_its_standard_input() {
        let directory = tempfile::tempdir().unwrap();
        let (mut program, child) = starts_another(directory.path());
        drop(program.child.stdin.take());
        assert!(until(|| !lives(child)));
        assert!(until(|| !lives(program.child.id().try_into().unwrap())));
    }

    #[test]
    fn a_command_reads_nothing_and_its_status_is_told() {
        let mut program = Program::start("p", "read line || exit 7", |_| {}).unwrap();
        let status = loop {
            if let Some(status) = program.ended() {
                break status;
            }
        };
        assert_eq!(status.code(), Some(7));
    }
}
