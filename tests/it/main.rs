//! langop against a real control plane.
mod description;
mod description_fuzz;
