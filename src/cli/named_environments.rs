//! Which environments of a description `--env` names, for the commands that take several.

use super::args::{DescriptionArgs, TargetArgs};
use super::describe;
use super::environment_name::matches;
use crate::error::{CommandError, Error};
use crate::stack;

/// The environments that are meant, in the order of their names, each once.
///
/// # Errors
/// Those of the description cannot be listed, one that is named is none of them, or the description is a stream, which
/// can be read once alone.
pub(super) fn all_named(description: &DescriptionArgs, target: &TargetArgs) -> Result<Vec<String>, Error> {
    if description.files().iter().any(|file| file.as_os_str() == "-") {
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
