//! Looks now and then at what the object logs that has been waited for longest, for those who watch a terminal.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::in_flight::InFlight;
use super::locked;
use crate::cluster::Reader;
use crate::object::{ErrorKind, ObjectRef};
use crate::ops;

/// How often the log is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// For how long an object is waited for before its log matters: most are ready sooner.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many lines are shown.
const LINES: u32 = 3;

/// The looking; it ends with this.
pub(super) struct Tail(JoinHandle<()>);

impl Tail {
    pub(super) fn start(reader: Reader, in_flight: Arc<Mutex<InFlight>>) -> Self {
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK).await;
                let Some(object) = longest(&in_flight) else { continue };
                match ops::log_tail(&reader, &object, LINES).await {
                    Ok(lines) => locked(&in_flight).logs(object, lines),
                    // Who may not read logs is not asked for them again.
                    Err(error) if error.kind() == ErrorKind::Forbidden => return,
                    Err(_) => {}
                }
            }
        }))
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn longest(in_flight: &Mutex<InFlight>) -> Option<ObjectRef> {
    let run = locked(in_flight);
    let now = Instant::now();
    let waited = run.oldest_first().into_iter();
    let mut long = waited.filter(|(_, wait)| now.saturating_duration_since(wait.since) >= PATIENCE);
    long.find(|(object, _)| has_log(object)).map(|(object, _)| object.clone())
}

/// Whether it has pods by a selector of labels, or is one.
fn has_log(object: &ObjectRef) -> bool {
    match (&*object.group, &*object.kind) {
        ("apps", kind) => ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].contains(&kind),
        ("batch", kind) => kind == "Job",
        ("", kind) => kind == "Pod",
        _ => false,
    }
}
