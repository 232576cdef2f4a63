//! What the API server is, and which time it has.

use http::Request;
use jiff::Timestamp;

use super::{ClusterError, Reader};
use crate::object::field::text;

/// The release of an API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVersion {
    /// As the server writes it, with what its provider adds: `v1.36.3-gke.1`.
    pub text: String,
    /// Major and minor number; none where the server's words are not a version.
    pub release: Option<(u32, u32)>,
    /// When it answered, by its own clock, in whole seconds; none where it does not say.
    pub date: Option<Timestamp>,
}

impl Reader {
    /// Asks the server what it is: one request, which Kubernetes allows to everybody whom it knows.
    ///
    /// # Errors
    /// It does not answer, or a proxy keeps its version to itself.
    pub async fn server_version(&self) -> Result<ServerVersion, ClusterError> {
        let request = Request::get("/version").body(Vec::new());
        let request = request.map_err(|error| ClusterError::Malformed(error.to_string()))?;
        let (answer, date) = self.wire().send_dated(request).await?;
        let text = text(&answer, "/gitVersion").unwrap_or_default().to_owned();
        Ok(ServerVersion { release: release(&text), text, date })
    }
}

fn release(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split(['.', '-', '+']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_adds_does_not_count() {
        for (text, expected) in [
            ("v1.36.3", Some((1, 36))),
            ("v1.33.4-gke.1036000", Some((1, 33))),
            ("v1.32.9+k3s1", Some((1, 32))),
            ("v2.0-rc", Some((2, 0))),
            ("1.36", None),
            ("", None),
            ("v1", None),
        ] {
            assert_eq!(release(text), expected, "{text}");
        }
    }
}
