//! The bridge of a program that speaks MCP on standard input and output: `mcp-proxy`, for here it listens on 127.0.0.1
//! alone and hands the program no shell. It comes with the official SDK of MCP.

use std::path::PathBuf;

use crate::dev::gateway::{Packages, installed};
use crate::dev::{DevHome, Error, Progress};

/// The versions that are run.
const REQUIREMENTS: [&str; 2] = ["mcp-proxy==0.13.0", "mcp==1.30.0"];

/// The directory of a Python environment with the bridge and the SDK of MCP, made when it is not there yet: `bin/python`
/// and `bin/mcp-proxy` are in it.
///
/// # Errors
/// Python or its `venv` is missing, or the packages cannot be fetched.
pub fn bridge(home: &DevHome, progress: &dyn Progress) -> Result<PathBuf, Error> {
    let requirements = REQUIREMENTS.map(str::to_owned).into();
    let cost = "some seconds, and 70 MB";
    installed(home, &Packages { what: "mcp-proxy", cost, prefix: "bridge-", requirements }, progress)
}

/// The words that serve a program at this port.
#[must_use]
pub fn bridged(environment: &std::path::Path, port: u16, program: &[String]) -> Vec<String> {
    let bridge = environment.join("bin").join("mcp-proxy").display().to_string();
    let port = port.to_string();
    let options = ["--host", "127.0.0.1", "--port", &port, "--pass-environment", "--"].map(str::to_owned);
    std::iter::once(bridge).chain(options).chain(program.iter().cloned()).collect()
}
