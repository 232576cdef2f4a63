//! `api`
