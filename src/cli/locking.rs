//! The lock of a stack for one command: taken, unless a signal comes first, and given back however the command ends.

use std::time::Duration;

use super::output;
use super::progress::Progress;
use super::signals::Signals;
use crate::error::Error;
use crate::exit::Exit;
use crate::state::{self, Held, Holder, Lock, Store};

/// How long giving the lock back may take; and when a signal ended the run.
const RELEASE: Duration = Duration::from_secs(10);
const HURRIED: Duration = Duration::from_secs(2);

/// Takes the lock; none when a signal came first. A request that was under way then may have taken it: its answer is waited
/// for, and the lock given back. Tells whom it waits for.
pub(crate) async fn take(
    store: &Store,
    stack: &str,
    patience: Duration,
    (signals, progress): (&Signals, &Progress),
) -> Result<Option<Lock>, Error> {
    let tell = |held: &Held| progress.note(&format!("waiting for the lock, which is held by {held}"));
    let holder = Holder::this_process(state::ci_run_url(|name| std::env::var(name).ok()));
    let mut locking = std::pin::pin!(store.lock_telling(stack, &holder, patience, &tell));
    tokio::select! {
        lock = &mut locking => return Ok(Some(lock?)),
        _ = signals.interrupted() => {}
    }
    if let Ok(Ok(lock)) = tokio::time::timeout(HURRIED, locking).await {
        give_back(lock, signals).await?;
    }
    Ok(None)
}

/// Gives the lock back, as long as there is time for it: it frees itself.
pub(crate) async fn give_back(lock: Lock, signals: &Signals) -> Result<(), Error> {
    let patience = if signals.exit().is_some() { HURRIED } else { RELEASE };
    if let Ok(released) = tokio::time::timeout(patience, lock.release()).await {
        return Ok(released?);
    }
    output::note("the lock could not be given back in time; it frees itself within 30 s");
    Ok(())
}

/// How a command ends that was interrupted before it wrote anything.
pub(crate) fn unchanged(signals: &Signals) -> Exit {
    output::note("nothing was changed");
    signals.exit().unwrap_or(Exit::Interrupted)
}
