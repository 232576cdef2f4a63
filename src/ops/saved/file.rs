//! The file of a saved plan: there as a whole or not at all, and its owner's alone.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// Largest file that is read: a plan of ten thousand objects is far from it.
const MAX_BYTES: u64 = 1 << 30;

/// Writes a file of mode 0600, or nothing. After a crash it is the old one or the new one: content first, then the
/// name, then the directory that holds the name (`fsync(2)`).
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(directory)?.sync_all()
}

/// The text of a file; none when it is no regular file, or no text, or larger than any plan.
///
/// # Errors
/// It cannot be read.
pub(crate) fn read(path: &Path) -> io::Result<Option<String>> {
    let found = std::fs::metadata(path)?;
    if !found.is_file() || found.len() > MAX_BYTES {
        return Ok(None);
    }
    Ok(String::from_utf8(std::fs::read(path)?).ok())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_plan_is_its_owners_alone_and_there_as_a_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("plan.json");
        for text in ["first", "second"] {
            write(&path, text).unwrap();
            assert_eq!(read(&path).unwrap().as_deref(), Some(text));
        }
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "something was left behind");
        assert!(write(&directory.path().join("no/such/plan"), "x").is_err());
        assert_eq!(read(directory.path()).unwrap(), None);
    }
}
