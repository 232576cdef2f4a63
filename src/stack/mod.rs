//! Files become a [`Stack`]: read with their places, merged, variables replaced, every mistake of every
//! file collected. Knows no server, and nothing of what the stack becomes.
//!
//! [`load`] is the way; [`diagnostic`] is what it says on the way; [`schema`] is what editors know.

mod check;
mod decode;
mod default_namespace;
pub mod diagnostic;
mod draft;
mod environment;
mod expected_target;
mod lifecycle;
mod load;
mod manifests;
mod model;
mod names;
mod object_rules;
mod ownership;
mod read;
mod rule_places;
mod schema;
mod tree;
mod unread;
mod variables;

pub(crate) use check::is_litellm_provider;
pub use default_namespace::DefaultNamespace;
pub use expected_target::ExpectedTarget;
pub use load::{Invalid, Loaded, environments, load};
pub use model::{Item, MemberKey, SecretSpec, Stack};
pub(crate) use names::label_fault;
pub use names::nearest;
pub use object_rules::AddressedRules;
pub(crate) use object_rules::give_rules;
pub use read::LoadRequest;
pub use rule_places::RulePlaces;
pub use schema::publish as schema;
pub(crate) use tree::{Entry, Node, Value as NodeValue, read_yaml};
pub use unread::Unread;
