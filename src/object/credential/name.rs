//! The names that credentials go under, and references to what has one.

/// Ends of names under which people write credentials, in lower case without separators.
pub(super) const CREDENTIALS: &[&str] = &[
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
const ENVIRONMENT: &str = "os.environ/";

/// Whether a key of this name holds a credential.
#[must_use]
pub fn is_credential_name(name: &str) -> bool {
    let plain = plain(name);
    let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    ends(CREDENTIALS) && !ends(OTHERS)
}

/// Whether a parameter of a URL holds one.
pub(super) fn is_credential_parameter(name: &str) -> bool {
    is_credential_name(name) || IN_QUERIES.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether an environment variable can have this name (POSIX: letters, digits, underscores).
#[must_use]
pub fn is_variable_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Longest words before a reference: `Token token=`.
const LONGEST_SCHEME: usize = 24;

/// Whether the text takes what is secret in it from an environment variable: `os.environ/NAME`, as `LiteLLM`
/// writes it, in a header also behind the scheme (`Bearer os.environ/NAME`), or `Bearer $(NAME)`, as Kubernetes does.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    let expanded =
        text.split("$(").skip(1).filter_map(|rest| rest.split_once(')')).any(|(name, _)| is_variable_name(name));
    expanded || text.split_once(ENVIRONMENT).is_some_and(|(before, name)| is_scheme(before) && is_variable_name(name))
}

/// Nothing, or what a header has before its credential: words, no part of a key.
fn is_scheme(text: &str) -> bool {
    let ends = text.is_empty() || text.ends_with([' ', '=']);
    ends && text.len() <= LONGEST_SCHEME && text.chars().all(|c| c.is_ascii_alphabetic() || " -=".contains(c))
}

/// A name in lower case without separators.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
