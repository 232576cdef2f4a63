//! `apply`
