//! The saved plan: what `plan --out` writes and `apply FILE` holds the cluster against. Pure: reads no file, asks no
//! server, runs no command.
//!
//! A plan is saved with what it takes to make it again without the description: its objects, where the values of its
//! Secrets come from, and what the command asked for. `apply FILE` makes it again and holds the two against each other,
//! object by object ([`Verification`]); what is not as it was approved is refused, with everything that depends on it.
//! No secret value is in it, nor anything that the rule of [`crate::object::credential`] takes for a credential.

mod document;
mod effect;
mod error;
mod manifest;
mod refused;
mod save;
mod schema;
mod valid;
mod values;
mod verify;

pub(crate) use document::{Asked, FORMAT, RecordVersion, SavedPlan, TargetId, is_saved_plan};
pub(crate) use error::SavedPlanError;
pub(crate) use manifest::{SavedManifest, SavedSource};
pub(crate) use refused::{Refused, Stale};
pub(crate) use save::SaveRequest;
pub(crate) use schema::schema;
pub(crate) use valid::Now;
pub(crate) use values::{Salt, proof};
pub(crate) use verify::Verification;
