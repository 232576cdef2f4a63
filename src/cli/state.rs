//! `langop state`.

mod edit;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};

use self::edit::EditArgs;
use super::args::{LockArgs, Output, TargetArgs};
use super::connect::{connect, connect_for_writing, records, store};
use super::locking::{self, give_back, unchanged};
use super::output;
use super::progress::Progress;
use super::signals::Signals;
use crate::cluster::Reader;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::ops;
use crate::report;
use crate::state::{Store, Token};

/// Look at the record of a stack, change it, or make a lost one anew
#[derive(Args, Debug)]
pub(crate) struct StateArgs {
    #[command(subcommand)]
    command: StateCommand,
}

#[derive(Debug, Subcommand)]
enum StateCommand {
    /// List the objects that a stack owns
    List {
        /// The stack
        stack: String,
        #[command(flatten)]
        target: TargetArgs,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Take objects out of the record, and leave them in the cluster as they are
    ///
    /// langop neither updates nor deletes them any more. Nothing is sent to them: labels and field managers stay.
    Rm {
        /// The stack
        stack: String,
        /// What leaves: `model.claude`, `Deployment/prod/gateway`; `*` stands for anything
        #[arg(required = true, value_name = "ADDRESS")]
        addresses: Vec<String>,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Call objects of the record otherwise; nothing is sent to them, and none is renamed in the cluster
    Mv {
        /// The stack
        stack: String,
        /// What the record calls them: `model.old`, `Secret/prod/openai`
        from: String,
        /// What it calls them from now on: `model.new`, `secret.openai`
        to: String,
        #[command(flatten)]
        edit: EditArgs,
    },
    /// Make a lost record anew from what is on the server: labels and field managers
    Rebuild {
        /// The stack
        stack: String,
        /// Replace a record that is there, also one that was made on another cluster
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        lock: LockArgs,
        #[command(flatten)]
        target: TargetArgs,
    },
}

pub(crate) async fn run(args: StateArgs) -> Result<Exit, Error> {
    match args.command {
        StateCommand::List { stack, target, json } => list(&stack, &target, Output::of_flag(json)).await,
        StateCommand::Rm { stack, addresses, edit } => edit::remove(&stack, &addresses, &edit).await,
        StateCommand::Mv { stack, from, to, edit } => edit::rename(&stack, &from, &to, &edit).await,
        StateCommand::Rebuild { stack, replace, lock, target } => {
            let existing = if replace { Existing::Replace } else { Existing::Keep };
            let work = async |locked: Locked<'_>| locked.rebuild(&stack, existing).await;
            locked(&stack, &lock, &target, work).await
        }
    }
}

/// What a command has that holds the lock of a stack.
#[derive(Clone, Copy)]
struct Locked<'a> {
    store: &'a Store,
    reader: &'a Reader,
    signals: &'a Signals,
}

/// Does something with the record of a stack under its lock, which is released however that ends. The first signal ends what
/// reads, and the lock is given back; the second ends a write, too.
async fn locked(
    stack: &str,
    waiting: &LockArgs,
    target: &TargetArgs,
    work: impl AsyncFnOnce(Locked<'_>) -> Result<Exit, Error>,
) -> Result<Exit, Error> {
    let progress = Arc::new(Progress::new(Output::Human));
    let connection = connect_for_writing(target, Duration::MAX, &progress).await?;
    let store = store(target, &connection);
    // So far a signal may just end everything.
    let signals = Signals::listen()?;
    let Some(lock) = locking::take(&store, stack, waiting.lock_timeout, (&signals, &progress)).await? else {
        return Ok(unchanged(&signals));
    };
    let (store, reader) = (store.under(&lock), connection.reader());
    let ended = tokio::select! {
        ended = work(Locked { store: &store, reader: &reader, signals: &signals }) => ended,
        exit = signals.aborted() => {
            output::note(&format!("whether the record was written is not known: `langop state list {stack}` says what it has"));
            Ok(exit)
        }
    };
    let released = give_back(lock, &signals).await;
    let exit = ended?;
    released?;
    Ok(exit)
}

async fn list(stack: &str, target: &TargetArgs, output: Output) -> Result<Exit, Error> {
    let connection = connect(target).await?;
    let record = records(target, &connection).read(stack).await?;
    let (inventory, _) = record.ok_or_else(|| CommandError::NoRecord(stack.to_owned()))?;
    if output == Output::Json {
        output::json_document(&report::json::record(&inventory))?;
        return Ok(Exit::Done);
    }
    inventory.entries.keys().try_for_each(|object| output::result_line(&object.to_string()))?;
    Ok(Exit::Done)
}

/// What happens to a record that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Existing {
    Keep,
    Replace,
}

/// What a rebuilt record lacks.
fn note_hidden(hidden: &BTreeSet<String>) {
    let kinds = hidden.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    output::note(&format!(
        "warning: this identity may not list {kinds}: what the stack has of them is not in the record"
    ));
    output::note(
        "hint: rebuild it with `--replace` as somebody who may, before anything of them leaves the description",
    );
}

impl Locked<'_> {
    async fn rebuild(self, stack: &str, existing: Existing) -> Result<Exit, Error> {
        let found = async {
            let token = self.replaced(stack, existing).await?;
            Ok::<_, Error>((ops::rebuild(self.reader, stack).await?, token))
        };
        let Ok(found) = self.signals.unless_interrupted(found).await else { return Ok(unchanged(self.signals)) };
        let ((mut inventory, hidden), token) = found?;
        // What was applied under the record before is none of this one.
        self.store.remove_history(stack).await?;
        self.store.write(&mut inventory, token).await?;
        if !hidden.is_empty() {
            note_hidden(&hidden);
        }
        output::result_line(&format!("{} objects of the stack `{stack}` are in its record", inventory.entries.len()))?;
        Ok(Exit::Done)
    }

    /// The record that is replaced, if there is one.
    async fn replaced(self, stack: &str, existing: Existing) -> Result<Option<Token>, Error> {
        match existing {
            Existing::Replace => Ok(self.store.read_of_any_cluster(stack).await?.map(|(_, token)| token)),
            Existing::Keep if self.store.read(stack).await?.is_some() => {
                Err(CommandError::RecordExists(stack.to_owned()).into())
            }
            Existing::Keep => Ok(None),
        }
    }
}
