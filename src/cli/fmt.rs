//! `langop fmt`.

use std::io::{self, Write as _};
use std::panic;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::stack::{Laid, LoadRequest, lay_out};

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
    quiet_formatters();
    let laid = lay_out(&request)?;
    if args.check { check(&laid) } else { bring_into_form(&laid) }
}

/// A formatter that panics on a text is caught, and the text named as one that it does not read: nobody is helped by the
/// place in its source.
fn quiet_formatters() {
    let said = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let file = panic.location().map_or("", |at| at.file());
        if !["pretty_yaml", "tiny_pretty", "yaml_parser"].iter().any(|name| file.contains(name)) {
            said(panic);
        }
    }));
}

fn check(laid: &[Laid]) -> Result<Exit, Error> {
    let other: Vec<_> = laid.iter().filter(|one| one.before != one.after).collect();
    other.iter().filter_map(|one| one.path.as_deref()).try_for_each(named)?;
    Ok(if other.is_empty() { Exit::Done } else { Exit::Pending })
}

/// Prints what came through a pipe, and writes what is a file and changed.
fn bring_into_form(laid: &[Laid]) -> Result<Exit, Error> {
    for one in laid {
        match &one.path {
            None => output::result(&one.after)?,
            Some(path) if one.before != one.after => {
                replace(path, &one.after).map_err(|cause| CommandError::WriteFile { path: path.clone(), cause })?;
                named(path)?;
            }
            Some(_) => {}
        }
    }
    Ok(Exit::Done)
}

fn named(path: &Path) -> Result<(), Error> {
    output::result_line(&path.display().to_string())
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
