//! What `--env` names: one environment, several, or a pattern of names.

use regex::Regex;

use super::args::DescriptionArgs;
use crate::error::CommandError;

/// The environment that a command is for.
///
/// # Errors
/// Several are named, or a pattern.
pub(crate) fn one(description: &DescriptionArgs) -> Result<Option<&str>, CommandError> {
    match description.env.as_slice() {
        _ if are_several(description) => Err(CommandError::OneEnvironment(description.env.clone())),
        names => Ok(names.first().map(String::as_str)),
    }
}

/// Whether several environments are named, or may be.
pub(super) fn are_several(description: &DescriptionArgs) -> bool {
    description.env.len() > 1 || description.env.iter().any(|name| is_pattern(name))
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?'])
}

/// `*` stands for any characters, `?` for one.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let expression = regex::escape(pattern).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("^{expression}$")).is_ok_and(|expression| expression.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_stand_for_names() {
        assert!(
            matches("*", "prod") && matches("prod-*", "prod-eu") && matches("pro?", "prod") && matches("a.b", "a.b")
        );
        assert!(
            !matches("prod-*", "prod") && !matches("prod", "prod-eu") && !matches("a.b", "axb") && !matches("?", "ab")
        );
    }
}
