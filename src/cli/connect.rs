//! From the target arguments to a connection and a store.

use std::sync::Arc;
use std::time::Duration;

use super::args::{Output, TargetArgs};
use super::expected::{check_access, check_cluster};
use super::progress::Progress;
use crate::cluster::{Access, Connection, OnRetry};
use crate::error::Error;
use crate::state::{Records, Store};

/// How long a passing fault is waited out by a command that only reads: a plan that hangs helps nobody.
const READING: Duration = Duration::from_secs(5);
/// How long it is waited out by a command that writes: giving up half-way costs more. A quota of others counts a
/// kind that is younger than itself only after up to five minutes, which nobody can hurry; our own is seen to before.
const WRITING: Duration = Duration::from_mins(2);

/// Connects a command that only reads.
pub(crate) async fn connect(target: &TargetArgs) -> Result<Connection, Error> {
    connect_for_reading(target, &Arc::new(Progress::new(Output::Human))).await
}

/// The same for a command that shows its progress.
pub(crate) async fn connect_for_reading(target: &TargetArgs, progress: &Arc<Progress>) -> Result<Connection, Error> {
    open(target, READING, progress).await
}

/// Connects a command that writes, and waits for an object no longer than `timeout`: nor does a request, but for the few
/// seconds that every command has. Its progress tells of requests that are sent again.
pub(crate) async fn connect_for_writing(
    target: &TargetArgs,
    timeout: Duration,
    progress: &Arc<Progress>,
) -> Result<Connection, Error> {
    open(target, timeout.clamp(READING, WRITING), progress).await
}

async fn open(target: &TargetArgs, patience: Duration, progress: &Arc<Progress>) -> Result<Connection, Error> {
    let progress = Arc::clone(progress);
    let on_retry: OnRetry = Arc::new(move |retry| progress.retrying(retry));
    let of_dev;
    let access = if target.dev {
        of_dev = Access::new(Some(super::dev::kubeconfig().await?), None);
        &of_dev
    } else {
        target.access()
    };
    let Some(expected) = target.expected() else { return Ok(Connection::open(access, patience, on_retry).await?) };
    check_access(expected, access)?;
    let connection = Connection::open(access, patience, on_retry).await?;
    check_cluster(expected, connection.session())?;
    Ok(connection)
}

/// Where records are read from.
pub(crate) fn records(target: &TargetArgs, connection: &Connection) -> Records {
    match &target.state_dir {
        Some(directory) => Records::local(directory.clone()).used_on(connection.session()),
        None => Records::kubernetes(connection.reader()),
    }
}

/// Where records are written to.
pub(crate) fn store(target: &TargetArgs, connection: &Connection) -> Store {
    match &target.state_dir {
        Some(directory) => Store::local(directory.clone()).used_on(connection.session()),
        None => Store::kubernetes(connection.writer()),
    }
}
