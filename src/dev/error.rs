//! Why there is no local control plane, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::versions::GO;

/// What can go wrong with the local control plane.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The environment names no directory where anything could be kept.
    #[error("nowhere to keep the local control plane: neither `LANGOP_DEV_HOME`, `XDG_CACHE_HOME` nor `HOME` is set")]
    NoHome,
    /// A file operation failed.
    #[error("cannot {verb} `{}`", path.display())]
    File {
        /// The operation, as a verb: `write`.
        verb: &'static str,
        /// The file or directory that it was tried on.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// There is no `go` on the `PATH`.
    #[error("the local control plane is compiled on first use, and there is no `go` on the PATH")]
    NoGo,
    /// `go` is there and does not run; with what it says.
    #[error("`go` does not run: {0}")]
    BrokenGo(String),
    /// Go is too old and may not replace itself.
    #[error("the local control plane needs Go {}.{} or newer; `go` on the PATH is {found}", GO.0, GO.1)]
    OldGo {
        /// The version, as Go names it.
        found: String,
    },
    /// Go could not fetch the modules.
    #[error("cannot fetch the Go modules of the local control plane:\n{output}")]
    Fetch {
        /// The last lines of Go's output.
        output: String,
    },
    /// The modules are there and do not compile.
    #[error("cannot compile the local control plane:\n{output}")]
    Compile {
        /// The last lines of Go's output.
        output: String,
        /// The directory of the sources.
        sources: PathBuf,
    },
    /// A part ended before all were ready.
    #[error("the local control plane did not start: {reason}")]
    Start {
        /// The last thing that the supervisor said.
        reason: String,
        /// The log of the supervisor.
        log: PathBuf,
    },
    /// The parts run and do not become ready.
    #[error("the local control plane was not ready within {} s", within.as_secs())]
    Slow {
        /// How long it was waited for.
        within: Duration,
        /// The log of the supervisor.
        log: PathBuf,
    },
    /// The supervisor does not end.
    #[error("the local control plane does not stop: process {process} ignores SIGKILL")]
    Stop {
        /// Process id of the supervisor.
        process: u32,
    },
    /// The process that holds the supervisor's lock is not the supervisor of this directory: another program, or
    /// the supervisor of a directory whose files are linked into this one.
    #[error("`{}` is locked, but not by a supervisor of this directory", lock.display())]
    Stranger {
        /// The file that is locked.
        lock: PathBuf,
    },
    /// No control plane runs, and the operation needs one.
    #[error("no local control plane runs")]
    NotRunning,
    /// There is no `python3` on the `PATH`.
    #[error("the gateway is a Python program, and there is no `python3` on the PATH")]
    NoPython,
    /// Python is there, and `LiteLLM` does not run on it.
    #[error("the gateway needs Python 3.10 to 3.14; `{name}` on the PATH is {version}")]
    UnfitPython {
        /// Name of the command: `python3.12`.
        name: &'static str,
        /// The version that it says of itself.
        version: String,
    },
    /// Python is there without the modules that make an environment.
    #[error("`{name}` on the PATH cannot make an environment: it has no {lacking}")]
    IncompletePython {
        /// Name of the command: `python3.12`.
        name: &'static str,
        /// The modules that it lacks.
        lacking: String,
    },
    /// `python -m venv` failed.
    #[error("cannot make a Python environment:\n{output}")]
    Venv {
        /// The last lines of its output.
        output: String,
    },
    /// `pip` could not install the packages.
    #[error("cannot install {what}:\n{output}")]
    Pip {
        /// What they are for.
        what: &'static str,
        /// The last lines of pip's output.
        output: String,
    },
    /// The port cannot be listened on.
    #[error("cannot listen on port {port} of 127.0.0.1")]
    Port {
        /// The port that was asked for; 0 for any.
        port: u16,
        /// The error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// The gateway ended by itself.
    #[error("the gateway ended ({status})")]
    GatewayEnded {
        /// Its exit status or signal, in words.
        status: String,
    },
    /// The gateway does not become ready.
    #[error("the gateway was not ready within {} s", within.as_secs())]
    GatewaySlow {
        /// How long it was waited for.
        within: Duration,
    },
    /// A command of an agent or a tool does not start.
    #[error("cannot run {name}")]
    Program {
        /// What it is called.
        name: String,
        /// The error of the operating system.
        #[source]
        cause: io::Error,
    },
    /// A command of an agent or a tool ended.
    #[error("{name} ended with {status}")]
    ProgramEnded {
        /// What it is called.
        name: String,
        /// Its exit status or signal, in words.
        status: String,
    },
    /// A tool does not listen on its port.
    #[error("{name} did not listen on port {port} of 127.0.0.1 within {} s", within.as_secs())]
    ProgramSilent {
        /// What it is called.
        name: String,
        /// The port that it was told.
        port: u16,
        /// How long it was waited for.
        within: Duration,
    },
    /// The number of nodes could not be changed; with the reason.
    #[error("cannot change the number of nodes: {0}")]
    Nodes(String),
}

impl Error {
    pub(super) fn file(verb: &'static str, path: &Path, cause: io::Error) -> Self {
        Self::File { verb, path: path.to_owned(), cause }
    }

    /// Its stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoHome => "dev-no-home",
            Self::File { .. } => "dev-file",
            Self::NoGo => "dev-no-go",
            Self::BrokenGo(_) => "dev-broken-go",
            Self::OldGo { .. } => "dev-old-go",
            Self::Fetch { .. } => "dev-fetch",
            Self::Compile { .. } => "dev-compile",
            Self::Start { .. } => "dev-start",
            Self::Slow { .. } => "dev-slow",
            Self::Stop { .. } => "dev-stop",
            Self::Stranger { .. } => "dev-stranger",
            Self::NotRunning => "dev-not-running",
            Self::NoPython => "dev-no-python",
            Self::UnfitPython { .. } => "dev-unfit-python",
            Self::IncompletePython { .. } => "dev-incomplete-python",
            Self::Venv { .. } => "dev-venv",
            Self::Pip { .. } => "dev-pip",
            Self::Port { .. } => "dev-port",
            Self::GatewayEnded { .. } => "dev-gateway-ended",
            Self::GatewaySlow { .. } => "dev-gateway-slow",
            Self::Program { .. } => "dev-program",
            Self::ProgramEnded { .. } => "dev-program-ended",
            Self::ProgramSilent { .. } => "dev-program-silent",
            Self::Nodes(_) => "dev-nodes",
        }
    }

    /// The next step for a user, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let go = format!("{}.{}", GO.0, GO.1);
        Some(match self {
            Self::NoHome => "set `LANGOP_DEV_HOME` to a directory of your own".to_owned(),
            Self::File { .. } => "`LANGOP_DEV_HOME` names another directory to use".to_owned(),
            Self::NoGo | Self::BrokenGo(_) => {
                format!("install Go {go} or newer (https://go.dev/doc/install), or use a cluster that you have: `--kubeconfig FILE`")
            }
            Self::OldGo { .. } => {
                format!("install Go {go} or newer (https://go.dev/doc/install), or let it fetch one: `go env -w GOTOOLCHAIN=auto`")
            }
            Self::Fetch { .. } => {
                "check the network, or set `GOPROXY` to a module proxy that can be reached; then try again, what was fetched is kept".to_owned()
            }
            Self::Compile { sources, .. } => {
                format!("check the free space of the disk and try again; to see all of it: `cd {} && go build`", sources.display())
            }
            Self::Start { log, .. } | Self::Slow { log, .. } => {
                format!("read `{}` and the logs beside it; `langop dev reset` starts from empty data", log.display())
            }
            Self::Stop { process } => format!("`kill -9 {process}`, then `langop dev up`"),
            Self::Stranger { lock } => format!("`fuser -v {}` shows who holds it", lock.display()),
            Self::NoPython | Self::UnfitPython { .. } => {
                "install Python 3.10 to 3.14 (https://www.python.org/downloads), so that `python3` is it".to_owned()
            }
            Self::IncompletePython { .. } | Self::Venv { .. } => {
                "install Python's `venv` and `pip` (Debian, Ubuntu: `apt install python3-venv`)".to_owned()
            }
            Self::Pip { .. } => {
                "check the network, or set `PIP_INDEX_URL` to a package index that can be reached; then try again, what was fetched is kept".to_owned()
            }
            Self::Port { .. } => "name another with `--port`, or leave it out for one that is free".to_owned(),
            Self::GatewayEnded { .. } | Self::GatewaySlow { .. } => "its log is above".to_owned(),
            Self::Program { .. } => "it is run by `sh`; is that on the PATH?".to_owned(),
            Self::ProgramEnded { .. } => "what it said is above".to_owned(),
            Self::ProgramSilent { .. } => "its port is in the variable `PORT`; what it said is above".to_owned(),
            Self::NotRunning => "`langop dev up` starts one".to_owned(),
            Self::Nodes(_) => "`langop dev reset`, then `langop dev up --nodes N`".to_owned(),
        })
    }
}
