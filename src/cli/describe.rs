//! From the description arguments to a stack, or to everything that is wrong with it.

use super::args::DescriptionArgs;
use super::{output, saved};
use crate::error::{CommandError, Error};
use crate::stack::{self, Invalid, LoadRequest, Loaded, Stack};

/// Loads the description. What is worth a warning goes to stderr.
pub(crate) fn load(description: &DescriptionArgs) -> Result<Stack, Error> {
    if let Some(plan) = saved::named(&description.files)? {
        return Err(CommandError::NotADescription(plan.to_owned()).into());
    }
    let loaded = read(description)?;
    if !loaded.warnings.is_empty() {
        output::note(&stack::diagnostic::render(&loaded.warnings, &loaded.files, output::error_colour()));
    }
    Ok(loaded.stack)
}

/// Reads the description and prints nothing.
pub(crate) fn read(description: &DescriptionArgs) -> Result<Loaded, Box<Invalid>> {
    let request = LoadRequest {
        paths: description.files.clone(),
        recursive: description.recursive,
        variables: description.vars.clone(),
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        stack: description.stack.clone(),
        directory: std::env::current_dir().unwrap_or_default(),
        stdin: None,
    };
    stack::load(&request).map_err(Box::new)
}
