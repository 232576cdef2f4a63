//! An error becomes a message, a hint and an exit code.

use super::exit::Exit;
use super::output;
use crate::cluster::ClusterError;
use crate::dev;
use crate::object::credential::masked;
use crate::ops::OpsError;
use crate::state::StateError;

/// Prints an error and says how the process ends.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    output::note(&masked(&format!("error: {error:#}")));
    if let Some(hint) = hint(error) {
        output::note(&masked(&format!("hint: {hint}")));
    }
    exit(error)
}

fn hint(error: &anyhow::Error) -> Option<String> {
    let ops = error.downcast_ref::<OpsError>().map(OpsError::hint);
    let state = error.downcast_ref::<StateError>().map(StateError::hint);
    let dev = error.downcast_ref::<dev::Error>().map(dev::Error::hint);
    ops.or(state).or(dev).or_else(|| cluster(error).map(ClusterError::hint)).flatten()
}

fn cluster(error: &anyhow::Error) -> Option<&ClusterError> {
    match error.downcast_ref::<OpsError>() {
        Some(OpsError::Cluster(error) | OpsError::State(StateError::Cluster(error))) => Some(error),
        Some(_) => None,
        None => match error.downcast_ref::<StateError>() {
            Some(StateError::Cluster(cause)) => Some(cause),
            _ => error.downcast_ref(),
        },
    }
}

fn exit(error: &anyhow::Error) -> Exit {
    match cluster(error) {
        Some(ClusterError::Unreachable { .. } | ClusterError::Unavailable { .. }) => return Exit::Unreachable,
        Some(ClusterError::Forbidden(_) | ClusterError::Unauthorized(_)) => return Exit::Forbidden,
        Some(_) => return Exit::Failed,
        None => {}
    }
    match (error.downcast_ref::<OpsError>(), error.downcast_ref::<StateError>()) {
        (Some(OpsError::State(StateError::Locked { .. })), _) | (_, Some(StateError::Locked { .. })) => Exit::Locked,
        (Some(OpsError::MissingValues(_)), _) => Exit::Invalid,
        _ => Exit::Failed,
    }
}
