//! The cluster that a record was made on. Its content is identities of objects there: on another cluster, by a directory
//! that went along or a backup that was restored, they stand for nothing, or for something else.

use super::StateError;
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

    /// Holds the cluster of a record against the one that it is used on. Who knows only one of the two knows nothing.
    ///
    /// # Errors
    /// They are two.
    pub(super) fn check(stack: &str, recorded: Option<&Self>, here: Option<&Self>) -> Result<(), StateError> {
        match (recorded, here) {
            (Some(recorded), Some(here)) if recorded.id != here.id => Err(StateError::OtherCluster {
                stack: stack.to_owned(),
                recorded: Box::new(recorded.clone()),
                here: Box::new(here.clone()),
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clusters_are_told_by_their_uids_alone() {
        let cluster = |id: &str, server: &str| RecordCluster { id: id.to_owned(), server: server.to_owned() };
        let check = |recorded: &RecordCluster, here| RecordCluster::check("s", Some(recorded), here);
        let (one, renamed) = (cluster("1", "https://a"), cluster("1", "https://b"));
        assert!(check(&one, Some(&renamed)).is_ok() && check(&one, None).is_ok());
        assert!(RecordCluster::check("s", None, Some(&one)).is_ok());
        let words = check(&one, Some(&cluster("2", "https://a"))).unwrap_err().to_string();
        assert!(words.contains("`1` (https://a)") && words.contains("`2` (https://a)"), "{words}");
    }
}
