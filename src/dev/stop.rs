//! Ends the supervisor, and deletes what it kept.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::files::{self, Lock};
use super::{DevHome, Error, Event, Progress};

/// The database closes its files in well under a second.
const GENTLE: Duration = Duration::from_secs(10);
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
    if ran {
        let process = holder(home, &lock)?;
        send(process, Signal::TERM);
        if !is_free_within(&lock, GENTLE)? {
            send(process, Signal::KILL);
            if !is_free_within(&lock, FORCED)? {
                return Err(Error::Stop { process });
            }
        }
    }
    // A supervisor that was killed could not remove it.
    files::remove(&home.state())?;
    Ok(ran)
}

/// The process that holds the lock, as it wrote into it. It writes just after it has taken the lock.
fn holder(home: &DevHome, lock: &Path) -> Result<u32, Error> {
    let deadline = Instant::now() + Duration::from_secs(1);
    loop {
        let process = files::read(lock)?.and_then(|text| text.trim().parse().ok());
        if let Some(process) = process.filter(|process| is_supervisor(home, *process)) {
            return Ok(process);
        }
        if Instant::now() > deadline {
            return Err(Error::Stranger { lock: lock.to_owned() });
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Whether the process runs with our data directory. Guards against a number that was given out again
/// in the moment between taking the lock and writing into it. Where there is no `/proc` it is believed.
fn is_supervisor(home: &DevHome, process: u32) -> bool {
    if !Path::new("/proc/self/cmdline").exists() {
        return true;
    }
    let arguments = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let data = home.data().as_os_str().as_encoded_bytes();
    arguments.split(|byte| *byte == 0).any(|argument| argument == data)
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
    fn a_lock_held_by_another_program_is_not_killed() {
        let root = tempfile::tempdir().unwrap();
        let home = DevHome::at(root.path());
        let _held = Lock::take(&home.supervisor_lock(), || {}).unwrap();
        fs::write(home.supervisor_lock(), std::process::id().to_string()).unwrap();
        assert!(matches!(stop(&home, &Silent), Err(Error::Stranger { .. })));
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
