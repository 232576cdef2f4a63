//! What a Kubernetes object is to langop: a reference, an address, a manifest. Pure; knows no server.

mod address;
#[cfg(test)]
pub(crate) mod arbitrary;
pub mod credential;
pub mod digest;
pub mod equality;
mod error_kind;
pub(crate) mod field;
pub mod field_position;
mod hex;
mod immutable;
pub mod labels;
mod manifest;
mod masked;
pub mod matching;
mod meta;
pub mod names;
mod object_ref;
mod overlay;
mod path;
mod placeholder;
pub(crate) mod pod_template;
mod printable;
mod quantity;
mod resolve;
pub mod role;
mod secret;
mod source;
pub mod takeover;

pub use address::Address;
pub use error_kind::ErrorKind;
pub use hex::hex;
pub use immutable::FieldRefusal;
pub use manifest::{DeferredField, DeferredValue, Lifecycle, Manifest, ManifestError, Owner};
pub use masked::masked;
pub use meta::{ManagedFields, Meta, OwnerRef};
pub use names::FIELD_MANAGER;
pub use object_ref::{GroupKind, ObjectRef, group_of, is_custom_group};
pub use overlay::overlay;
pub use path::{Path, PathError, Segment};
pub use placeholder::{KNOWN_AFTER_APPLY, SENSITIVE, SENSITIVE_CHANGED};
pub use printable::{is_unprintable, printable};
pub use quantity::{Quantity, QuantityError};
pub use resolve::{ObjectVersion, changed_versions, resolve};
pub use secret::{SecretSource, SecretValue};
pub use source::Source;
