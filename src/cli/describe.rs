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
        stack: description.stack.clone(),
    };
    match stack::load(&request) {
        Ok(loaded) => {
            if !loaded.warnings.is_empty() {
                output::note(&stack::render(&loaded.warnings, &loaded.files, output::error_colour()));
            }
            Ok(loaded.stack)
        }
        Err(invalid) => {
            output::note(&stack::render(&invalid.diagnostics, &invalid.files, output::error_colour()));
            Err(Exit::Invalid)
        }
    }
}
