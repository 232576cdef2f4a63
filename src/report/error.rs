//! Why a report could not be made.

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// It cannot be written as JSON.
    #[error("cannot make the JSON document of a report")]
    Json(#[from] serde_json::Error),
    /// It cannot be written as `JUnit` XML.
    #[error("cannot make the JUnit document: {0}")]
    Junit(String),
}
