//! `langop fmt`.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::output;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::stack::{Laid, LayoutError, LoadRequest, lay_out};

/// Bring descriptions and manifests into one form, TOML and YAML; comments stay, and what they mean
///
/// Names of files that were changed are printed. A file whose form would mean something else, or lose a comment, is left
/// alone, and so are all others then.
///
/// Exit codes: 0 all have their form now, 2 with --check some have not, 65 a file that cannot be read or formatted.
#[derive(Args, Debug)]
pub(crate) struct FmtArgs {
    /// Files, or directories as in other commands; `-` is standard input. Default: langop.{toml,yaml,yml} here
    files: Vec<PathBuf>,
    /// Descend into directories
    #[arg(short = 'R', long)]
    recursive: bool,
    /// Write nothing; exit with 2 when a file has not its form
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &FmtArgs) -> Result<Exit, Error> {
    let request = LoadRequest {
        paths: args.files.clone(),
        recursive: args.recursive,
        directory: std::env::current_dir().unwrap_or_default(),
        ..LoadRequest::default()
    };
    let laid = lay_out(&request).map_err(unreadable)?;
    let (files, streams): (Vec<_>, Vec<_>) = laid.iter().partition(|one| one.path.is_file());
    let changed: Vec<_> = files.into_iter().filter(|one| one.before != one.after).collect();
    if args.check {
        let other = streams.iter().any(|one| one.before != one.after);
        changed.iter().try_for_each(|one| output::result_line(&one.path.display().to_string()))?;
        return Ok(if other || !changed.is_empty() { Exit::Pending } else { Exit::Done });
    }
    streams.iter().try_for_each(|one| output::result(&one.after))?;
    for one in changed {
        write(one)?;
        output::result_line(&one.path.display().to_string())?;
    }
    Ok(Exit::Done)
}

fn unreadable(error: LayoutError) -> Error {
    match error {
        LayoutError::Invalid(invalid) => invalid.into(),
        LayoutError::Kept { path, because } => {
            CommandError::Unformattable { path, because: because.to_string() }.into()
        }
    }
}

fn write(one: &Laid) -> Result<(), CommandError> {
    replace(&one.path, &one.after).map_err(|cause| CommandError::WriteFile { path: one.path.clone(), cause })
}

/// The file has its new text whole or not at all. A link stays one, and rights stay as they are.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let mut file = tempfile::Builder::new().prefix(".langop-").tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(path.metadata()?.permissions())?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}
