//! What stands in the place of a value that nobody can know yet, or nobody may see.

/// What a value reads in a plan when only apply can know it: a uid, the hash of a Secret's version.
pub const KNOWN_AFTER_APPLY: &str = "(known after apply)";

/// What stands in the place of every secret byte, from the moment it arrives.
pub const SENSITIVE: &str = "(sensitive)";

/// What stands in the place of a secret value that becomes another one.
pub const SENSITIVE_CHANGED: &str = "(changed)";
