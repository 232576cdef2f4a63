//! `diff`
