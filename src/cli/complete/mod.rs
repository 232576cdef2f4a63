//! Completion while a command line is typed: the shell asks this program, which knows the description at hand. An answer
//! stands in a prompt, so that there is never an error in it, nor a word on stderr; and no server is asked.

mod at_hand;
mod attach;

use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};

use clap::Command;
use clap_complete::CompleteEnv;

/// By which the shell asks; its value is the name of the shell.
pub(super) const VARIABLE: &str = "LANGOP_COMPLETE";

/// Answers a shell. False when it was none that started the process.
pub(super) fn answered(command: fn() -> Command) -> bool {
    if std::env::var_os(VARIABLE).is_none_or(|shell| shell.is_empty() || shell == "0") {
        return false;
    }
    panic::set_hook(Box::new(|_| {}));
    let words = typed(std::env::args_os());
    let complete = || {
        let described = || attach::candidates(command(), &at_hand::AtHand::new(command(), words.clone()));
        let directory = std::env::current_dir().ok();
        CompleteEnv::with_factory(described).var(VARIABLE).try_complete(std::env::args_os(), directory.as_deref())
    };
    // What went wrong has nobody who could be told; there is no candidate then.
    drop(panic::catch_unwind(AssertUnwindSafe(complete)));
    true
}

/// The words of the command line that is typed, without the one that is completed.
fn typed(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<_> = args.skip_while(|word| word != "--").skip(1).collect();
    let index = std::env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse::<usize>().ok());
    let index = index.unwrap_or(words.len().saturating_sub(1));
    if index < words.len() {
        words.remove(index);
    }
    words
}
