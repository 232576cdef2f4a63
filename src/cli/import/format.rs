//! A description that was made, as text, and held against the rules of descriptions.

use crate::cli::format::Format;
use crate::cli::output;
use crate::import::Description;
use crate::report::yaml;
use crate::stack::diagnostic::{Code, render};
use crate::stack::{LoadRequest, load};

/// The description as text.
pub(super) fn text(description: &Description, format: Format) -> String {
    match format {
        Format::Toml => description.toml(),
        Format::Yaml => {
            let (head, document) = description.yaml();
            format!("{head}{}", yaml::documents([document]))
        }
    }
}

/// Says what is wrong with a description that was made, beside variables that wait for their values. Whether it can be
/// planned.
pub(super) fn validated(description: &Description) -> bool {
    let request =
        LoadRequest { paths: vec!["-".into()], stdin: Some(description.toml().into_bytes()), ..LoadRequest::default() };
    let Err(invalid) = load(&request) else { return true };
    let mistakes: Vec<_> =
        invalid.diagnostics.into_iter().filter(|one| one.is_error() && one.code != Code::MissingVariable).collect();
    if !mistakes.is_empty() {
        output::note("note: the description that was made has mistakes, which are yours to mend:");
        output::note(&render(&mistakes, &invalid.files, output::error_colour()));
    }
    mistakes.is_empty()
}
