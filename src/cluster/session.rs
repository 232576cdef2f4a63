//! Where a connection leads, and as whom: what every plan says first, and what a record is held against.

/// One connection, as people call it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// URL of the server.
    pub server: String,
    /// Context of the kubeconfig; none in a pod.
    pub context: Option<String>,
    /// uid of the namespace `kube-system`, which every cluster has and no one deletes; none when this identity may not
    /// read it.
    pub cluster_id: Option<String>,
    /// The user's name as the server knows it; none when it does not say.
    pub identity: Option<String>,
}
