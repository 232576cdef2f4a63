//! Which way a connection goes through a rule.

/// In at the receiver, out at the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}
