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
        /// How many so far.
        modules: usize,
        /// The one that it began with last: `k8s.io/api v0.36.3`.
        latest: &'a str,
    },
    /// Go compiles. Packages that are in its cache are not told one by one.
    Compiling {
        /// How many so far.
        done: usize,
        /// How many there are, cached ones included.
        total: usize,
        /// The one that was compiled last; empty at the beginning.
        package: &'a str,
    },
    /// Everything is compiled; the program is put together.
    Linking,
    /// The program is in the cache now.
    Built,
    /// What runs, or what ran, cannot be used.
    Replacing {
        /// Why not.
        because: &'a str,
    },
    /// The Python packages of the gateway are installed.
    GatewayInstalling {
        /// The one that is fetched: `fastapi>=0.120`; empty at the beginning.
        package: &'a str,
    },
    /// They are in the cache now.
    GatewayInstalled,
    /// The parts are started.
    Starting,
    /// It can be used.
    Ready {
        /// The administrator's kubeconfig.
        kubeconfig: &'a Path,
    },
}

/// Whom to tell.
pub trait Progress: Sync {
    /// Called in the order of events, on the thread that called the function of [`crate::dev`].
    fn tell(&self, event: Event<'_>);
}

/// Tells nobody.
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
