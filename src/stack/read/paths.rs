//! Which files were meant. Reads directories, no files.

use std::path::{Path, PathBuf};

use super::{LoadRequest, reason};
use crate::stack::diagnostic::{Code, Diagnostic};

/// Names that are looked for when no path is given.
const DEFAULTS: [&str; 3] = ["langop.toml", "langop.yaml", "langop.yml"];

/// Extensions of the files that a directory stands for.
const EXTENSIONS: [&str; 3] = ["toml", "yaml", "yml"];

/// Deepest directory that `-R` reaches.
const MAX_DEPTH: usize = 32;

/// The files in the order in which they are merged: as named, those of a directory by name.
pub(super) fn find(request: &LoadRequest, found: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    if request.paths.is_empty() {
        return defaults(&request.directory, found);
    }
    let mut files = Vec::new();
    for path in &request.paths {
        if !request.directory.join(path).is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        if let Err(error) = descend(request, path, 0, &mut files) {
            let message = format!("cannot read `{}`: {}", path.display(), reason(&error));
            found.push(Diagnostic::error(Code::Unreadable, message));
        } else if files.len() == before {
            let message = format!("no `*.toml`, `*.yaml` or `*.yml` in `{}`", path.display());
            let empty = Diagnostic::error(Code::NothingDescribed, message);
            found.push(
                empty.maybe_hint(
                    (!request.recursive).then(|| "`-R` looks into the directories below it, too".to_owned()),
                ),
            );
        }
    }
    files
}

fn defaults(directory: &Path, found: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let there = |name: &&str| directory.join(name).is_file();
    let names: Vec<&str> = DEFAULTS.iter().copied().filter(there).collect();
    match names.as_slice() {
        [name] => return vec![PathBuf::from(name)],
        [] => {
            let message = "no `langop.toml`, `langop.yaml` or `langop.yml` in this directory";
            let hint = "name the files of the stack, or a directory that holds them";
            found.push(Diagnostic::error(Code::NothingDescribed, message).hint(hint));
        }
        [first, second, ..] => {
            let message = format!("both `{first}` and `{second}` are in this directory");
            let hint = "name the files of the stack in the order in which they are merged";
            found.push(Diagnostic::error(Code::Unreadable, message).hint(hint));
        }
    }
    Vec::new()
}

/// Hidden entries are left out, and links to directories are not followed: they can go in circles.
fn descend(request: &LoadRequest, path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(request.directory.join(path))? {
        let entry = entry?;
        entries.push((entry.file_name(), entry.file_type()?));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, kind) in entries {
        let below = path.join(&name);
        let hidden = name.to_string_lossy().starts_with('.');
        let extension = below.extension().and_then(|extension| extension.to_str());
        if hidden {
            continue;
        }
        if kind.is_dir() {
            if request.recursive && depth < MAX_DEPTH {
                descend(request, &below, depth + 1, files)?;
            }
        } else if extension.is_some_and(|extension| EXTENSIONS.contains(&extension)) {
            files.push(below);
        }
    }
    Ok(())
}
