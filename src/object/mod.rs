//! What a Kubernetes object is to langop: a reference, an address, a manifest. Pure; knows no server.

mod address;
#[cfg(test)]
pub(crate) mod arbitrary;
pub mod credential;
pub mod digest;
pub mod equality;
pub(crate) mod field;
mod immutable;
pub mod labels;
mod manifest;
pub mod matching;
mod meta;
mod object_ref;
mod overlay;
mod path;
pub mod place;
mod printable;
mod quantity;
mod resolve;
mod secret;
mod shown;
mod source;

pub use address::Address;
pub use immutable::is_immutable;
pub use manifest::{Late, LateValue, Lifecycle, Manifest, ManifestError, Owner};
pub use meta::{ManagedFields, Meta, OwnerRef, hex};
pub use object_ref::{GroupKind, ObjectRef, is_custom_group};
pub use overlay::overlay;
pub use path::{Path, PathError, Segment};
pub use printable::{is_unprintable, printable};
pub use quantity::{Quantity, QuantityError};
pub use resolve::{Known, changed_versions, resolve};
pub use secret::{SecretSource, SecretValue};
pub use shown::shown;
pub use source::Source;

/// The field manager of every write, a constant: a manager that changes its name loses its fields
/// (Kubernetes, *Server-Side Apply*, "Managers").
pub const FIELD_MANAGER: &str = "langop";

/// What a value reads in a plan when only apply can know it: a uid, the hash of a Secret's version.
pub const KNOWN_AFTER_APPLY: &str = "(known after apply)";

/// What stands in the place of every secret byte, from the moment it arrives.
pub const SENSITIVE: &str = "(sensitive)";

/// What stands in the place of a secret value that becomes another one.
pub const SENSITIVE_CHANGED: &str = "(changed)";
