//! langop against a real control plane.
#[cfg(test)]
mod description;
#[cfg(test)]
mod description_fuzz;
