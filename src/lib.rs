//! `langop` plans and applies LLM gateways on Kubernetes.
//!
//! # The way of the data, which is the way of the folders
//!
//! Files become a `stack::Stack`, the stack is `render`ed into `object::Manifest`s, their
//! references become a `graph`, the cluster is observed, and `plan` decides. `apply` does what
//! the plan says and nothing else. Everything that decides is pure; effects live in `cluster`,
//! `state`, `apply`, `ops` and `dev`.
//!
//! Each module may use those above it in the list below and none of those under it:
//! `object`, `api`, `stack`, `render`, `rbac`, `reach`, `graph`, `diff`, `import`, `quota`, `readiness`, `plan`,
//! `cluster`, `state`, `apply`, `ops`, `report`, `cli`. `dev` stands beside them: only `cli` uses it. `error` joins the errors of
//! all layers for `cli`.

pub mod api;
pub(crate) mod apply;
pub mod cli;
pub mod cluster;
pub mod dev;
pub(crate) mod diff;
pub mod error;
mod exit;
pub(crate) mod graph;
pub(crate) mod import;
pub mod object;
pub(crate) mod ops;
pub(crate) mod plan;
pub(crate) mod quota;
pub(crate) mod rbac;
pub mod reach;
pub(crate) mod readiness;
pub mod render;
pub(crate) mod report;
pub mod stack;
pub mod state;
