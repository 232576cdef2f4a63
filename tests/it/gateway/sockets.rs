//! Which connections a process has to places outside of this machine, seen from outside of the process: whatever
//! goes past the proxy that it was told of.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Between two looks. A connection that nobody answers stays for minutes.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks at a process for as long as this value lives.
pub struct Watch {
    seen: Arc<Mutex<BTreeSet<String>>>,
    over: Arc<AtomicBool>,
}

impl Watch {
    pub fn start(process: u32) -> Self {
        let watch = Self { seen: Arc::default(), over: Arc::default() };
        let (seen, over) = (watch.seen.clone(), watch.over.clone());
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                seen.lock().unwrap().extend(foreign(process));
                thread::sleep(PAUSE);
            }
        });
        watch
    }

    /// The far ends, in the kernel's notation.
    pub fn seen(&self) -> BTreeSet<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

fn foreign(process: u32) -> BTreeSet<String> {
    let own = sockets(process);
    let tables = ["tcp", "tcp6", "udp", "udp6"].map(|kind| format!("/proc/{process}/net/{kind}"));
    let tables = tables.map(|path| fs::read_to_string(path).unwrap_or_default());
    let lines = tables.iter().flat_map(|table| table.lines().skip(1));
    let fields = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
    let far = fields.filter(|fields| fields.len() > 9 && own.contains(fields[9])).map(|fields| fields[2].to_owned());
    far.filter(|far| !is_here(far)).collect()
}

/// The numbers of the sockets that a process holds.
fn sockets(process: u32) -> BTreeSet<String> {
    let Ok(files) = fs::read_dir(format!("/proc/{process}/fd")) else { return BTreeSet::new() };
    let targets = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    let numbers =
        targets.filter_map(|to| Some(to.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()));
    numbers.collect()
}

/// Whether an address is of this machine, or of nobody yet. The kernel writes the words of an address as numbers
/// of the machine: 127.0.0.1 is `0100007F`.
fn is_here(far: &str) -> bool {
    let address = far.split(':').next().unwrap_or_default();
    let nobody = address.chars().all(|digit| digit == '0');
    let loopback = address.len() == 8 && address.ends_with("7F");
    let mapped = address.starts_with("0000000000000000FFFF0000") && address.ends_with("7F");
    nobody || loopback || mapped || address == "00000000000000000000000001000000"
}

#[test]
fn loopback_is_here_and_the_world_is_not() {
    let here = ["0100007F:1F90", "00000000:0000", "00000000000000000000000001000000:0050"];
    assert!(here.iter().all(|far| is_here(far)));
    assert!(!is_here("08080808:0035") && !is_here("FEA9FEA9:0050"));
}
