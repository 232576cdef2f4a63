//! Who holds a lock: enough for a human to find the run, and for this machine to know that it has ended.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A run of langop. What a newer langop adds to it is ignored: a lock must be readable by all versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Holder {
    /// No other run has it.
    pub run: Uuid,
    /// Host name.
    pub host: String,
    /// Process.
    pub pid: u32,
    /// When it took or asked for the lock, by its own clock.
    pub since: Timestamp,
    /// The CI run it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Boot and pid namespace that give `pid` its meaning; Linux only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// What makes a process number unique on Linux.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// `/proc/sys/kernel/random/boot_id`.
    pub boot: String,
    /// `/proc/self/ns/pid`.
    pub pid_namespace: String,
    /// Start of the process in clock ticks since boot; numbers are used again.
    pub started: u64,
}

impl Holder {
    /// This process, as a run of its own. `url` is the CI run's, if there is one: [`ci_run_url`].
    #[must_use]
    pub fn this_process(url: Option<String>) -> Self {
        let pid = std::process::id();
        let proc = Processes::here();
        Self { run: Uuid::new_v4(), host: host_name(), pid, since: Timestamp::now(), url, place: proc.place_of(pid) }
    }

    /// Whether the process is known to have ended: it ran here, since this boot, among the processes that
    /// are visible here, and is not among them any more. False when that cannot be told.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        Processes::here().has_ended(self)
    }
}

/// "`ci-7`, process 4711, since 2026-01-01T00:00:00Z (https://…)".
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, process {}, since {:.0}", self.host, self.pid, self.since)?;
        match &self.url {
            Some(url) => write!(f, " ({url})"),
            None => Ok(()),
        }
    }
}

/// The page of the CI run that this is part of, from the environment of GitHub Actions, GitLab CI or Jenkins.
#[must_use]
pub fn ci_run_url(environment: impl Fn(&str) -> Option<String>) -> Option<String> {
    let github = || {
        let (server, repository) = (environment("GITHUB_SERVER_URL")?, environment("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", environment("GITHUB_RUN_ID")?))
    };
    github().or_else(|| environment("CI_JOB_URL")).or_else(|| environment("BUILD_URL"))
}

/// What `/proc` says.
struct Processes {
    root: PathBuf,
}

impl Processes {
    fn here() -> Self {
        Self { root: PathBuf::from("/proc") }
    }

    fn has_ended(&self, holder: &Holder) -> bool {
        let (Some(then), Some(now)) = (&holder.place, self.place_of(std::process::id())) else { return false };
        let same = then.boot == now.boot && then.pid_namespace == now.pid_namespace;
        // With hidepid, processes of other users look as if they were not there; so does the first one.
        let all_visible = self.root.join("1").exists();
        let alive = self.started(holder.pid).is_some_and(|started| started == then.started);
        same && all_visible && !alive
    }

    fn place_of(&self, pid: u32) -> Option<Place> {
        let boot = std::fs::read_to_string(self.root.join("sys/kernel/random/boot_id")).ok()?;
        let pid_namespace = std::fs::read_link(self.root.join("self/ns/pid")).ok()?;
        Some(Place {
            boot: boot.trim().to_owned(),
            pid_namespace: pid_namespace.display().to_string(),
            started: self.started(pid)?,
        })
    }

    /// When a process started; none when there is none, or only what its parent has not collected yet.
    fn started(&self, pid: u32) -> Option<u64> {
        started(&std::fs::read_to_string(self.root.join(pid.to_string()).join("stat")).ok()?)
    }
}

/// Fields 3 and 22 of `proc_pid_stat(5)`, counted from the parenthesis that closes the name, because the
/// name may hold anything.
fn started(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let gone = matches!(state, "Z" | "X" | "x");
    if gone { None } else { fields.nth(18)?.parse().ok() }
}

fn host_name() -> String {
    let read = |file: &str| std::fs::read_to_string(Path::new(file)).ok();
    let written = read("/proc/sys/kernel/hostname").or_else(|| std::env::var("HOSTNAME").ok());
    let name = written.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    name.unwrap_or_else(|| "unknown host".to_owned())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_running_process_has_not_ended() {
        assert!(!Holder::this_process(None).has_ended());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_killed_process_has_ended_whether_or_not_its_parent_noticed() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let of_child = Processes::here().place_of(child.id());
        let holder = Holder { pid: child.id(), place: of_child, ..Holder::this_process(None) };
        assert!(!holder.has_ended());
        child.kill().unwrap();
        let begun = std::time::Instant::now();
        while !holder.has_ended() {
            assert!(begun.elapsed().as_secs() < 10);
        }
        child.wait().unwrap();
        assert!(holder.has_ended());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn another_process_of_the_same_number_is_another_process() {
        let mut holder = Holder::this_process(None);
        holder.place.as_mut().unwrap().started += 1;
        assert!(holder.has_ended());
    }

    #[test]
    fn elsewhere_nobody_can_tell() {
        for change in [|place: &mut Place| place.boot.push('x'), |place: &mut Place| place.pid_namespace.push('x')] {
            let mut holder = Holder::this_process(None);
            holder.pid = u32::MAX;
            if let Some(place) = &mut holder.place {
                change(place);
            }
            assert!(!holder.has_ended());
        }
        let holder = Holder { place: None, pid: u32::MAX, ..Holder::this_process(None) };
        assert!(!holder.has_ended());
    }

    #[test]
    fn names_of_processes_may_hold_anything() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
        assert_eq!(started(&format!("7 (a) b (c) {rest}")), Some(4711));
        assert_eq!(started(&format!("7 (a) {}", rest.replacen('S', "Z", 1))), None);
        assert_eq!(started("nonsense"), None);
    }

    #[test]
    fn the_ci_run_is_found() {
        let url = |set: &[(&str, &str)]| {
            ci_run_url(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        };
        let github =
            [("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_REPOSITORY", "o/r"), ("GITHUB_RUN_ID", "7")];
        assert_eq!(url(&github).unwrap(), "https://github.com/o/r/actions/runs/7");
        assert_eq!(url(&[("CI_JOB_URL", "https://gitlab/1")]).unwrap(), "https://gitlab/1");
        assert_eq!(url(&[("BUILD_URL", "https://jenkins/1")]).unwrap(), "https://jenkins/1");
        assert_eq!(url(&[]), None);
    }
}
