//! Whether the API server has started. While it has not, it serves some of its kinds only, and says 200 to the rest
//! (Kubernetes, *API health endpoints*).

use http::Request;

use super::{ClusterError, Reader};

impl Reader {
    /// Returns when the API server says that it is ready, or when this identity may not ask. One request, repeated like
    /// any other while the answer is 500.
    ///
    /// # Errors
    /// It goes on saying that it is not, or does not answer.
    pub async fn wait_ready(&self) -> Result<(), ClusterError> {
        let request = Request::get("/readyz").body(Vec::new());
        let request = request.map_err(|error| ClusterError::Malformed(error.to_string()))?;
        match self.wire().ask(request).await {
            // Some providers keep it to themselves: then only what the server says of its kinds counts.
            Err(ClusterError::Unauthorized(_) | ClusterError::Forbidden(_) | ClusterError::Rejected { .. }) => Ok(()),
            answer => answer,
        }
    }
}
