//! The control plane of a run, and the program that is measured.

use std::path::{Path, PathBuf};

use langop::dev::{self, DevHome, Event, Lifetime, Wish};

/// A control plane that ends with this process.
pub struct Plane {
    /// The administrator's.
    pub kubeconfig: PathBuf,
    /// Where descriptions are written.
    pub dir: tempfile::TempDir,
}

impl Plane {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = DevHome::from_env().unwrap().with_data(dir.path().join("plane"));
        let wish = Wish { nodes: None, lifetime: Lifetime::With(std::process::id()) };
        let tell = |event: Event<'_>| {
            if let Event::Fetching { modules: 0, .. } = event {
                eprintln!("building the local control plane, once");
            }
        };
        let kubeconfig = dev::up(&home, &wish, &tell).unwrap();
        Self { kubeconfig, dir }
    }
}

/// The words of a command of langop.
pub fn langop<'a>(kubeconfig: &'a Path, words: &[&'a str]) -> Vec<&'a str> {
    let mut command = vec![env!("CARGO_BIN_EXE_langop")];
    command.extend(words);
    command.extend(["--kubeconfig", kubeconfig.to_str().unwrap()]);
    command
}
