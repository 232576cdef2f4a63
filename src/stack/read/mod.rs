//! The files of a stack as trees: which files, which format, description or manifest. Knows nothing of
//! what stands in them beyond `apiVersion` and `kind`.

mod format;
mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

pub(super) use self::format::Format;
pub(crate) use self::paths::DEFAULTS;
use super::default_namespace::DefaultNamespace;
use super::diagnostic::{Code, Diagnostic, Files};
use super::schema::hide;
use super::tree::{self, Node, Value};

/// Most bytes of all files of a stack: bundles of operators have tens of megabytes, and a device or a pipe without end
/// must not fill the memory.
const MAX_BYTES: usize = 128 * 1024 * 1024;

/// Largest description: it is written by people.
const MAX_DESCRIPTION: usize = 4 * 1024 * 1024;

/// Which files make a stack, and what fills their variables.
#[derive(Clone, Debug, Default)]
pub struct LoadRequest {
    /// Files and directories in the order in which they are merged; `-` is standard input. A directory stands for its
    /// `langop.toml`, `langop.yaml` or `langop.yml`, else for all its files. None: that of
    /// [`LoadRequest::directory`], which then must have one.
    pub paths: Vec<PathBuf>,
    /// Whether directories are descended into.
    pub recursive: bool,
    /// `--var name=value`, the last of a name wins.
    pub variables: Vec<(String, String)>,
    /// The environment; only `LANGOP_VAR_<name>` is looked at.
    pub environment: BTreeMap<String, String>,
    /// `--env`: the environment of the description.
    pub environment_name: Option<String>,
    /// Where objects go that name no namespace, by the context of the kubeconfig that the environment may name.
    pub contexts: BTreeMap<String, DefaultNamespace>,
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
    /// Files beside the description that a directory stands for.
    pub unread: Vec<UnreadInput>,
    /// The files that were read.
    seen: BTreeSet<PathBuf>,
    /// How many bytes may still be read.
    left: usize,
}

impl Input {
    /// The descriptions that were read so far.
    pub(super) fn take_descriptions(&mut self) -> Vec<Node> {
        std::mem::take(&mut self.descriptions)
    }
}

/// What stands in a file that is no part of the stack.
#[derive(Debug)]
pub(super) struct UnreadInput {
    /// The file.
    pub name: String,
    /// Description documents.
    pub descriptions: Vec<Node>,
    /// Kubernetes documents.
    pub manifests: Vec<Node>,
}

/// Reads everything that was asked for. What cannot be read is among `found`.
pub(super) fn read(request: &LoadRequest, files: &mut Files, found: &mut Vec<Diagnostic>) -> Input {
    let mut input = Input { left: MAX_BYTES, ..Input::default() };
    let paths = paths::find(request, found);
    for path in paths.read {
        read_one(request, path, &mut input, files, found);
    }
    let Input { seen, left, .. } = &mut input;
    let unread = paths.unread.difference(seen);
    input.unread = unread.filter_map(|path| look_into(request, path, left)).collect();
    input
}

/// Reads one file more: its description documents, and its Kubernetes documents among those that were read.
pub(super) fn read_more(
    request: &LoadRequest,
    path: PathBuf,
    input: &mut Input,
    files: &mut Files,
    found: &mut Vec<Diagnostic>,
) -> Vec<Node> {
    read_one(request, path, input, files, found);
    input.take_descriptions()
}

fn read_one(request: &LoadRequest, path: PathBuf, input: &mut Input, files: &mut Files, found: &mut Vec<Diagnostic>) {
    let name = path.display().to_string();
    if input.seen.contains(&path) {
        let message = format!("`{name}` is named twice");
        found.push(Diagnostic::error(Code::ReadTwice, message).hint("name it once"));
    } else if let Some(text) = text(request, &path, &mut input.left, found) {
        let origin = Origin::of(request, &path);
        parse((&name, origin), text, files, input, found);
    }
    input.seen.insert(path);
}

/// What stands in a file that is not part of the stack: its mistakes are nobody's business here.
fn look_into(request: &LoadRequest, path: &Path, left: &mut usize) -> Option<UnreadInput> {
    let (mut files, mut found, mut input) = (Files::default(), Vec::new(), Input::default());
    let name = path.display().to_string();
    let text = text(request, path, left, &mut found)?;
    parse((&name, Origin::File), text, &mut files, &mut input, &mut found);
    Some(UnreadInput { name, descriptions: input.descriptions, manifests: input.manifests })
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    File,
    /// Standard input, a FIFO, what a shell puts for `<(…)`: it has no directory, and seldom a name that says its format.
    Stream,
}

impl Origin {
    fn of(request: &LoadRequest, path: &Path) -> Self {
        let regular = std::fs::metadata(request.directory.join(path)).is_ok_and(|found| found.is_file());
        // With a file behind it, `/dev/stdin` is one.
        let by_name = path == Path::new("-") || path.starts_with("/dev") || path.starts_with("/proc");
        if by_name || !regular { Self::Stream } else { Self::File }
    }
}

fn parse(
    (name, origin): (&str, Origin),
    text: String,
    files: &mut Files,
    input: &mut Input,
    found: &mut Vec<Diagnostic>,
) {
    let sniffed = (origin == Origin::Stream).then(|| format::sniff(&text));
    let Some(format) = format::of(name).or(sniffed) else {
        let message = format!("`{name}` is neither TOML nor YAML by its name");
        let hint = "langop reads `*.toml`, `*.yaml`, `*.yml` and `*.json`";
        found.push(Diagnostic::error(Code::UnknownFormat, message).hint(hint));
        return;
    };
    let shown = if name == "-" { "<stdin>" } else { name };
    if format == Format::Toml && text.len() > MAX_DESCRIPTION {
        found.push(too_big_description(shown));
        return;
    }
    let file = match origin {
        Origin::File => files.add(shown, text),
        Origin::Stream => files.add_stream(shown, text),
    };
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
        } else if document.size() > MAX_DESCRIPTION {
            found.push(too_big_description(shown));
        } else {
            input.descriptions.push(document);
        }
    }
}

/// The format of a file that was read.
pub(super) fn format_of(name: &str, text: &str) -> Format {
    format::of(name).unwrap_or_else(|| format::sniff(text))
}

/// A document with `apiVersion` or `kind` at the top is meant for Kubernetes.
fn is_manifest(document: &Node) -> bool {
    match &document.value {
        Value::Map(map) => map.contains_key("apiVersion") || map.contains_key("kind"),
        _ => false,
    }
}

fn too_big_description(name: &str) -> Diagnostic {
    let error = Diagnostic::error(Code::TooBig, format!("the description in `{name}` is larger than 4 MiB"));
    error.hint("split it; later files are merged into earlier ones")
}

/// What stands in a file, of which `left` bytes may still be read.
fn text(request: &LoadRequest, path: &Path, left: &mut usize, found: &mut Vec<Diagnostic>) -> Option<String> {
    let name = path.display();
    let bytes = match bytes(request, path, *left) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("cannot read `{name}`: {}", reason(&error));
            found.push(Diagnostic::error(Code::Unreadable, message));
            return None;
        }
    };
    let Some(rest) = left.checked_sub(bytes.len()) else {
        let message = format!("with `{name}` the files of this stack are larger than 128 MiB");
        found.push(Diagnostic::error(Code::TooBig, message).hint("split it into several stacks"));
        return None;
    };
    *left = rest;
    match String::from_utf8(bytes) {
        Ok(text) if text.contains(MARK) => Some(without_marks(&text)),
        Ok(text) => Some(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let message = format!("`{name}` is not UTF-8 text: byte {at} starts no character");
            found.push(Diagnostic::error(Code::NotText, message));
            None
        }
    }
}

/// A byte order mark, which is how some editors sign UTF-8; it is no part of the text.
const MARK: char = '\u{feff}';

/// The text without the marks that files began with: this one, and those that were joined to it, each in a document of
/// its own.
fn without_marks(text: &str) -> String {
    let ends = |line: &str| line.starts_with("---") || line.starts_with("...");
    let (mut whole, mut begins) = (String::with_capacity(text.len()), true);
    for line in text.split_inclusive('\n') {
        let rest = line.strip_prefix(MARK).filter(|rest| begins || ends(rest));
        let line = rest.unwrap_or(line);
        begins = ends(line);
        whole.push_str(line);
    }
    whole
}

/// At most one byte more than may be read.
fn bytes(request: &LoadRequest, path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
    let limit = most as u64 + 1;
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
