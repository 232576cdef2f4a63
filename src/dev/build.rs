//! Makes the program from its sources, once per version of the sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::files::{self, Lock};
use super::{DevHome, Error, Event, Progress, go, sources};

/// The module's own package, the last one to be compiled.
const MAIN: &str = "langop.io/dev";

/// How long the programs of other versions are kept.
const KEPT: Duration = Duration::from_hours(14 * 24);

/// The program, built when it is not there yet. Takes minutes then, and about 1.5 GB of Go's caches.
///
/// # Errors
/// Go is missing or too old, its modules cannot be fetched, or the disk is full.
pub fn program(home: &DevHome, progress: &dyn Progress) -> Result<PathBuf, Error> {
    let program = home.program();
    if program.is_file() {
        return Ok(program);
    }
    go::check()?;
    let _lock = Lock::take(&home.build_lock(), || progress.tell(Event::Waiting))?;
    // The one who was waited for may have built it.
    if !program.is_file() {
        build(home, &program, progress)?;
        forget_others(home);
    }
    Ok(program)
}

fn build(home: &DevHome, program: &Path, progress: &dyn Progress) -> Result<(), Error> {
    let module = home.build().join("go");
    files::make_private(&module)?;
    sources::write_to(&module)?;
    let total = fetch(&module, progress)?;
    let unfinished = program.with_extension("unfinished");
    compile(&module, &unfinished, total, progress)?;
    files::close_to_others(&unfinished)?;
    fs::rename(&unfinished, program).map_err(|cause| Error::file("write", program, cause))?;
    progress.tell(Event::Built);
    Ok(())
}

/// Fetches the modules of all packages that are needed, and counts these packages. A step of its own,
/// so that a registry that cannot be reached is not mistaken for a program that does not compile.
fn fetch(module: &Path, progress: &dyn Progress) -> Result<usize, Error> {
    progress.tell(Event::Fetching { modules: 0, latest: "" });
    let mut modules = 0;
    let said = go::run(module, &["list", "-deps", "."], |line| {
        if let Some(latest) = line.strip_prefix("go: downloading ") {
            modules += 1;
            progress.tell(Event::Fetching { modules, latest });
        }
    })?;
    if said.success { Ok(said.lines) } else { Err(Error::Fetch { output: said.last }) }
}

fn compile(module: &Path, program: &Path, total: usize, progress: &dyn Progress) -> Result<(), Error> {
    progress.tell(Event::Compiling { done: 0, total, package: "" });
    let mut done = 0;
    let flags = sources::linker_flags();
    let output = program.to_string_lossy();
    let arguments = ["build", "-v", "-trimpath", "-ldflags", &flags, "-o", &output, "."];
    let said = go::run(module, &arguments, |line| {
        done += 1;
        if line == MAIN {
            progress.tell(Event::Linking);
        } else {
            progress.tell(Event::Compiling { done, total, package: line });
        }
    })?;
    if said.success { Ok(()) } else { Err(Error::Compile { output: said.last, sources: module.to_owned() }) }
}

/// Drops the programs of versions that were not used for two weeks: each takes much of the disk.
/// What cannot be dropped does no harm.
fn forget_others(home: &DevHome) {
    let is_hash = |name: &str| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Ok(entries) = fs::read_dir(home.root()) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let age = entry.metadata().and_then(|found| found.modified()).ok().and_then(|time| time.elapsed().ok());
        if is_hash(&name.to_string_lossy()) && entry.path() != home.build() && age > Some(KEPT) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;
    use crate::dev::Silent;

    #[test]
    fn what_is_built_is_not_built_again() {
        let root = tempfile::tempdir().unwrap();
        let home = DevHome::at(root.path());
        fs::create_dir_all(home.build()).unwrap();
        fs::write(home.program(), "").unwrap();
        assert_eq!(program(&home, &Silent).unwrap(), home.program());
    }

    #[test]
    fn only_old_builds_are_forgotten() {
        let root = tempfile::tempdir().unwrap();
        let home = DevHome::at(root.path());
        let (old, new, other) = ("a".repeat(64), "b".repeat(64), "cluster");
        for name in [&old, &new, other] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        for name in [&old, other] {
            let long_ago = SystemTime::now() - KEPT - Duration::from_hours(1);
            File::open(root.path().join(name)).unwrap().set_modified(long_ago).unwrap();
        }
        forget_others(&home);
        assert!(!root.path().join(&old).exists());
        assert!(root.path().join(&new).exists() && root.path().join(other).exists());
    }
}
