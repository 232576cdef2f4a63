//! langop against a real control plane: the real binary, one control plane for all tests of a run.

mod bench;
mod control_plane;
mod description;
mod description_fuzz;
mod dev;
mod engine;
mod examples;
mod interrupts;
mod layers;
mod proxy;
mod state;
