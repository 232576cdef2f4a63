//! Files of an import: all of them, or none. What is there stays, unless the user says otherwise.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::OutArgs;
use crate::cli::output;
use crate::error::{CommandError, Error};

/// Writes one text to the file that was named, else to stdout.
///
/// # Errors
/// The file is there, or cannot be written.
pub(super) fn write_one(out: &OutArgs, text: &str) -> Result<(), Error> {
    match &out.out {
        None => output::result(text),
        Some(path) => write_all(&BTreeMap::from([(path.clone(), text.to_owned())]), out.force),
    }
}

/// Writes these texts.
///
/// # Errors
/// One of the files is there, then none is written; or one cannot be written.
pub(in crate::cli) fn write_all(texts: &BTreeMap<PathBuf, String>, force: bool) -> Result<(), Error> {
    if let Some(there) = texts.keys().find(|path| !force && path.symlink_metadata().is_ok()) {
        return Err(CommandError::FileExists(there.clone()).into());
    }
    for (path, text) in texts {
        write(path, text).map_err(|cause| CommandError::WriteFile { path: path.clone(), cause })?;
    }
    Ok(())
}

/// The file appears whole or not at all.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let mut file = tempfile::Builder::new().prefix(".langop-").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    readable(&file)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A description holds no secret, and is read by others: a temporary file is its owner's alone.
#[cfg(unix)]
fn readable(file: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &tempfile::NamedTempFile) -> io::Result<()> {
    Ok(())
}
