//! A gateway on loopback: the real `LiteLLM`, on files and variables that somebody else decided on.
//!
//! `environment` installs it once, with the Python that `python` finds; `here` holds its files; `run` keeps it
//! for as long as a value lives. None of them knows what a configuration means, and no value of a variable is
//! written anywhere.

mod command;
mod environment;
mod here;
mod python;
mod run;
mod wish;

pub use environment::{LITELLM, environment};
pub(super) use environment::{Packages, installed};
pub(super) use here::Here;
pub(super) use run::INHERITED;
pub use run::{Gateway, start};
pub use wish::{Directories, GatewayWish};
