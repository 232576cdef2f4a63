//! From the target arguments to a connection and a store.

use std::sync::Arc;
use std::time::Duration;

use super::args::Target;
use super::output;
use crate::cluster::{Access, Connection, OnRetry};
use crate::state::{Records, Store};

/// How long a passing fault is waited out while looking: a plan that hangs helps nobody.
pub(crate) const LOOKING: Duration = Duration::from_secs(5);
/// How long it is waited out while writing: giving up half-way costs more. A quota of others counts a kind that is
/// younger than itself only after up to five minutes, which nobody can hurry; our own is seen to before.
pub(crate) const WRITING: Duration = Duration::from_mins(2);

/// Connects to the cluster that the arguments name.
pub(crate) async fn connect(target: &Target, patience: Duration) -> anyhow::Result<Connection> {
    let on_retry: OnRetry = Arc::new(|retry| {
        let after = retry.after.as_millis();
        output::note(&format!("retrying in {after} ms: {}", retry.because));
    });
    let kubeconfig = if target.dev { Some(super::dev::kubeconfig().await?) } else { target.kubeconfig.clone() };
    let access = Access { kubeconfig, context: target.context.clone() };
    Ok(Connection::open(&access, patience, on_retry).await?)
}

/// Where records are read from.
pub(crate) fn records(target: &Target, connection: &Connection) -> Records {
    match &target.state_dir {
        Some(directory) => Records::local(directory.clone()),
        None => Records::kubernetes(connection.reader()),
    }
}

/// Where records are written to.
pub(crate) fn store(target: &Target, connection: &Connection) -> Store {
    match &target.state_dir {
        Some(directory) => Store::local(directory.clone()),
        None => Store::kubernetes(connection.writer()),
    }
}
