//! `langop state rm` and `langop state mv`: a person changes a record. Nothing is sent to the objects themselves.

use std::collections::BTreeSet;

use clap::Args;

use super::{Locked, locked};
use crate::cli::args::{LockArgs, TargetArgs};
use crate::cli::confirm::{Answer, ask};
use crate::cli::locking::unchanged;
use crate::cli::output;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::object::{Address, AddressPattern, ObjectRef};
use crate::stack::nearest;
use crate::state::{Inventory, Store, Token};

/// Which record is changed, and how that is agreed to.
#[derive(Args, Debug)]
pub(crate) struct EditArgs {
    /// Do not ask
    #[arg(long, short = 'y')]
    yes: bool,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// Takes objects out of the record.
pub(crate) async fn remove(stack: &str, addresses: &[String], args: &EditArgs) -> Result<Exit, Error> {
    let patterns: Vec<_> = addresses.iter().map(|address| AddressPattern::new(address)).collect();
    ensure_answerable(args)?;
    locked(stack, &args.lock, &args.target, async |locked| {
        let Ok(found) = locked.signals.unless_interrupted(read(locked.store, stack)).await else {
            return Ok(unchanged(locked.signals));
        };
        let (mut inventory, token) = found?;
        for pattern in &patterns {
            if inventory.matching(std::slice::from_ref(pattern)).is_empty() {
                return Err(no_such_entry(&inventory, pattern.as_str()).into());
            }
        }
        let leaving = inventory.matching(&patterns);
        leaving.iter().try_for_each(|(object, entry)| output::result_line(&line(object, &entry.address)))?;
        output::result(&left(stack, leaving.len()))?;
        if let Answer::No(exit) = agreed(args, locked, "Take these objects out of the record?").await {
            return Ok(exit);
        }
        inventory.entries.retain(|object, _| !leaving.contains_key(object));
        if inventory.entries.is_empty() {
            locked.store.remove_history(stack).await?;
            locked.store.remove(stack, token).await?;
        } else {
            locked.store.write(&mut inventory, Some(token)).await?;
        }
        Ok(Exit::Done)
    })
    .await
}

/// Calls objects of the record otherwise.
pub(crate) async fn rename(stack: &str, from: &str, to: &str, args: &EditArgs) -> Result<Exit, Error> {
    ensure_answerable(args)?;
    let parse = |text: &str| {
        let parsed = Address::parse(text);
        parsed.map_err(|fault| CommandError::NotAnAddress { text: text.to_owned(), fault })
    };
    let (from, to) = (parse(from)?, parse(to)?);
    locked(stack, &args.lock, &args.target, async |locked| {
        let Ok(found) = locked.signals.unless_interrupted(read(locked.store, stack)).await else {
            return Ok(unchanged(locked.signals));
        };
        let (mut inventory, token) = found?;
        let objects = inventory.rename(&from, &to).map_err(|error| CommandError::Rename(Box::new(error)))?;
        if objects.is_empty() {
            return Err(no_such_entry(&inventory, from.as_str()).into());
        }
        objects.iter().try_for_each(|object| output::result_line(&format!("{object}: {from} → {to}")))?;
        if let Answer::No(exit) = agreed(args, locked, "Call these objects so in the record?").await {
            return Ok(exit);
        }
        locked.store.write(&mut inventory, Some(token)).await?;
        Ok(Exit::Done)
    })
    .await
}

/// # Errors
/// A question would be asked, and there is nobody to answer it.
fn ensure_answerable(args: &EditArgs) -> Result<(), CommandError> {
    if args.yes || output::interactive() { Ok(()) } else { Err(CommandError::NobodyToAsk) }
}

async fn agreed(args: &EditArgs, locked: Locked<'_>, question: &str) -> Answer {
    if args.yes {
        return Answer::Yes;
    }
    ask(format!("{question} Only `yes` is taken as yes:"), "yes", locked.signals).await
}

async fn read(store: &Store, stack: &str) -> Result<(Inventory, Token), Error> {
    let record = store.read(stack).await?;
    Ok(record.ok_or_else(|| CommandError::NoRecord(stack.to_owned()))?)
}

fn no_such_entry(inventory: &Inventory, address: &str) -> CommandError {
    let known: BTreeSet<_> = inventory.addresses().collect();
    let near = nearest(address, known.iter().map(String::as_str)).map(str::to_owned);
    CommandError::NoSuchEntry { stack: inventory.stack.clone(), address: address.to_owned(), near }
}

/// What it means for objects to leave a record.
fn left(stack: &str, count: usize) -> String {
    let one = count == 1;
    let what = if one { "1 object leaves".to_owned() } else { format!("{count} objects leave") };
    let [subject, stay, labels, object] =
        if one { ["it", "stays", "its labels", "it"] } else { ["they", "stay", "their labels", "them"] };
    format!(
        "{what} the record of stack `{stack}`: langop neither updates nor deletes {object} any more.\n\
         In the cluster {subject} {stay} untouched, with {labels} and the field manager `langop`: a description that has \
         {object} takes {object} back, and so does `langop state rebuild`. `[[forget]]` in a description takes the labels \
         off, too.\n"
    )
}

fn line(object: &ObjectRef, address: &Address) -> String {
    if *address == Address::object(object) { object.to_string() } else { format!("{object} ({address})") }
}
