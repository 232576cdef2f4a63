//! The cluster that a record was made on. Its content is identities of objects there: on another cluster, by a directory
//! that went along or a backup that was restored, they stand for nothing, or for something else.

use crate::cluster::Session;

/// One cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordCluster {
    /// uid of its namespace `kube-system`.
    pub id: String,
    /// URL of its server when the record was made: for people, since a cluster may have several.
    pub server: String,
}

impl RecordCluster {
    /// The cluster of a connection; none when its identity may not find out which it is.
    pub(super) fn of(session: &Session) -> Option<Self> {
        let id = session.cluster_id.clone()?;
        Some(Self { id, server: session.server.clone() })
    }

    /// Whether a record that was made on `recorded` is used on another cluster `here`. Who knows only one of the two knows
    /// nothing.
    pub(super) fn other<'a>(recorded: Option<&'a Self>, here: Option<&'a Self>) -> Option<(&'a Self, &'a Self)> {
        recorded.zip(here).filter(|(recorded, here)| recorded.id != here.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clusters_are_told_by_their_uids_alone() {
        let cluster = |id: &str, server: &str| RecordCluster { id: id.to_owned(), server: server.to_owned() };
        let (one, renamed, other) = (cluster("1", "https://a"), cluster("1", "https://b"), cluster("2", "https://a"));
        let differs = |recorded, here| RecordCluster::other(recorded, here).is_some();
        assert!(!differs(Some(&one), Some(&renamed)) && differs(Some(&one), Some(&other)));
        assert!(!differs(Some(&one), None) && !differs(None, Some(&one)));
    }
}
