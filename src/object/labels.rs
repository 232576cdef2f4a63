//! Names of the labels and annotations that langop sets and reads.

/// Who manages the object: always [`MANAGED_BY_LANGOP`].
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`].
pub const MANAGED_BY_LANGOP: &str = "langop";
/// The stack an object belongs to; the selector of every observation.
pub const STACK: &str = "langop.io/stack";
/// The language cluster an object belongs to.
pub const CLUSTER: &str = "langop.io/cluster";
/// The kind of thing an object stands for: `LanguageAgent`, `gateway`, …
pub const KIND: &str = "langop.io/kind";
/// Label of an object that never changes because its name ends in the digest of its content: the name without that.
/// Of the objects of a kind and namespace with one value, the newer succeeds the older.
pub const VERSION_OF: &str = "langop.io/version-of";
/// The group of an agent, for network rules.
pub const GROUP: &str = "langop.io/group";
/// `app.kubernetes.io/name`.
pub const NAME: &str = "app.kubernetes.io/name";
/// `app.kubernetes.io/component`.
pub const COMPONENT: &str = "app.kubernetes.io/component";
/// `app.kubernetes.io/part-of`: always `langop`.
pub const PART_OF: &str = "app.kubernetes.io/part-of";

/// Pod annotation: hash of uid and resourceVersion of the referenced Secrets, never of content.
pub const CREDENTIALS_HASH: &str = "langop.io/credentials-hash";
/// Annotation on a Secret of generated keys: the form that they have, [`KEY_FORM_SK`]. None is the first form.
pub const KEY_FORM: &str = "langop.io/key-form";
/// The value of [`KEY_FORM`]: the administrator's key begins with `sk-`, as `LiteLLM`'s own do.
pub const KEY_FORM_SK: &str = "sk";
/// Annotation on the Secret of an agent's key: its epoch.
pub const KEY_EPOCH: &str = "langop.io/key-epoch";
/// Annotation on the Secret of an agent's key: the epoch before, and until when its key is good: `1 until 2026-11-27T22:40:00Z`.
pub const PREVIOUS_KEY: &str = "langop.io/previous-key";
/// Annotation on the Secret of an agent's key: the uid of the Secret of the gateway that it was made with.
pub const KEY_OF: &str = "langop.io/key-of";
/// Annotation on the Secret of the gateway, and on those of agents' keys: how often the former was rotated, plus one, or
/// in which of these the key was made. None is the first.
pub const GENERATION: &str = "langop.io/key-generation";
/// Annotation on the Secret of the gateway while it is rotated: the generation that it holds besides.
pub const NEXT_GENERATION: &str = "langop.io/next-key-generation";
/// Annotation on a live object: `true` keeps langop from deleting it, even when the description forgot it.
pub const PROTECT: &str = "langop.io/protect";
/// Annotation in a manifest: `allowed` lets langop delete and create the object when an immutable field changes, and
/// [`REPLACE_FINISHED`] lets it do so with a Job that has ended.
pub const REPLACE: &str = "langop.io/replace";
/// The value of [`REPLACE`] for a Job that runs undisturbed.
pub const REPLACE_FINISHED: &str = "finished";
/// Annotation of a gateway's Deployment: it goes back to the last configuration in which it was seen ready when the new
/// one does not become ready.
pub const ROLLBACK: &str = "langop.io/rollback";
/// The value of [`ROLLBACK`]: as long as the history has one.
pub const ROLLBACK_AUTO: &str = "auto";
/// Annotation on a live object: `true` leaves it, and what it holds, when the description forgets it.
pub const RETAIN: &str = "langop.io/retain";
/// Annotation on a CRD: the number of its schema. A CRD is upgraded, never downgraded.
pub const SCHEMA: &str = "langop.io/schema";

/// Whether langop sets this label or annotation in its own name. What users set for it to read is theirs.
#[must_use]
pub fn is_own(name: &str, value: &str) -> bool {
    match name {
        MANAGED_BY | PART_OF => value == MANAGED_BY_LANGOP,
        PROTECT | REPLACE | RETAIN => false,
        name => name.starts_with("langop.io/"),
    }
}
