//! What kind of failure an error is. Each layer's error enum says it beside its variants; the exit code of the
//! process follows from it.

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Any that no other kind describes.
    Failed,
    /// Another run holds the lock.
    Locked,
    /// The run had the lock and does not know whether it still has it.
    LockLost,
    /// The command line is wrong.
    Usage,
    /// The description is invalid, or a secret value is missing.
    Invalid,
    /// A saved plan is not for here and now any more.
    Stale,
    /// The server cannot be reached, or does not serve requests.
    Unreachable,
    /// The server does not permit it, or does not accept the credentials.
    Forbidden,
}
