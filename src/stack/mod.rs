//! Files become a [`Stack`]: read with their places, merged, variables replaced, every mistake of every
//! file collected. Knows no server, and nothing of what the stack becomes.
//!
//! [`load`] is the way; [`diagnostic`] is what it says on the way; [`schema`] is what editors know.

mod adopt;
mod check;
mod decode;
mod default_namespace;
mod described;
pub mod diagnostic;
mod draft;
mod environment;
mod expected_target;
mod forget;
mod layout;
mod lifecycle;
mod load;
mod manifests;
mod model;
mod moved;
mod names;
mod object_rules;
mod outline;
mod ownership;
mod read;
mod release;
mod rule_places;
mod schema;
mod statements;
mod tree;
mod unread;
mod variables;

pub use adopt::Adopt;
pub(crate) use check::{is_litellm_provider, key_variable};
pub use default_namespace::DefaultNamespace;
pub use expected_target::ExpectedTarget;
pub use forget::Forget;
pub(crate) use layout::{Laid, lay_out};
pub use load::{Invalid, Loaded, environments, load};
pub(crate) use model::members;
pub use model::{Item, MemberKey, SecretSpec, Stack};
pub use moved::Moved;
pub(crate) use names::label_fault;
pub use names::nearest;
pub use object_rules::AddressedRules;
pub(crate) use object_rules::give_rules;
pub(crate) use outline::{Outline, outline};
pub(crate) use read::DEFAULTS as DEFAULT_FILES;
pub use read::LoadRequest;
pub(crate) use release::{Uses as ImageUses, image_fault, image_step};
pub use rule_places::RulePlaces;
pub use schema::publish as schema;
pub(crate) use schema::{Field, Fields, UnknownField};
pub use statements::Statements;
pub(crate) use tree::{Entry, Node, Value as NodeValue, read_yaml};
pub use unread::Unread;
