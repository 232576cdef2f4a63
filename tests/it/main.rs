//! langop against a real control plane: the real binary, one control plane for all tests of a run.
// `cfg(test)` says nothing here but to clippy, which lets tests unwrap.
#![cfg(test)]
#![expect(unreachable_pub, reason = "nothing imports a binary of tests: `pub` says what its modules share")]

mod adoption;
mod agents;
mod bench;
mod bundles;
mod canary;
mod capacity;
mod check;
mod cluster_status;
mod commands;
mod control_plane;
mod credentials;
mod definitions;
mod description;
mod description_fuzz;
mod dev;
mod dev_agent;
mod dev_gateway;
mod discovery;
mod disturbed;
mod dry_run;
mod engine;
mod environments;
mod evaluator;
mod examples;
mod fire;
mod fuzz;
mod gateway;
mod identities;
mod import;
mod interrupts;
mod isolation;
mod keys;
mod layers;
mod losses;
mod manifests;
mod moves;
mod output;
mod ownership;
mod proxy;
mod reach;
mod readme;
mod replace;
mod retry;
mod rights;
mod rollout;
mod saved_plan;
mod secrets;
mod server_words;
mod state;
mod target;
mod targets;
mod upgrade;
mod waiting;
