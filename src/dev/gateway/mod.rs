//! A gateway on loopback: the real `LiteLLM`, on files and variables that somebody else decided on.
//!
//! `environment` installs it once, `run` keeps it for as long as a value lives. Neither knows what a
//! configuration means, and no value of a variable is written anywhere.

mod environment;
mod run;

pub use environment::{LITELLM, environment};
pub use run::{Gateway, GatewayWish, start};
