//! Does what a plan says: the ready-set scheduler, the worker, the waiting, and the events of all that.

mod dead_end;
mod delete_group;
mod event;
mod job;
mod limit;
mod object_work;
mod quota_counting;
mod record;
mod run;
mod schedule;
mod stop;
mod versions;
mod wait;
mod wait_deleted;
mod work;
mod work_inputs;

pub use event::{Event, Outcome, Run};
pub use job::Job;
pub use limit::Limit;
pub use run::{ApplyRequest, run};
pub use schedule::{Schedule, Skip};
pub use stop::Stop;
pub use wait::Patience;
