//! From the description arguments to a stack, or to everything that is wrong with it.

use super::args::Description;
use super::exit::Exit;
use super::output;
use crate::stack::{self, LoadRequest, Stack};

/// Loads the description. What is wrong with it, and what is worth a warning, goes to stderr.
pub(crate) fn load(description: &Description) -> Result<Stack, Exit> {
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
    match stack::load(&request) {
        Ok(loaded) => {
            if !loaded.warnings.is_empty() {
                output::note(&stack::diagnostic::render(&loaded.warnings, &loaded.files, output::error_colour()));
            }
            Ok(loaded.stack)
        }
        Err(invalid) => {
            output::note(&stack::diagnostic::render(&invalid.diagnostics, &invalid.files, output::error_colour()));
            Err(Exit::Invalid)
        }
    }
}
