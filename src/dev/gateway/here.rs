//! The pod's directories, for the time of one run: private, and gone with it. Where the system has a directory
//! for such files they are in memory (XDG Base Directory Specification, `XDG_RUNTIME_DIR`).

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use secrecy::ExposeSecret as _;

use super::wish::Directories;
use crate::dev::files::{self, Lock};
use crate::dev::{DevHome, Error};

/// What the names of the directories begin with.
const PREFIX: &str = "langop-gateway-";
/// The file in each that is locked as long as its run lasts.
const LOCK: &str = "lock";
/// The file beside the directories that is locked while one of them is made.
const MAKING: &str = "langop-gateway.lock";

/// The files of one run; removed with the value.
pub(in crate::dev) struct Here {
    root: tempfile::TempDir,
    /// Directories of the pod, each with the directory that stands for it here.
    moved: Vec<(String, String)>,
    _lock: Lock,
}

impl Here {
    /// Writes what the pod's directories hold.
    pub(in crate::dev) fn write(home: &DevHome, directories: &Directories) -> Result<Self, Error> {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let above =
            runtime.filter(|path| path.is_absolute() && path.is_dir()).unwrap_or_else(|| home.root().to_owned());
        // What is not locked yet must not be swept up by another run. The lock stands where the directories
        // stand: runs with other homes sweep there, too.
        let making = Lock::take(&above.join(MAKING), || {})?;
        sweep(&above);
        let root =
            tempfile::Builder::new().prefix(PREFIX).permissions(Permissions::from_mode(0o700)).tempdir_in(&above);
        let root = root.map_err(|cause| Error::file("make a directory in", &above, cause))?;
        let lock = Lock::take(&root.path().join(LOCK), || {})?;
        drop(making);
        let places = directories.keys().enumerate();
        let place = |number: usize| root.path().join(number.to_string()).display().to_string();
        let moved = places.map(|(number, path)| (path.display().to_string(), place(number))).collect();
        let here = Self { root, moved, _lock: lock };
        here.fill(directories)?;
        Ok(here)
    }

    fn fill(&self, directories: &Directories) -> Result<(), Error> {
        files::make_private(&self.scratch())?;
        write(&self.launcher(), include_bytes!("launch.py"))?;
        for (content, (_, place)) in directories.values().zip(&self.moved) {
            let place = Path::new(place);
            files::make_private(place)?;
            for (name, bytes) in content.iter().filter(|(name, _)| is_below(Path::new(name))) {
                write(&place.join(name), bytes.expose_secret())?;
            }
        }
        Ok(())
    }

    /// The directory that holds all of it.
    pub(super) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Path of the program that runs the gateway.
    pub(super) fn launcher(&self) -> PathBuf {
        self.root().join("launch.py")
    }

    /// The directory for whatever the gateway writes.
    pub(in crate::dev) fn scratch(&self) -> PathBuf {
        self.root().join("tmp")
    }

    /// A path of the pod, as it is here; other texts stay as they are.
    pub(in crate::dev) fn moved(&self, text: &str) -> String {
        let inside = |path: &str| text == path || text.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let place = self.moved.iter().find(|(path, _)| inside(path));
        place.map_or_else(|| text.to_owned(), |(path, here)| format!("{here}{}", &text[path.len()..]))
    }
}

/// Removes what runs left that were cut off, with langop and its gateway killed at once or the machine.
fn sweep(above: &Path) {
    for entry in fs::read_dir(above).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // What cannot be judged or removed stays.
        if is_ours && matches!(files::is_locked(&path.join(LOCK)), Ok(false)) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// Whether a path leads to below where it begins.
fn is_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// Writes a file that only the user can read.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        files::make_private(parent)?;
    }
    files::open(path)?;
    fs::write(path, bytes).map_err(|cause| Error::file("write", path, cause))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use secrecy::SecretBox;

    use super::*;

    fn here(directory: &Path) -> (DevHome, Here) {
        let file = |text: &str| SecretBox::new(Box::new(text.as_bytes().to_vec()));
        let config = BTreeMap::from([("config.yaml".to_owned(), file("a: 1"))]);
        let keys = BTreeMap::from([("gcp/a.json".to_owned(), file("{}")), ("../escaped".to_owned(), file(""))]);
        let directories = BTreeMap::from([("/etc/l".into(), config), ("/keys".into(), keys)]);
        let home = DevHome::at(directory);
        let here = Here::write(&home, &directories).unwrap();
        (home, here)
    }

    #[test]
    fn files_are_private_and_found_by_their_paths_in_the_pod() {
        let directory = tempfile::tempdir().unwrap();
        let (_, here) = here(directory.path());
        let read = |path: &str| fs::read_to_string(here.moved(path)).unwrap();
        assert_eq!((read("/etc/l/config.yaml"), read("/keys/gcp/a.json")), ("a: 1".into(), "{}".into()));
        for path in [here.root().to_owned(), here.moved("/keys").into(), here.moved("/keys/gcp/a.json").into()] {
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
        }
        assert!(!here.root().join("escaped").exists());
        assert_eq!(["/keysmith", "see /keys"].map(|text| here.moved(text)), ["/keysmith", "see /keys"]);
    }

    #[test]
    fn what_a_cut_off_run_left_is_swept_up_and_what_runs_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let (_, running) = here(directory.path());
        let above = running.root().parent().unwrap().to_owned();
        let left = above.join(format!("{PREFIX}left"));
        fs::create_dir(&left).unwrap();
        let (_, _next) = here(directory.path());
        assert!(!left.exists() && running.root().exists());
    }
}
