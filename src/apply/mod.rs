//! Does what a plan says: the ready-set scheduler, the worker, the waiting, and the events of all that.

mod event;
mod limit;
mod schedule;

pub use event::{Event, Outcome, Run};
pub use limit::Limit;
pub use schedule::{Schedule, Skip};
