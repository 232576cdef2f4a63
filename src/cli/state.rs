//! `langop state`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::args::Target;
use super::connect::{LOOKING, WRITING, connect, records, store};
use super::exit::Exit;
use super::output;
use crate::cluster::Reader;
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
        target: Target,
    },
    /// Make a lost record anew from what is on the server: labels and field managers
    Rebuild {
        /// The stack
        stack: String,
        /// Replace a record that is there
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        target: Target,
    },
}

pub(crate) async fn run(args: StateArgs) -> anyhow::Result<Exit> {
    match args.command {
        StateCommand::List { stack, target } => list(&stack, &target).await,
        StateCommand::Rebuild { stack, replace, target } => rebuild(&stack, replace, &target).await,
    }
}

async fn list(stack: &str, target: &Target) -> anyhow::Result<Exit> {
    let connection = connect(target, LOOKING).await?;
    let Some((inventory, _)) = records(target, &connection).read(stack).await? else {
        output::note(&format!("error: there is no record of the stack `{stack}`"));
        output::note(&format!("hint: if it was lost, `langop state rebuild {stack}` makes it anew"));
        return Ok(Exit::Failed);
    };
    for object in inventory.entries.keys() {
        output::result_line(&object.to_string());
    }
    Ok(Exit::Done)
}

async fn rebuild(stack: &str, replace: bool, target: &Target) -> anyhow::Result<Exit> {
    let connection = connect(target, WRITING).await?;
    let store = store(target, &connection);
    let holder = Holder::this_process(state::ci_run_url(|name| std::env::var(name).ok()));
    let lock = store.lock(stack, &holder, Duration::from_secs(45)).await?;
    let ended = rebuild_locked(stack, replace, &store, &connection.reader()).await;
    let released = lock.release().await;
    let exit = ended?;
    released?;
    Ok(exit)
}

async fn rebuild_locked(stack: &str, replace: bool, store: &Store, reader: &Reader) -> anyhow::Result<Exit> {
    let token = store.read(stack).await?.map(|(_, token)| token);
    if token.is_some() && !replace {
        output::note(&format!("error: the stack `{stack}` has a record"));
        output::note("hint: `--replace` makes it anew all the same");
        return Ok(Exit::Failed);
    }
    let mut inventory = ops::rebuild(reader, stack).await?;
    store.write(&mut inventory, token).await?;
    output::result_line(&format!("{} objects of the stack `{stack}` are in its record", inventory.entries.len()));
    Ok(Exit::Done)
}
