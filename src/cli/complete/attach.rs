//! Which argument takes which names, by what `--help` calls its value: a command that comes along later has its
//! completion, if it calls things as the others do.

use std::ffi::OsStr;

use clap::{Arg, Command};
use clap_complete::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};

use super::at_hand::AtHand;
use crate::cli::explain_field;

/// How names are found.
type Names = fn(&AtHand) -> Vec<String>;

/// The command with candidates at all of its arguments that name something.
pub(super) fn candidates(command: Command, at_hand: &AtHand) -> Command {
    let called = command.get_name().to_owned();
    command
        .mut_args(|arg| match names(&called, &arg) {
            Some(names) => with(arg, names, at_hand.clone()),
            None if arg.get_id() == "field" => arg.add(ArgValueCompleter::new(field)),
            None => arg,
        })
        .mut_subcommands(|below| candidates(below, at_hand))
}

fn with(arg: Arg, names: Names, at_hand: AtHand) -> Arg {
    arg.add(ArgValueCandidates::new(move || names(&at_hand).into_iter().map(CompletionCandidate::new).collect()))
}

/// Fields are many and deep: those one step further than what was typed.
fn field(typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_str().unwrap_or_default();
    let paths = explain_field::paths(typed).into_iter().filter(|path| path.starts_with(typed));
    paths.map(CompletionCandidate::new).collect()
}

fn names(command: &str, arg: &Arg) -> Option<Names> {
    let value = arg.get_value_names().and_then(<[_]>::first).map(clap::builder::Str::as_str);
    match (arg.get_id().as_str(), value) {
        ("from" | "to", _) if command == "reach" => Some(AtHand::ends),
        ("from" | "to", _) if command == "mv" => Some(AtHand::addresses),
        ("out", Some("KIND=NAME")) => Some(AtHand::outages),
        ("cluster", _) => Some(AtHand::clusters),
        ("agent", _) => Some(AtHand::agents),
        ("env", _) => Some(AtHand::environments),
        ("vars", _) => Some(AtHand::variables),
        ("context", _) => Some(AtHand::contexts),
        ("why", _) => Some(AtHand::objects),
        (_, Some("ADDRESS")) => Some(AtHand::addresses),
        _ => None,
    }
}
