//! One form for the text of a description: `langop fmt`. What a file means does not change, nor does a comment; a form
//! that would change either is refused. Writes nothing.

mod toml;
mod yaml;

use std::path::PathBuf;

use super::diagnostic::{Code, Diagnostic, FileId, Files, Span, arrange};
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
    /// The file, as the user named it; none for a stream, which is nowhere to be written to.
    pub path: Option<PathBuf>,
    /// Its text, without a byte order mark.
    pub before: String,
    /// The same in its form.
    pub after: String,
}

/// Why the form of a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Fault {
    /// The formatter reads another language than langop: a newer one, or one with fewer liberties.
    #[error("the formatter does not read this")]
    Unread(usize),
    /// It would be another description.
    #[error("its form would not mean the same")]
    Meaning,
    /// A comment would be lost, or stand at another value.
    #[error("its form would move or lose this comment")]
    Comment(usize),
    /// Each form has another one.
    #[error("its form would be another one each time")]
    Restless,
}

impl Fault {
    /// Where in the text it begins.
    fn start(self) -> usize {
        match self {
            Self::Unread(at) | Self::Comment(at) => at,
            Self::Meaning | Self::Restless => 0,
        }
    }
}

/// A comment of a text.
#[derive(Clone, Debug)]
struct Comment {
    /// Its first byte in the text.
    at: usize,
    /// How many keys and values stand before it.
    behind: usize,
    /// Its words.
    text: String,
}

impl PartialEq for Comment {
    /// Where it stands in the text is what a form may change.
    fn eq(&self, other: &Self) -> bool {
        (self.behind, &self.text) == (other.behind, &other.text)
    }
}

/// Lays out the files of a request, in the order in which they are read.
///
/// # Errors
/// Files cannot be read, or their form would change what they say: all of them are named.
pub(crate) fn lay_out(request: &LoadRequest) -> Result<Vec<Laid>, Box<Invalid>> {
    let (mut files, mut found) = (Files::default(), Vec::new());
    read(request, &mut files, &mut found);
    let broken: Vec<_> = errors(&found).filter_map(|error| error.primary.as_ref()).map(|at| at.span.file).collect();
    let mut laid = Vec::new();
    for file in files.ids().filter(|file| !broken.contains(file)) {
        match one(&files, file) {
            Ok(one) => laid.push(one),
            Err(fault) => found.push(refused(&files, file, fault)),
        }
    }
    if errors(&found).next().is_none() {
        return Ok(laid);
    }
    arrange(&mut found);
    found.iter_mut().for_each(Diagnostic::mask);
    Err(Box::new(Invalid { diagnostics: found, files }))
}

fn errors(found: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    found.iter().filter(|one| one.is_error())
}

fn one(files: &Files, file: FileId) -> Result<Laid, Fault> {
    let before = files.text(file);
    let after = laid(before, format_of(files.name(file), before), file)?;
    let path = (!files.is_stream(file)).then(|| PathBuf::from(files.name(file)));
    Ok(Laid { path, before: before.to_owned(), after })
}

fn refused(files: &Files, file: FileId, fault: Fault) -> Diagnostic {
    let message = format!("`{}` cannot be formatted", files.name(file));
    let error = Diagnostic::error(Code::Unformattable, message);
    let start = fault.start();
    error
        .at(Span { file, start, end: start }, fault.to_string())
        .hint("it stays as it is, and so does every other file")
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
    let (written, kept) = (comments(text), comments(&form));
    if written != kept {
        let other = written.iter().enumerate().find(|(at, one)| kept.get(*at) != Some(one));
        return Err(Fault::Comment(other.map_or(0, |(_, comment)| comment.at)));
    }
    match meaning(text, format, file) {
        Some(meant) if meaning(&form, format, file).as_ref() == Some(&meant) => Ok(form),
        _ => Err(Fault::Meaning),
    }
}

/// What a text means, by langop's own reader; none where it cannot be read.
fn meaning(text: &str, format: Format, file: FileId) -> Option<Vec<serde_json::Value>> {
    let mut found = Vec::new();
    let documents = match format {
        Format::Toml => vec![read_toml(text, file, &mut found)],
        Format::Yaml => read_yaml(text, file, &mut found),
    };
    errors(&found).next().is_none().then(|| documents.iter().map(bare).collect())
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
