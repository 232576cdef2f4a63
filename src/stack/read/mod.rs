//! The files of a stack as trees: which files, which format, description or manifest. Knows nothing of
//! what stands in them beyond `apiVersion` and `kind`.

mod format;
mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use self::format::Format;
use super::default_namespace::DefaultNamespace;
use super::diagnostic::{Code, Diagnostic, Files};
use super::schema::hide;
use super::tree::{self, Node, Value};

/// Largest file: a description is written by people, and a `ConfigMap` carried along holds 1 MiB.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Which files make a stack, and what fills their variables.
#[derive(Clone, Debug, Default)]
pub struct LoadRequest {
    /// Files and directories in the order in which they are merged; `-` is standard input. None:
    /// `langop.toml`, `langop.yaml` or `langop.yml` in [`LoadRequest::directory`].
    pub paths: Vec<PathBuf>,
    /// Whether directories are descended into.
    pub recursive: bool,
    /// `--var name=value`, the last of a name wins.
    pub variables: Vec<(String, String)>,
    /// The environment; only `LANGOP_VAR_<name>` is looked at.
    pub environment: BTreeMap<String, String>,
    /// `--stack`: the name of the stack, whatever the description says.
    pub stack: Option<String>,
    /// The working directory, which relative paths start from.
    pub directory: PathBuf,
    /// Where objects go that name no namespace.
    pub namespace: DefaultNamespace,
    /// What standard input holds; read from the process when `-` is among the paths and this is none.
    pub stdin: Option<Vec<u8>>,
}

/// What stands in the files.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// Description files, in the order of merging.
    pub descriptions: Vec<Node>,
    /// Kubernetes documents.
    pub manifests: Vec<Node>,
}

/// Reads everything that was asked for. What cannot be read is among `found`.
pub(super) fn read(request: &LoadRequest, files: &mut Files, found: &mut Vec<Diagnostic>) -> Input {
    let mut input = Input::default();
    let mut seen = BTreeSet::new();
    for path in paths::find(request, found) {
        let name = path.display().to_string();
        if !seen.insert(path.clone()) {
            let message = format!("`{name}` is named twice");
            found.push(Diagnostic::error(Code::ReadTwice, message).hint("name it once"));
        } else if let Some(text) = text(request, &path, found) {
            parse(&name, text, files, &mut input, found);
        }
    }
    input
}

fn parse(name: &str, text: String, files: &mut Files, input: &mut Input, found: &mut Vec<Diagnostic>) {
    let Some(format) = format::of(name, &text) else {
        let message = format!("`{name}` is neither TOML nor YAML by its name");
        let hint = "langop reads `*.toml`, `*.yaml`, `*.yml` and `*.json`";
        found.push(Diagnostic::error(Code::UnknownFormat, message).hint(hint));
        return;
    };
    let shown = if name == "-" { "<stdin>" } else { name };
    let file = files.add(shown, text);
    let mistakes = found.len();
    let mut documents = match format {
        Format::Toml => vec![tree::read_toml(files.text(file), file, found)],
        Format::Yaml => tree::read_yaml(files.text(file), file, found),
    };
    // A tree with a hole in it may be another one than was meant; a key that is there twice makes none.
    let legible =
        found[mistakes..].iter().all(|mistake| matches!(mistake.code, Code::DuplicateKey | Code::Unrepresentable));
    for document in &mut documents {
        hide(document, files, legible);
    }
    for document in documents {
        if !matches!(document.value, Value::Map(_)) {
            let message = format!("a document is a table, not {}", document.type_name());
            let error = Diagnostic::error(Code::WrongType, message).at(document.span, "");
            found.push(error.hint("describe clusters under `clusters`, models under `models`"));
        } else if format == Format::Yaml && is_manifest(&document) {
            input.manifests.push(document);
        } else {
            input.descriptions.push(document);
        }
    }
}

/// A document with `apiVersion` or `kind` at the top is meant for Kubernetes.
fn is_manifest(document: &Node) -> bool {
    match &document.value {
        Value::Map(map) => map.contains_key("apiVersion") || map.contains_key("kind"),
        _ => false,
    }
}

fn text(request: &LoadRequest, path: &Path, found: &mut Vec<Diagnostic>) -> Option<String> {
    let name = path.display();
    let bytes = match bytes(request, path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("cannot read `{name}`: {}", reason(&error));
            found.push(Diagnostic::error(Code::Unreadable, message));
            return None;
        }
    };
    if bytes.len() > MAX_BYTES {
        let message = format!("`{name}` is larger than 4 MiB");
        found.push(Diagnostic::error(Code::TooBig, message));
        return None;
    }
    match String::from_utf8(bytes) {
        // A byte order mark is how some editors sign UTF-8; it is no part of the text.
        Ok(text) => Some(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        }),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let message = format!("`{name}` is not UTF-8 text: byte {at} starts no character");
            found.push(Diagnostic::error(Code::NotText, message));
            None
        }
    }
}

/// At most one byte more than [`MAX_BYTES`], so that a device or a pipe without end does not fill the memory.
fn bytes(request: &LoadRequest, path: &Path) -> std::io::Result<Vec<u8>> {
    let limit = MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        match &request.stdin {
            Some(given) => bytes.clone_from(given),
            None => {
                std::io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
            }
        }
    } else {
        let file = std::fs::File::open(request.directory.join(path))?;
        file.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// What the operating system says, in the words of this program: the same on every platform.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        kind => kind.to_string(),
    }
}
