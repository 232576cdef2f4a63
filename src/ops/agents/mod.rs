//! How the agents and tools of clusters run: judged from what is live, for the status that every apply writes and for
//! `langop status`. What a run is and when it is over, [`run`] knows; what that makes of an agent, [`state`].

mod condition;
mod live;
mod run;
mod state;
mod status;
mod tool_status;

pub(in crate::ops) use live::Live;
pub(crate) use state::MemberState;
pub(in crate::ops) use state::member_states;
pub(in crate::ops) use status::write_agent_status;
