//! `stack`
