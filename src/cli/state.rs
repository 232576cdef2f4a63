//! `langop state`.

mod edit;

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};

use self::edit::EditArgs;
use super::args::{LockArgs, Output, TargetArgs};
use super::connect::{connect, connect_for_writing, records, store};
use super::output;
use super::progress::Progress;
use crate::cluster::Reader;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::ops;
use crate::report;
use crate::state::{self, Holder, Store};

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
        StateCommand::List { stack, target, json } => list(&stack, &target, Output::of_flag(json)).await?,
        StateCommand::Rm { stack, addresses, edit } => return edit::remove(&stack, &addresses, &edit).await,
        StateCommand::Mv { stack, from, to, edit } => return edit::rename(&stack, &from, &to, &edit).await,
        StateCommand::Rebuild { stack, replace, lock, target } => {
            let existing = if replace { Existing::Replace } else { Existing::Keep };
            locked(&stack, &lock, &target, async |store, reader| rebuild(&stack, existing, store, reader).await)
                .await?;
        }
    }
    Ok(Exit::Done)
}

/// Does something with the record of a stack under its lock, which is released however that ends.
async fn locked<T>(
    stack: &str,
    waiting: &LockArgs,
    target: &TargetArgs,
    work: impl AsyncFnOnce(&Store, &Reader) -> Result<T, Error>,
) -> Result<T, Error> {
    let connection = connect_for_writing(target, Duration::MAX, &Arc::new(Progress::new(Output::Human))).await?;
    let store = store(target, &connection);
    let holder = Holder::this_process(state::ci_run_url(|name| std::env::var(name).ok()));
    let lock = store.lock(stack, &holder, waiting.lock_timeout).await?;
    let ended = work(&store.under(&lock), &connection.reader()).await;
    let released = lock.release().await;
    let ended = ended?;
    released?;
    Ok(ended)
}

async fn list(stack: &str, target: &TargetArgs, output: Output) -> Result<(), Error> {
    let connection = connect(target).await?;
    let record = records(target, &connection).read(stack).await?;
    let (inventory, _) = record.ok_or_else(|| CommandError::NoRecord(stack.to_owned()))?;
    if output == Output::Json {
        return output::json_document(&report::json::record(&inventory));
    }
    inventory.entries.keys().try_for_each(|object| output::result_line(&object.to_string()))
}

/// What happens to a record that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Existing {
    Keep,
    Replace,
}

async fn rebuild(stack: &str, existing: Existing, store: &Store, reader: &Reader) -> Result<(), Error> {
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
