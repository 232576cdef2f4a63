//! Does what a plan says: the ready-set scheduler, the worker, the waiting, and the events of all that.

mod counted;
mod dead_end;
mod event;
mod gone;
mod job;
mod known;
mod limit;
mod record;
mod run;
mod schedule;
mod stop;
mod task;
mod uproot;
mod wait;
mod work;

pub use event::{Event, Outcome, Run};
pub use job::Job;
pub use limit::Limit;
pub use run::{ApplyRequest, run};
pub use schedule::{Schedule, Skip};
pub use stop::Stop;
pub use wait::Patience;
