//! Every exit code, in one place. They are stable: pipelines branch on them.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// Changes are pending (only `plan --detailed-exitcode`).
    Pending = 2,
    /// Applied in part.
    Partial = 3,
    /// Another run holds the lock.
    Locked = 5,
    /// Applied, but not healthy in time; checked, and no pod of a gateway is ready.
    Unhealthy = 6,
    /// A confidence gate said no; of `explain`, a policy that is not evaluated may decide.
    Gate = 7,
    /// The command line is wrong.
    Usage = 64,
    /// The description is invalid, or a secret value is missing.
    Invalid = 65,
    /// The server cannot be reached.
    Unreachable = 69,
    /// Not permitted.
    Forbidden = 77,
    /// Interrupted by Ctrl-C.
    Interrupted = 130,
    /// Interrupted by SIGTERM.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The table in `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done, or nothing to do
  1    failed
  2    changes are pending (only plan --detailed-exitcode)
  3    applied in part
  5    another run holds the lock
  6    applied, but not healthy in time; checked, and no gateway is ready
  7    a confidence gate said no (--require), or explain cannot decide
  64   the command line is wrong
  65   the description is invalid, or a secret value is missing
  69   the server cannot be reached
  77   not permitted
  130  interrupted by Ctrl-C
  143  interrupted by SIGTERM";
