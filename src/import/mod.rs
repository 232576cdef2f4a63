//! What stands, as somebody would have described it: live objects become manifests, a language cluster or a
//! configuration of `LiteLLM` becomes a description. Pure; asks no server and writes no file.
//!
//! An import is good when the plan that follows it changes nothing but who owns what.

mod adopt;
mod author;
mod cluster;
mod default;
mod description;
mod judge;
mod kind;
mod left_out;
mod litellm;
mod owned_part;

pub(crate) use adopt::{TABLE as ADOPT, adoptions};
pub(crate) use cluster::{ImportedCluster, LiveCluster, MEMBERS};
pub(crate) use default::{Defaults, without};
pub(crate) use description::{Description, comment, escaped};
pub(crate) use judge::judge;
pub(crate) use kind::{is_meant, is_passing};
pub(crate) use left_out::LeftOut;
pub(crate) use litellm::{ImportedLitellm, LitellmRequest, import_litellm};
pub(crate) use owned_part::described;
