//! The `kubectl` inside the control plane's program, pointed at the control plane.

use std::process::Command;

use super::state::Recorded;
use super::{DevHome, Error, files};

/// A command that runs `kubectl` as the administrator of what runs; the caller adds the arguments.
///
/// # Errors
/// [`Error::NotRunning`] when nothing does.
pub fn kubectl(home: &DevHome) -> Result<Command, Error> {
    let runs = files::is_locked(&home.supervisor_lock())?;
    let state = Recorded::read(home)?.here().filter(|_| runs).ok_or(Error::NotRunning)?;
    // That of the program that runs, which may be older than this one.
    let mut command = Command::new(home.program_of(&state.sources));
    command.arg("kubectl").env("KUBECONFIG", &state.kubeconfig);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_control_plane_there_is_nothing_to_talk_to() {
        let root = tempfile::tempdir().unwrap();
        assert!(matches!(kubectl(&DevHome::at(root.path())), Err(Error::NotRunning)));
    }
}
