//! An error becomes a message, a hint and an exit code.

use super::exit::Exit;
use super::output;
use crate::cluster::ClusterError;
use crate::dev;
use crate::ops::OpsError;
use crate::state::StateError;

/// Prints an error and says how the process ends.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    output::note(&format!("error: {error:#}"));
    if let Some(hint) = hint(error) {
        output::note(&format!("hint: {hint}"));
    }
    exit(error)
}

fn hint(error: &anyhow::Error) -> Option<String> {
    if let Some(error) = cluster(error) {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<dev::Error>() {
        return error.hint();
    }
    match error.downcast_ref::<OpsError>() {
        Some(error) => error.hint(),
        None => error.downcast_ref::<StateError>().and_then(StateError::hint),
    }
}

fn cluster(error: &anyhow::Error) -> Option<&ClusterError> {
    match error.downcast_ref::<OpsError>() {
        Some(OpsError::Cluster(error) | OpsError::State(StateError::Cluster(error))) => Some(error),
        _ => error.downcast_ref(),
    }
}

fn exit(error: &anyhow::Error) -> Exit {
    match cluster(error) {
        Some(ClusterError::Unreachable { .. } | ClusterError::Unavailable { .. }) => return Exit::Unreachable,
        Some(ClusterError::Forbidden(_) | ClusterError::Unauthorized(_)) => return Exit::Forbidden,
        Some(_) => return Exit::Failed,
        None => {}
    }
    match error.downcast_ref::<OpsError>() {
        Some(OpsError::State(StateError::Locked { .. })) => Exit::Locked,
        Some(OpsError::MissingValues(_)) => Exit::Invalid,
        _ => Exit::Failed,
    }
}
