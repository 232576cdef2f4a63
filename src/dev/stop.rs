//! Ends the supervisor, and deletes what it kept.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::files::{self, Lock};
use super::{DevHome, Error, Event, Progress};

/// Time to end after SIGTERM: the database closes its files in well under a second.
const GENTLE: Duration = Duration::from_secs(10);
/// Time to end after SIGKILL.
const FORCED: Duration = Duration::from_secs(5);

/// Stops what runs; its data stays. Says whether anything ran.
///
/// # Errors
/// The supervisor does not end.
pub fn stop(home: &DevHome, progress: &dyn Progress) -> Result<bool, Error> {
    let _lock = Lock::take(&home.use_lock(), || progress.tell(Event::Waiting))?;
    end(home)
}

/// Stops what runs and deletes its data. The built program stays.
///
/// # Errors
/// The supervisor does not end, or a file cannot be removed.
pub fn reset(home: &DevHome, progress: &dyn Progress) -> Result<(), Error> {
    let _lock = Lock::take(&home.use_lock(), || progress.tell(Event::Waiting))?;
    end(home)?;
    let data = home.data();
    for entry in fs::read_dir(data).map_err(|cause| Error::file("read", data, cause))? {
        let path = entry.map_err(|cause| Error::file("read", data, cause))?.path();
        // The lock that is held stays, or the next one would lock another file.
        if path != home.use_lock() {
            files::remove(&path)?;
        }
    }
    Ok(())
}

/// Ends the supervisor, and with it all parts. The caller holds the lock of the data directory.
pub(super) fn end(home: &DevHome) -> Result<bool, Error> {
    let lock = home.supervisor_lock();
    let ran = files::is_locked(&lock)?;
    if let Some(Supervisor { process, place }) = holder(home, &lock)? {
        // At its end it writes into the directory that it was started with; after a move, that may be the
        // directory of another control plane. So it gets no chance to.
        let ended = place == Place::Here && ends(process, Signal::TERM, &lock, GENTLE)?;
        if !ended && !ends(process, Signal::KILL, &lock, FORCED)? {
            return Err(Error::Stop { process });
        }
    }
    // A supervisor that was killed could not remove it.
    files::remove(&home.state())?;
    Ok(ran)
}

/// The process that holds the lock.
struct Supervisor {
    process: u32,
    place: Place,
}

/// Where a supervisor keeps its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In this directory.
    Here,
    /// In this directory, which had another name when the supervisor was started.
    Moved,
}

/// The process that holds the lock, as it wrote into it; none when nobody does. It writes just after it has taken the lock,
/// and at its end holds it a moment longer than it can be recognized.
fn holder(home: &DevHome, lock: &Path) -> Result<Option<Supervisor>, Error> {
    let deadline = Instant::now() + Duration::from_secs(1);
    while files::is_locked(lock)? {
        let process: Option<u32> = files::read(lock)?.and_then(|text| text.trim().parse().ok());
        let found = process.and_then(|process| Some(Supervisor { process, place: place(home, process)? }));
        if found.is_some() {
            return Ok(found);
        }
        if Instant::now() > deadline {
            return Err(Error::Stranger { lock: lock.to_owned() });
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(None)
}

/// Where the process keeps its data, if it is a supervisor of this directory. Guards against a number that was
/// given out again in the moment between taking the lock and writing into it, and against the lock of another
/// directory, linked into this one. Where there is no `/proc` the process is believed.
fn place(home: &DevHome, process: u32) -> Option<Place> {
    if !Path::new("/proc/self/cmdline").exists() {
        return Some(Place::Here);
    }
    let proc = PathBuf::from(format!("/proc/{process}"));
    let directory = directory(&fs::read(proc.join("cmdline")).unwrap_or_default())?;
    if files::is_same(&directory, home.data()) {
        return Some(Place::Here);
    }
    // The working directory goes along with a move.
    files::is_same(&proc.join("cwd"), home.data()).then_some(Place::Moved)
}

/// The data directory among the arguments of a supervisor, which are separated by zero bytes.
fn directory(arguments: &[u8]) -> Option<PathBuf> {
    let mut arguments = arguments.split(|byte| *byte == 0);
    arguments.find(|argument| *argument == b"--dir")?;
    arguments.next().map(|path| PathBuf::from(OsStr::from_bytes(path)))
}

/// Sends a signal. Whether the process gave up the lock in time.
fn ends(process: u32, signal: Signal, lock: &Path, patience: Duration) -> Result<bool, Error> {
    send(process, signal);
    is_free_within(lock, patience)
}

fn send(process: u32, signal: Signal) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    if let Some(process) = process {
        // One that is gone already is what is wanted; the lock tells.
        let _ = kill_process(process, signal);
    }
}

fn is_free_within(lock: &Path, patience: Duration) -> Result<bool, Error> {
    let deadline = Instant::now() + patience;
    while files::is_locked(lock)? {
        if Instant::now() > deadline {
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev::Silent;

    #[test]
    fn stopping_nothing_is_no_error_and_clears_the_state() {
        let root = tempfile::tempdir().unwrap();
        let home = DevHome::at(root.path());
        fs::create_dir_all(home.data()).unwrap();
        fs::write(home.state(), "{}").unwrap();
        assert!(!stop(&home, &Silent).unwrap());
        assert!(!home.state().exists());
    }

    #[test]
    fn who_is_just_ending_and_cannot_be_recognized_any_more_is_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let home = DevHome::at(root.path());
        let held = Lock::take(&home.supervisor_lock(), || {}).unwrap();
        let ending = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            drop(held);
        });
        assert!(stop(&home, &Silent).unwrap());
        ending.join().unwrap();
    }

    #[test]
    fn a_lock_held_by_another_program_is_not_killed() {
        let root = tempfile::tempdir().unwrap();
        let home = DevHome::at(root.path());
        let _held = Lock::take(&home.supervisor_lock(), || {}).unwrap();
        fs::write(home.supervisor_lock(), std::process::id().to_string()).unwrap();
        assert!(matches!(stop(&home, &Silent), Err(Error::Stranger { .. })));
    }

    /// A process that looks like the supervisor of `directory`, with another working directory if so wished.
    #[cfg(target_os = "linux")]
    fn supervisor(directory: &Path, working: &Path) -> std::process::Child {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "read -r _", "run", "--dir"]).arg(directory).current_dir(working);
        command.stdin(std::process::Stdio::piped()).spawn().unwrap()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_supervisor_is_known_under_every_name_of_its_directory_and_after_a_move() {
        let root = tempfile::tempdir().unwrap();
        let home = DevHome::at(root.path());
        let (link, other) = (root.path().join("link"), root.path().join("other"));
        fs::create_dir_all(home.data()).unwrap();
        fs::create_dir(&other).unwrap();
        std::os::unix::fs::symlink(home.data(), &link).unwrap();
        let gone = root.path().join("gone");
        let found = [(home.data(), home.data()), (&link, home.data()), (&gone, home.data()), (&other, &other)].map(
            |(directory, working)| {
                let mut process = supervisor(directory, working);
                // Until the child has become the shell, its arguments are those of this test.
                let begun = Instant::now();
                let ready = || directory_of(process.id()).is_some();
                while !ready() && begun.elapsed() < FORCED {
                    thread::sleep(Duration::from_millis(5));
                }
                let found = place(&home, process.id());
                process.kill().unwrap();
                process.wait().unwrap();
                found
            },
        );
        assert_eq!(found, [Some(Place::Here), Some(Place::Here), Some(Place::Moved), None]);
    }

    #[cfg(target_os = "linux")]
    fn directory_of(process: u32) -> Option<PathBuf> {
        directory(&fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default())
    }

    #[test]
    fn reset_leaves_nothing_but_its_lock() {
        let root = tempfile::tempdir().unwrap();
        let home = DevHome::at(root.path());
        fs::create_dir_all(home.data().join("etcd/member")).unwrap();
        fs::write(home.kubeconfig(), "").unwrap();
        reset(&home, &Silent).unwrap();
        let left: Vec<_> = fs::read_dir(home.data()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, [home.use_lock()]);
    }
}
