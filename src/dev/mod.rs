//! The local control plane: a real API server, its controllers and simulated nodes, for `--dev` and tests.
//!
//! Its Go sources, `go/` beside this file, travel inside this program. They are built once per version into
//! the user's cache; the program that comes out supervises itself, see `go/run.go`. This module decides when
//! to build, whether what runs can be used, and when to replace it. It prints nothing: what happens goes to
//! a [`Progress`]. It must not know any other module.
//!
//! Two files in the data directory say what runs: the lock `supervisor.lock`, held as long as the supervisor
//! lives, and `state.json`, there as long as everything is ready to use. Process ids alone prove nothing, since
//! the kernel gives them out again; nor does a `state.json` that was written in another directory, which is what
//! a copied or moved one has.
//!
//! [`gateway`] is a part of its own: it runs `LiteLLM` here, without any control plane; [`agent`] runs an agent beside
//! it.

pub mod agent;
mod build;
mod error;
mod files;
pub mod gateway;
mod go;
mod home;
mod kubectl;
mod progress;
mod readyz;
mod sources;
mod start;
mod state;
mod status;
mod stop;
mod verdict;
mod versions;

use std::path::PathBuf;

pub use build::program;
pub use error::Error;
pub use home::DevHome;
pub use kubectl::kubectl;
pub use progress::{Event, Progress, Silent};
pub use start::{Lifetime, Wish, up};
pub use state::{End, State};
pub use status::{Status, status};
pub use stop::{reset, stop};

/// Makes sure that a usable control plane runs, and says where its kubeconfig is.
///
/// # Errors
/// See [`Error`].
pub fn ensure(home: &DevHome, progress: &dyn Progress) -> Result<PathBuf, Error> {
    up(home, &Wish::default(), progress)
}
