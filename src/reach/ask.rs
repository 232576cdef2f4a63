//! The question: one connection.

use super::end::End;
use super::port::Port;

/// One connection that is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    /// Who connects.
    pub from: &'a End,
    /// Who is connected to.
    pub to: &'a End,
    /// On what.
    pub port: &'a Port,
}
