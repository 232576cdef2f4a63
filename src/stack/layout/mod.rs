//! One form for the text of a description: `langop fmt`. What a file means does not change, nor does a comment; a form
//! that would change either is refused. Writes nothing.

mod toml;
mod yaml;

use std::path::PathBuf;

use super::diagnostic::{Diagnostic, FileId, Files, arrange};
use super::load::Invalid;
use super::read::{Format, LoadRequest, format_of, read};
use super::tree::{Node, Value, read_toml, read_yaml};

/// Columns that a line has at the most, where it can be broken.
const WIDTH: usize = 120;

/// How often a text is laid out until it stays as it is.
const ROUNDS: usize = 4;

/// A file, as it is and as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Laid {
    /// The file, as the user named it.
    pub path: PathBuf,
    /// Its text.
    pub before: String,
    /// The same in its form.
    pub after: String,
}

/// Why files have no form.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LayoutError {
    /// They cannot be read.
    #[error(transparent)]
    Invalid(Box<Invalid>),
    /// A file is left as it is.
    #[error("`{}` cannot be formatted: {because}", .path.display())]
    Kept {
        /// The file.
        path: PathBuf,
        /// Why.
        because: Fault,
    },
}

/// Why the form of a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// The formatter reads another language than langop: a newer one, or one with fewer liberties.
    #[error("its formatter does not read line {0}")]
    Unread(usize),
    /// It would be another description.
    #[error("it would not mean the same")]
    Meaning,
    /// A comment would be lost, or stand before another one.
    #[error("its comments would not be the same")]
    Comments,
    /// Each form has another one.
    #[error("its form would be another one each time")]
    Restless,
}

/// Lays out the files of a request, in the order in which they are read.
///
/// # Errors
/// A file cannot be read, or its form would change what it says.
pub(crate) fn lay_out(request: &LoadRequest) -> Result<Vec<Laid>, LayoutError> {
    let (mut files, mut found) = (Files::default(), Vec::new());
    read(request, &mut files, &mut found);
    if found.iter().any(Diagnostic::is_error) {
        arrange(&mut found);
        found.iter_mut().for_each(Diagnostic::mask);
        return Err(LayoutError::Invalid(Box::new(Invalid { diagnostics: found, files })));
    }
    files.ids().map(|file| one(&files, file)).collect()
}

fn one(files: &Files, file: FileId) -> Result<Laid, LayoutError> {
    let (path, before) = (PathBuf::from(files.name(file)), files.text(file).to_owned());
    match laid(&before, format_of(files.name(file), &before), file) {
        Ok(after) => Ok(Laid { path, before, after }),
        Err(because) => Err(LayoutError::Kept { path, because }),
    }
}

/// A text in its form.
fn laid(text: &str, format: Format, file: FileId) -> Result<String, Fault> {
    let mut form = once(text, format)?;
    for _ in 0..ROUNDS {
        let next = once(&form, format)?;
        if next == form {
            return checked(text, form, format, file);
        }
        form = next;
    }
    Err(Fault::Restless)
}

fn once(text: &str, format: Format) -> Result<String, Fault> {
    match format {
        Format::Toml => toml::form(text),
        Format::Yaml => yaml::form(text),
    }
}

/// The form, if it says what the text does.
fn checked(text: &str, form: String, format: Format, file: FileId) -> Result<String, Fault> {
    let comments = match format {
        Format::Toml => toml::comments,
        Format::Yaml => yaml::comments,
    };
    if comments(text) != comments(&form) {
        return Err(Fault::Comments);
    }
    let meaning = |text: &str| meaning(text, format, file);
    if meaning(text) == meaning(&form) { Ok(form) } else { Err(Fault::Meaning) }
}

/// What a text means, by langop's own reader; none where it cannot be read.
fn meaning(text: &str, format: Format, file: FileId) -> Option<Vec<serde_json::Value>> {
    let mut found = Vec::new();
    let documents = match format {
        Format::Toml => vec![read_toml(text, file, &mut found)],
        Format::Yaml => read_yaml(text, file, &mut found),
    };
    let is_whole = !found.iter().any(Diagnostic::is_error);
    is_whole.then(|| documents.iter().map(bare).collect())
}

/// A value without its place.
fn bare(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => number.clone().into(),
        Value::String(text) => text.clone().into(),
        Value::List(items) => items.iter().map(bare).collect(),
        Value::Map(map) => {
            let fields = map.iter().map(|(key, entry)| (key.clone(), bare(&entry.node)));
            serde_json::Value::Object(fields.collect())
        }
    }
}

#[cfg(test)]
mod tests;
