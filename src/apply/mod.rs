//! Does what a plan says: the ready-set scheduler, the worker, the waiting, and the events of all that.

mod event;

pub use event::{Event, Outcome, Run};
