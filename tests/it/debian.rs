//! Programs of Debian's packages, taken apart into langop's cache: a test is not root, and changes nothing of its machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use langop::dev::DevHome;

/// Takes the packages `$*` and all that they need and the machine lacks apart into `root`; by lists of its own, since images
/// come without.
const UNPACK: &str = r#"
set -e
mkdir -p lists/partial cache/archives/partial
own="-o Dir::State::lists=$PWD/lists -o Dir::Cache=$PWD/cache -o Debug::NoLocking=1"
apt-get -qq $own update
needed=$(apt-get -qq $own install --no-install-recommends --print-uris "$@" | sed -n "s/^'[^']*' \([^_]*\)_.*/\1/p")
apt-get -qq $own download $needed
for package in *.deb; do dpkg -x "$package" root; done
"#;

/// The directory `name` of the cache, made once on each machine by `make`, which is given a directory to make it in.
pub fn cached(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let home = DevHome::from_env().unwrap().build();
    let place = home.join(name);
    if place.exists() {
        return place;
    }
    std::fs::create_dir_all(&home).unwrap();
    let work = tempfile::tempdir_in(&home).unwrap();
    make(work.path());
    // Another run may have been faster.
    let moved = std::fs::rename(work.path().join("root"), &place);
    assert!(moved.is_ok() || place.exists(), "{moved:?}");
    place
}

/// A program of packages, with the libraries and fonts that came with it.
pub fn command(name: &str, packages: &[&str], program: &str) -> Command {
    let place = cached(name, |work| unpack(work, packages));
    let mut command = Command::new(place.join(program));
    let libraries = libraries(&place.join("usr/lib"));
    command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap());
    command.env("XDG_DATA_HOME", place.join("usr/share"));
    command
}

fn unpack(work: &Path, packages: &[&str]) {
    let said = Command::new("sh").args(["-c", UNPACK, "unpack"]).args(packages).current_dir(work).output().unwrap();
    assert!(said.status.success(), "{packages:?}: {}", String::from_utf8_lossy(&said.stderr));
}

/// The directories of libraries: that of the architecture, and those in it.
fn libraries(folder: &Path) -> Vec<PathBuf> {
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let first = folders(folder);
    let second: Vec<_> = first.iter().flat_map(|folder| folders(folder)).collect();
    first.into_iter().chain(second).collect()
}
