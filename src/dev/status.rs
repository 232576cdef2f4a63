//! What runs right now. Looks, and changes nothing.

use std::fs;

use super::verdict::{self, Verdict};
use super::{DevHome, End, Error, State, sources};

/// What is known about the local control plane.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Nothing runs.
    Stopped {
        /// How the last control plane ended, when that is known.
        last: Option<End>,
    },
    /// A control plane runs and can be used.
    Running {
        /// Its addresses, processes and version.
        state: State,
        /// Memory of all its processes in bytes, shared pages counted once; where the system tells.
        memory: Option<u64>,
    },
    /// A control plane runs, or was killed, and cannot be used; the next use replaces it.
    Broken {
        /// The reason, as a sentence about it.
        because: String,
    },
}

/// Asks the control plane how it is.
///
/// # Errors
/// A file of it cannot be read.
pub fn status(home: &DevHome) -> Result<Status, Error> {
    let facts = verdict::inspect(home)?;
    let (supervised, last) = (facts.supervised, facts.end.clone());
    Ok(match verdict::judge(facts, &sources::hash()) {
        Verdict::Use(state) => Status::Running { memory: memory(&state), state },
        Verdict::Replace(because) if supervised || last.is_none() => Status::Broken { because },
        Verdict::Replace(_) | Verdict::Start => Status::Stopped { last },
    })
}

fn memory(state: &State) -> Option<u64> {
    let processes = state.processes.values().chain([&state.supervisor]);
    processes.map(|process| proportional(&fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?)).sum()
}

/// The proportional set size: the program's own pages are shared by all parts.
fn proportional(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_as_the_kernel_writes_it() {
        let text = "55d8-7ffd ---p 00000000 00:00 0    [rollup]\nRss:   150444 kB\nPss:    38912 kB\nPss_Anon: 1 kB\n";
        assert_eq!(proportional(text), Some(38912 * 1024));
        assert_eq!(proportional(""), None);
    }

    #[test]
    fn an_empty_directory_is_a_stopped_control_plane() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(status(&DevHome::at(root.path())).unwrap(), Status::Stopped { last: None });
    }
}
