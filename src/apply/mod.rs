//! Does what a plan says: the ready-set scheduler, the worker, the waiting, and the events of all that.

mod altered;
mod claim;
mod dead_end;
mod deadline;
mod delete_group;
mod derived;
mod ended;
mod event;
mod failure;
mod hang;
mod job;
mod judgement;
mod limit;
mod object_work;
mod quota_counting;
mod record;
mod run;
mod schedule;
mod silent;
mod stop;
mod surroundings;
mod versions;
mod wait;
mod wait_deleted;
mod work;
mod work_inputs;

pub(crate) use deadline::{Patience, WaitFor};
pub(crate) use ended::{Ending, Life, ending};
pub(crate) use event::{Event, Outcome, Run};
pub(crate) use job::Job;
pub(crate) use limit::Limit;
pub(crate) use run::{ApplyRequest, run};
pub(crate) use stop::Stop;
pub(crate) use surroundings::cause;
pub(crate) use wait::with_cause;
