//! What is told while a control plane is built and started. Decides nothing about how it is shown.

use std::path::Path;

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Another process builds or starts the same control plane; this one waits for it.
    Waiting,
    /// Go fetches the modules that are not in its cache yet.
    Fetching {
        /// Number of modules so far.
        modules: usize,
        /// The module that is being fetched: `k8s.io/api v0.36.3`; empty at the beginning.
        latest: &'a str,
    },
    /// Go compiles. Packages that are in its cache are not told one by one.
    Compiling {
        /// Number of packages that are compiled.
        done: usize,
        /// Number of all packages, cached ones included.
        total: usize,
        /// The package that was compiled last; empty at the beginning.
        package: &'a str,
    },
    /// All packages are compiled; Go links the program.
    Linking,
    /// The program is in the cache now.
    Built,
    /// What runs, or what ran, cannot be used.
    Replacing {
        /// The reason, as a sentence about it: `its supervisor was killed`.
        because: &'a str,
    },
    /// Python packages are being installed.
    Installing {
        /// What they are for: `LiteLLM`.
        what: &'a str,
        /// What that costs: `a minute, and 800 MB`.
        cost: &'a str,
        /// The package that is being fetched: `fastapi>=0.120`; empty at the beginning.
        package: &'a str,
    },
    /// Python packages are in the cache now.
    Installed {
        /// What they are for.
        what: &'a str,
    },
    /// The parts of the control plane are being started.
    Starting,
    /// The control plane can be used.
    Ready {
        /// The administrator's kubeconfig.
        kubeconfig: &'a Path,
    },
}

/// Receives the events of a build or a start.
pub trait Progress: Sync {
    /// Called in the order of events, on the thread that called the function of [`crate::dev`].
    fn tell(&self, event: Event<'_>);
}

/// Ignores all events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn tell(&self, _: Event<'_>) {}
}

impl<F: Fn(Event<'_>) + Sync> Progress for F {
    fn tell(&self, event: Event<'_>) {
        self(event);
    }
}
