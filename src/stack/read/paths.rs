//! Which files were meant. Reads directories, no files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{LoadRequest, reason};
use crate::stack::diagnostic::{Code, Diagnostic};

/// Names that are looked for when no path is given.
pub(crate) const DEFAULTS: [&str; 3] = ["langop.toml", "langop.yaml", "langop.yml"];

/// Extensions of the files that a directory stands for.
const EXTENSIONS: [&str; 3] = ["toml", "yaml", "yml"];

/// Deepest directory that `-R` reaches.
const MAX_DEPTH: usize = 32;

/// Which files were found.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// Those that make the stack, in the order in which they are merged: as named, those of a directory by name.
    pub read: Vec<PathBuf>,
    /// Those beside the description that a directory stands for.
    pub unread: BTreeSet<PathBuf>,
}

/// The files that were meant. The rule of directories is the same for one that is named and for the working directory.
pub(super) fn find(request: &LoadRequest, found: &mut Vec<Diagnostic>) -> Paths {
    let mut paths = Paths::default();
    if request.paths.is_empty() {
        directory(request, Path::new(""), &mut paths, found);
    }
    for path in &request.paths {
        if request.directory.join(path).is_dir() {
            directory(request, path, &mut paths, found);
        } else {
            paths.read.push(path.clone());
        }
    }
    paths
}

/// What a directory stands for: its description of the default name alone, else everything in it. Without a word, as
/// the working directory, it must have the description: nobody said that the rest is one.
fn directory(request: &LoadRequest, path: &Path, paths: &mut Paths, found: &mut Vec<Diagnostic>) {
    let place = request.directory.join(path);
    let mut all = Vec::new();
    if let Err(error) = descend(request, path, 0, &mut all) {
        let message = format!("cannot read `{}`: {}", path.display(), reason(&error));
        found.push(Diagnostic::error(Code::Unreadable, message));
        return;
    }
    let there = |name: &&str| place.join(name).is_file();
    let defaults: Vec<&str> = DEFAULTS.iter().copied().filter(there).collect();
    match defaults.as_slice() {
        _ if request.recursive && !all.is_empty() => paths.read.extend(all),
        [name] => {
            let description = path.join(name);
            paths.unread.extend(all.into_iter().filter(|file| *file != description));
            paths.read.push(description);
        }
        [first, second, ..] => {
            let message = format!("both `{first}` and `{second}` are in {}", called(path));
            let hint = "name the files of the stack in the order in which they are merged";
            found.push(Diagnostic::error(Code::Unreadable, message).hint(hint));
        }
        [] if path.as_os_str().is_empty() => {
            let message = "no `langop.toml`, `langop.yaml` or `langop.yml` in this directory";
            let hint = "name the files of the stack, or a directory that holds them";
            found.push(Diagnostic::error(Code::NothingDescribed, message).hint(hint));
        }
        [] if all.is_empty() => {
            let message = format!("no `*.toml`, `*.yaml` or `*.yml` in `{}`", path.display());
            let empty = Diagnostic::error(Code::NothingDescribed, message);
            let hint = || "`-R` looks into the directories below it, too".to_owned();
            found.push(empty.maybe_hint((!request.recursive).then(hint)));
        }
        [] => paths.read.extend(all),
    }
}

fn called(path: &Path) -> String {
    if path.as_os_str().is_empty() { "this directory".to_owned() } else { format!("`{}`", path.display()) }
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
