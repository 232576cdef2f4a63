//! The file of a report: there as a whole or not at all, and known to be possible before anything else is done.

use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// The variable of GitHub Actions with the file that all programs of a step add their summaries to.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A file that a report can be written to.
pub(crate) struct ReportFile {
    path: PathBuf,
    way: Way,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// A new file takes the place of the old one.
    Replace,
    /// It is added to: a summary that others write to as well, a pipe, a device.
    Append,
}

impl ReportFile {
    /// The file, which need not be there yet.
    ///
    /// # Errors
    /// It is a directory, there is no directory for it, or nobody may write there.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let summary = std::env::var_os(SUMMARY).is_some_and(|summary| Path::new(&summary) == path);
        let found = std::fs::metadata(path);
        let is_special = found.as_ref().is_ok_and(|found| !found.is_file() && !found.is_dir());
        if found.is_ok_and(|found| found.is_dir()) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let way = if summary || is_special { Way::Append } else { Way::Replace };
        let file = Self { path: path.to_owned(), way };
        match way {
            // A pipe is opened once it is written to: it may wait for its reader, or have one only once.
            Way::Append if is_special => {}
            Way::Append => drop(OpenOptions::new().append(true).create(true).open(path)?),
            Way::Replace => drop(file.beside()?),
        }
        Ok(file)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the whole report, or nothing.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self, text: &str) -> io::Result<()> {
        if self.way == Way::Append {
            return OpenOptions::new().append(true).create(true).open(&self.path)?.write_all(text.as_bytes());
        }
        let mut file = self.beside()?;
        file.write_all(text.as_bytes())?;
        file.persist(self.real_path())?;
        Ok(())
    }

    /// A new file in the same directory, with the rights that any new file has here.
    fn beside(&self) -> io::Result<NamedTempFile> {
        let path = self.real_path();
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(directory)
    }

    /// What a link leads to: the link stays.
    fn real_path(&self) -> PathBuf {
        std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_replaces_the_file_that_a_link_leads_to() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::write(at("real"), "old").unwrap();
        std::os::unix::fs::symlink(at("real"), at("link")).unwrap();
        ReportFile::open(&at("link")).unwrap().write("new").unwrap();
        assert_eq!(std::fs::read_to_string(at("real")).unwrap(), "new");
        assert!(at("link").is_symlink());
        ReportFile::open(&at("fresh")).unwrap().write("x").unwrap();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 3, "something was left behind");
        // A device stays one.
        ReportFile::open(Path::new("/dev/null")).unwrap().write("x").unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn where_nothing_can_be_written_is_found_out_first() {
        let directory = tempfile::tempdir().unwrap();
        let kind = |path: &Path| ReportFile::open(path).err().map(|error| error.kind());
        assert_eq!(kind(&directory.path().join("no/such/file")), Some(io::ErrorKind::NotFound));
        assert_eq!(kind(directory.path()), Some(io::ErrorKind::IsADirectory));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
