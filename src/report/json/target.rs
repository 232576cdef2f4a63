//! Where a plan was made, and as whom.

use schemars::JsonSchema;
use serde::Serialize;

use crate::cluster::Session;
use crate::plan::saved::TargetId;

/// One target; what is not known is null.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct TargetDocument<'a> {
    /// URL of the server; of a saved plan only a digest is kept.
    pub server: Option<&'a str>,
    /// Context of the kubeconfig.
    pub context: Option<&'a str>,
    /// uid of the namespace `kube-system`.
    pub cluster_id: Option<&'a str>,
    /// The user's name as the server knows it.
    pub identity: Option<&'a str>,
}

impl<'a> From<&'a Session> for TargetDocument<'a> {
    fn from(session: &'a Session) -> Self {
        Self {
            server: Some(&session.server),
            context: session.context.as_deref(),
            cluster_id: session.cluster_id.as_deref(),
            identity: session.identity.as_deref(),
        }
    }
}

impl<'a> From<&'a TargetId> for TargetDocument<'a> {
    fn from(target: &'a TargetId) -> Self {
        Self {
            server: None,
            context: target.context.as_deref(),
            cluster_id: target.cluster_id.as_deref(),
            identity: target.identity.as_deref(),
        }
    }
}
