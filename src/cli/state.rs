//! `langop state`.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::args::{LockArgs, Output, TargetArgs};
use super::connect::{connect, connect_for_writing, records, store};
use super::output;
use super::progress::Progress;
use crate::cluster::Reader;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::ops;
use crate::state::{self, Holder, Store};

/// Look at the record of a stack, or make a lost one anew
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
        StateCommand::List { stack, target } => list(&stack, &target).await?,
        StateCommand::Rebuild { stack, replace, lock, target } => {
            let existing = if replace { Existing::Replace } else { Existing::Keep };
            rebuild(&stack, existing, &lock, &target).await?;
        }
    }
    Ok(Exit::Done)
}

async fn list(stack: &str, target: &TargetArgs) -> Result<(), Error> {
    let connection = connect(target).await?;
    let record = records(target, &connection).read(stack).await?;
    let (inventory, _) = record.ok_or_else(|| CommandError::NoRecord(stack.to_owned()))?;
    inventory.entries.keys().try_for_each(|object| output::result_line(&object.to_string()))
}

/// What happens to a record that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Existing {
    Keep,
    Replace,
}

async fn rebuild(stack: &str, existing: Existing, waiting: &LockArgs, target: &TargetArgs) -> Result<(), Error> {
    let connection = connect_for_writing(target, Duration::MAX, &Arc::new(Progress::new(Output::Human))).await?;
    let store = store(target, &connection);
    let holder = Holder::this_process(state::ci_run_url(|name| std::env::var(name).ok()));
    let lock = store.lock(stack, &holder, waiting.lock_timeout).await?;
    let ended = rebuild_locked(stack, existing, &store.under(&lock), &connection.reader()).await;
    let released = lock.release().await;
    ended?;
    Ok(released?)
}

async fn rebuild_locked(stack: &str, existing: Existing, store: &Store, reader: &Reader) -> Result<(), Error> {
    let token = match existing {
        Existing::Replace => store.read_of_any_cluster(stack).await?.map(|(_, token)| token),
        Existing::Keep if store.read(stack).await?.is_some() => {
            return Err(CommandError::RecordExists(stack.to_owned()).into());
        }
        Existing::Keep => None,
    };
    let mut inventory = ops::rebuild(reader, stack).await?;
    store.write(&mut inventory, token).await?;
    output::result_line(&format!("{} objects of the stack `{stack}` are in its record", inventory.entries.len()))
}
