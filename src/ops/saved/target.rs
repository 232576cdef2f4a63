//! Which cluster this is: by the uid of a namespace that every cluster has and no one deletes, and by its URL.

use sha2::{Digest as _, Sha256};

use crate::cluster::Session;
use crate::object::hex;
use crate::plan::saved::TargetId;

/// What a saved plan keeps of the connection that it was made over. The URL may be nobody's business: a digest is enough
/// to tell another one.
pub(crate) fn target_id(session: &Session) -> TargetId {
    TargetId {
        server: hex(&Sha256::digest(&session.server)),
        context: session.context.clone(),
        cluster_id: session.cluster_id.clone(),
        identity: session.identity.clone(),
    }
}
