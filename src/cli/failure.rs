//! Prints an error: its message and those of its sources, each once, and the next step. Decides nothing: message,
//! hint and exit code are the error's own.

use super::output;
use crate::error::{CommandError, Error, chain};
use crate::exit::Exit;
use crate::object::credential::masked;
use crate::ops::Lack;
use crate::report::json::FaultDocument;
use crate::stack::diagnostic::render;
use crate::state::StateError;

/// Prints an error and says how the process ends.
pub(crate) fn report(error: &Error) -> Exit {
    match error {
        Error::Description(invalid) => {
            output::note(&render(&invalid.diagnostics, &invalid.files, output::error_colour()));
        }
        Error::Command(CommandError::MissingValues(lacks)) => lacks.iter().for_each(lack),
        // Nobody reads any more.
        Error::Command(error) if error.exit() == Exit::ClosedPipe => {}
        error => message(&chain(error), error.hint()),
    }
    error.exit()
}

/// An error for programs. What looks like a credential is masked, whoever wrote it into the message.
pub(crate) fn document(error: &Error) -> FaultDocument {
    FaultDocument {
        code: error.code(),
        message: masked(&chain(error)).into_owned(),
        hint: error.hint().map(|hint| masked(&hint).into_owned()),
    }
}

/// Prints a fault that takes nothing from what was done, and the next step.
pub(crate) fn warn(what: &str, error: &Error) {
    output::note(&masked(&format!("warning: {what}: {}", chain(error))));
    if let Some(hint) = error.hint() {
        output::note(&masked(&format!("hint: {hint}")));
    }
}

/// Prints why the record of a run was not written.
pub(crate) fn report_state(error: &StateError) {
    message(&chain(error), error.hint());
}

fn lack(lack: &Lack) {
    message(&lack.to_string(), Some(lack.hint()));
}

/// What looks like a credential is masked, whoever wrote it into the message.
fn message(text: &str, hint: Option<String>) {
    output::note(&masked(&format!("error: {text}")));
    if let Some(hint) = hint {
        output::note(&masked(&format!("hint: {hint}")));
    }
}
