//! langop against a real control plane.
