//! langop against a real control plane: the real binary, one control plane for all tests of a run.

mod bench;
mod control_plane;
mod dev;
mod engine;
mod interrupts;
mod layers;
mod proxy;
