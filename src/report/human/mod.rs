//! Text for people. Every value is made harmless for a terminal on its way in ([`crate::object::printable`]).

mod access;
mod agent;
mod brief;
pub(super) mod change;
pub(super) mod check;
mod cluster_events;
pub(super) mod drift;
mod environment;
mod event;
mod field;
pub(super) mod fitness;
mod history;
mod incomplete;
mod keys;
mod left;
mod outage;
mod page;
mod plan;
mod problem;
mod reach;
mod run;
mod spend;
mod stacks;
mod stale;
mod status;
mod table;
mod unmanaged;
pub(super) mod words;

pub(crate) use access::access;
pub(crate) use agent::agent;
pub(crate) use check::check;
pub(crate) use cluster_events::cluster_events;
pub(crate) use drift::drift;
pub(crate) use environment::{EnvironmentRow, environments};
pub(crate) use event::event;
pub(crate) use field::field;
pub(crate) use fitness::fitness;
pub(crate) use history::history;
pub(crate) use keys::keys;
pub(crate) use outage::outage;
pub(crate) use page::fit;
pub(crate) use plan::plan;
pub(crate) use problem::problem;
pub(crate) use reach::reach;
pub(crate) use run::run;
pub(crate) use spend::{SpentBy, budget, spender, spending};
pub(crate) use stacks::stacks;
pub(crate) use stale::stale;
pub(crate) use status::{Capacity, MemberRow, StatusRow, status, status_lines};
pub(crate) use words::elapsed;

/// How text looks. What is said does not depend on colour or width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// Terminal colours in the text.
    pub colour: bool,
    /// Columns of the terminal. Only lines of tables are cut to it.
    pub width: usize,
    /// How much of a new object is shown.
    pub detail: Detail,
}

/// How much of a new object is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Its important fields.
    Brief,
    /// Every field.
    Full,
}

/// No colour, 100 columns, important fields.
impl Default for Style {
    fn default() -> Self {
        Self { colour: false, width: 100, detail: Detail::Brief }
    }
}
