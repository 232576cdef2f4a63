//! What is a credential: by the name that it goes under, and by its look. The one table of both: what a
//! description must not hold, what an error must not show and what is taken out of a server's words are decided
//! here. Pure; knows neither files nor schemas.

mod look;
mod mask;
mod url;

pub use look::looks_like_credential;
pub use mask::masked;

/// Ends of names under which people write credentials, in lower case without separators.
const CREDENTIALS: &[&str] = &[
    "accesskey",
    "accesskeyid",
    "accountkey",
    "apikey",
    "authkey",
    "authorization",
    "authvalue",
    "basicauth",
    "bearer",
    "clientkeydata",
    "connectionstring",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "dsn",
    "encryptionkey",
    "licensekey",
    "masterkey",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "saltkey",
    "secret",
    "secretkey",
    "sharedkey",
    "signature",
    "signingkey",
    "subscriptionkey",
    "token",
    "webhook",
    "webhookurl",
];

/// Ends of names that only read like one of them: prices, and the special tokens of a model's vocabulary.
const OTHERS: &[&str] = &[
    "bostoken",
    "eostoken",
    "endtoken",
    "masktoken",
    "padtoken",
    "pertoken",
    "septoken",
    "starttoken",
    "stoptoken",
    "unktoken",
];

/// Names under which a URL carries a credential in its query, beyond [`CREDENTIALS`].
const IN_QUERIES: &[&str] = &["auth", "code", "key", "pass", "pw", "pwd", "sas", "sig"];

/// How a value of `LiteLLM`'s configuration says that it is in the environment.
pub const ENVIRONMENT: &str = "os.environ/";

/// Whether a key of this name holds a credential.
#[must_use]
pub fn is_credential_name(name: &str) -> bool {
    let plain = plain(name);
    let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    ends(CREDENTIALS) && !ends(OTHERS)
}

/// Whether a line of damaged text names a credential anywhere.
#[must_use]
pub fn names_credential(line: &str) -> bool {
    let plain = plain(line);
    CREDENTIALS.iter().any(|word| plain.contains(word))
}

/// Whether the text that stands under a name is a credential: because the name says so and the text could be
/// one, or because it looks like one wherever it stands.
#[must_use]
pub fn is_credential(name: &str, text: &str) -> bool {
    looks_like_credential(text) || is_credential_name(name) && !is_harmless(name, text)
}

/// Whether an environment variable can have this name (POSIX: letters, digits, underscores).
#[must_use]
pub fn is_variable_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether the text takes what is secret in it from an environment variable: `os.environ/NAME`, as `LiteLLM`
/// writes it, or `Bearer $(NAME)`, as Kubernetes does.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    let expanded =
        text.split("$(").skip(1).filter_map(|rest| rest.split_once(')')).any(|(name, _)| is_variable_name(name));
    expanded || text.strip_prefix(ENVIRONMENT).is_some_and(is_variable_name)
}

/// What may stand under the name of a credential without being one: nothing, a reference, a switch, a size, a
/// path, the address of a service in the cluster.
fn is_harmless(name: &str, text: &str) -> bool {
    let switch = ["true", "false", "yes", "no", "on", "off", "none", "null"];
    text.is_empty()
        || is_reference(text)
        || switch.iter().any(|word| text.eq_ignore_ascii_case(word))
        || is_amount(text) && !plain(name).contains("pass")
        || is_path(text)
        || url::is_internal(text)
}

/// A number or a duration: `4096`, `0.5`, `30s`, `1h30m`.
fn is_amount(text: &str) -> bool {
    let units = ["ns", "us", "ms", "s", "m", "h", "d", "Mi", "Gi", "%"];
    let number = text.trim_start_matches(['-', '+']);
    let short = number.len() <= 10 && number.starts_with(|c: char| c.is_ascii_digit());
    let unit = |part: &str| part.is_empty() || units.contains(&part);
    short && number.split(|c: char| c.is_ascii_digit() || c == '.').all(unit)
}

/// An absolute path, none of whose parts was made by chance.
fn is_path(text: &str) -> bool {
    let mut parts = text.split('/');
    let absolute = parts.next() == Some("") && text.len() > 1;
    absolute && parts.all(|part| part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)))
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests;
