//! What `--env` names: one environment, several, or a pattern of names.

use regex::Regex;

use super::args::{DescriptionArgs, TargetArgs};
use super::describe;
use crate::error::{CommandError, Error};
use crate::stack;

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

/// The environments that are meant, in the order of their names, each once.
///
/// # Errors
/// Those of the description cannot be listed, one that is named is none of them, or the description is a stream, which
/// can be read once alone.
pub(super) fn all_named(description: &DescriptionArgs, target: &TargetArgs) -> Result<Vec<String>, Error> {
    if description.files.iter().any(|file| file.as_os_str() == "-") {
        return Err(CommandError::OncePerEnvironment("standard input").into());
    }
    let all = stack::environments(&describe::request(description, target)).map_err(Box::new)?;
    for pattern in &description.env {
        if !all.iter().any(|name| matches(pattern, name)) {
            return Err(CommandError::NoSuchEnvironment { pattern: pattern.clone(), has: all }.into());
        }
    }
    Ok(all.into_iter().filter(|name| description.env.iter().any(|pattern| matches(pattern, name))).collect())
}

/// `*` stands for any characters, `?` for one.
fn matches(pattern: &str, name: &str) -> bool {
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
