//! Whether something on the target keeps network policies, as far as its `DaemonSet`s tell.

use super::{Finding, Topic};
use crate::cluster::{ClusterError, Reader};
use crate::ops::isolation::plugin;

const BY_HAND: &str = "try it by hand: a pod in a namespace with a policy that allows nothing must reach nothing";

/// One LIST, and one GET for each suspicious plugin.
pub(super) async fn look(reader: &Reader) -> Result<Finding, ClusterError> {
    let Some(sets) = plugin::daemon_sets(reader).await? else {
        let text = "whether network policies are kept is not known: this identity may not `list` daemonsets.apps";
        return Ok(Finding::doubtful(Topic::Network, text.to_owned(), BY_HAND));
    };
    if let Some(keeper) = plugin::keeping(&sets) {
        return Ok(Finding::fit(Topic::Network, format!("{keeper} keeps network policies")));
    }
    let Some(problem) = plugin::warning(reader, &sets).await? else {
        let text = "no network plugin is seen that is known to keep policies, nor one that is known not to";
        return Ok(Finding::doubtful(Topic::Network, text.to_owned(), BY_HAND));
    };
    Ok(Finding::unfit(Topic::Network, problem.message, problem.hint.as_deref().unwrap_or(BY_HAND)))
}
