//! Whether the cluster that a command is about to use is the one that the description is for. Applying to the wrong
//! context is the commonest disaster of kubectl.

use crate::cluster::{Access, Session};
use crate::error::{CommandError, Error};
use crate::stack::ExpectedTarget;

/// Holds what the kubeconfig says against the description, before anything is sent.
///
/// # Errors
/// It is another context or another server; or the kubeconfig cannot be read.
pub(crate) fn check_access(expected: &ExpectedTarget, access: &Access) -> Result<(), Error> {
    if let Some(wanted) = &expected.context {
        hold("context", wanted, access.context_name()?.unwrap_or_default(), expected)?;
    }
    if let Some(wanted) = &expected.server {
        let found = access.server()?.unwrap_or_default();
        hold("server", wanted.trim_end_matches('/'), found.trim_end_matches('/'), expected)?;
    }
    Ok(())
}

/// Holds the cluster itself against the description.
///
/// # Errors
/// It is another cluster, or the identity may not find out.
pub(crate) fn check_cluster(expected: &ExpectedTarget, session: &Session) -> Result<(), CommandError> {
    let Some(wanted) = &expected.cluster_id else { return Ok(()) };
    hold("clusterId", wanted, session.cluster_id.as_deref().unwrap_or_default(), expected)
}

fn hold(what: &'static str, wanted: &str, found: &str, expected: &ExpectedTarget) -> Result<(), CommandError> {
    if wanted == found {
        return Ok(());
    }
    Err(CommandError::OtherTarget {
        what,
        wanted: wanted.to_owned(),
        found: found.to_owned(),
        place: expected.source.to_string(),
    })
}
