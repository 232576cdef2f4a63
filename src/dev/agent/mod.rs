//! An agent and its tools on loopback: commands of the user's, on files and variables that somebody else decided on.
//!
//! `program` keeps one command for as long as a value lives, with all that it starts; `run` starts them in their order.
//! None of them knows what a configuration means, and no value of a variable is written anywhere but into files that go
//! with the run.

mod bridge;
mod program;
mod run;
mod wish;

pub use bridge::{bridge, bridged};
pub use program::Program;
pub use run::{Running, free_port, start};
pub use wish::{AgentWish, ProgramWish};
