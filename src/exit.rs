//! Every exit code and its words, in one place: `--help` and the README list them from here. The numbers are
//! stable, pipelines branch on them.

use std::fmt::Write as _;
use std::process::ExitCode;

/// One table for the enum, the list of all codes and the words of each.
macro_rules! exits {
    ($($name:ident = $code:literal, $words:literal;)+) => {
        /// How a command ended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Exit {
            $(#[doc = $words] $name = $code,)+
        }

        impl Exit {
            /// All codes, in the order of their numbers.
            const ALL: &[Self] = &[$(Self::$name),+];

            /// What the code means.
            pub(crate) fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)+
                }
            }
        }
    };
}

exits! {
    Done = 0, "done, or nothing to do";
    Failed = 1, "failed";
    Pending = 2, "changes are pending (plan --detailed-exitcode, fmt --check), or something moved (drift)";
    Partial = 3, "applied in part";
    Stale = 4, "the saved plan is stale: not for this target, time or langop, or objects changed since";
    Locked = 5, "another run holds the lock";
    Unhealthy = 6, "not healthy in time, or in sync but not healthy (also status); check: no gateway ready";
    Gate = 7, "a gate said no (--require, --require-safe-image), or explain reach cannot decide";
    LockLost = 8, "the lock was lost on the way: removed, or not renewed because the server did not answer";
    Usage = 64, "the command line is wrong";
    Invalid = 65, "the description is invalid, or a secret value is missing";
    Unreachable = 69, "the server cannot be reached";
    Forbidden = 77, "not permitted";
    HungUp = 129, "interrupted by SIGHUP";
    Interrupted = 130, "interrupted by Ctrl-C";
    ClosedPipe = 141, "the reader of the output went away";
    Terminated = 143, "interrupted by SIGTERM";
}

/// From the best to the worst, for a command that did several things: what is as it should be, what waits for a decision,
/// what another time may be otherwise, what needs another set-up, what is wrong, what is half done, and an interruption,
/// after which nothing is known of the rest.
const FROM_BEST: [Exit; 17] = [
    Exit::Done,
    Exit::Pending,
    Exit::Unhealthy,
    Exit::Gate,
    Exit::Stale,
    Exit::Locked,
    Exit::LockLost,
    Exit::Unreachable,
    Exit::Forbidden,
    Exit::Usage,
    Exit::Invalid,
    Exit::Failed,
    Exit::Partial,
    Exit::ClosedPipe,
    Exit::HungUp,
    Exit::Interrupted,
    Exit::Terminated,
];

impl Exit {
    /// The worse of two.
    pub(crate) fn worse(self, other: Self) -> Self {
        let rank = |exit: Self| FROM_BEST.iter().position(|one| *one == exit);
        if rank(other) > rank(self) { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The table in `--help`.
pub(crate) fn help() -> String {
    Exit::ALL.iter().fold("Exit codes:".to_owned(), |mut table, exit| {
        let _ = write!(table, "\n  {:<4} {}", *exit as u8, exit.words());
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_place_from_best_to_worst() {
        let mut all = FROM_BEST.map(|exit| exit as u8);
        all.sort_unstable();
        assert_eq!(all.to_vec(), Exit::ALL.iter().map(|exit| *exit as u8).collect::<Vec<_>>());
        assert_eq!(Exit::Pending.worse(Exit::Unreachable), Exit::Unreachable);
        assert_eq!(Exit::Failed.worse(Exit::Pending).worse(Exit::Done), Exit::Failed);
    }

    #[test]
    fn codes_are_listed_by_number() {
        assert!(Exit::ALL.is_sorted_by_key(|exit| *exit as u8));
        assert!(help().contains("\n  64   the command line is wrong\n"), "{}", help());
    }
}
