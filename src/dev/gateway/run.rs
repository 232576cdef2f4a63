//! Runs a gateway, and sees to it that it ends with the one who wanted it.

use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::ExposeSecret as _;

use super::environment::{environment, interpreter};
use super::here::Here;
use super::wish::GatewayWish;
use crate::dev::{DevHome, Error, Progress, files};

/// The longest time that it may take to become ready: fifty seconds were seen on a tenth of a CPU.
const PATIENCE: Duration = Duration::from_mins(2);
/// Pause between two questions whether it is ready.
const PAUSE: Duration = Duration::from_millis(100);

/// The default port, which is the one that it has in its pod.
const PORT: u16 = 4000;

/// Variables of the caller that are needed to run here at all: the programs, and the way out.
pub(in crate::dev) const INHERITED: [&str; 11] = [
    "PATH",
    "LANG",
    "TZ",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
];

/// A gateway that runs. It ends with this value, and with this process.
pub struct Gateway {
    child: Child,
    port: u16,
    _files: Here,
}

/// Starts a gateway. Returns before it is ready.
///
/// # Errors
/// It cannot be installed, written or started, or the port is taken.
pub fn start(home: &DevHome, wish: &GatewayWish, progress: &dyn Progress) -> Result<Gateway, Error> {
    let environment = environment(home, progress)?;
    let port = choose(wish.port)?;
    let here = Here::write(home, &wish.directories)?;
    let program = interpreter(&environment);
    let mut command = Command::new(&program);
    command.arg(here.launcher()).arg(here.root()).args(wish.arguments.iter().map(|text| here.moved(text)));
    // The last one counts.
    command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
    set_variables(&mut command, wish, &here);
    let [out, err] = logs(wish.log.as_deref())?;
    // A pipe that breaks with this process, see `launch.py`. A group of its own: Ctrl-C reaches it once,
    // through langop.
    command.current_dir(here.scratch()).stdin(Stdio::piped()).stdout(out).stderr(err).process_group(0);
    let child = command.spawn().map_err(|cause| Error::file("run", &program, cause))?;
    Ok(Gateway { child, port, _files: here })
}

/// Where both outputs go: our own standard output is for results.
fn logs(file: Option<&Path>) -> Result<[Stdio; 2], Error> {
    let Some(path) = file else {
        let stderr = || io::stderr().as_fd().try_clone_to_owned().map_or_else(|_| Stdio::null(), Stdio::from);
        return Ok([stderr(), stderr()]);
    };
    Ok([files::open(path)?.into(), files::open(path)?.into()])
}

/// The pod's variables, moved to here, and nothing else of the user's: a vendor's key in the environment would
/// be sent to any endpoint whose own key is missing.
fn set_variables(command: &mut Command, wish: &GatewayWish, here: &Here) {
    command.env_clear();
    command.envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    for (name, value) in &wish.variables {
        let bytes = value.expose_secret();
        let value = std::str::from_utf8(bytes).map(|text| here.moved(text).into());
        command.env(name, value.unwrap_or_else(|_| OsString::from_vec(bytes.clone())));
    }
    // What is a private directory in the pod is one here.
    command.env("HOME", here.scratch()).env("TMPDIR", here.scratch());
    // Its metrics are not for the network, either.
    command.env("LANGOP_METRICS_HOST", "127.0.0.1");
}

impl Gateway {
    /// The address that it listens on: `http://127.0.0.1:4000`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its exit status; nothing while it runs.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until it is ready, and gives up when `go_on` says no. Whether it is ready.
    ///
    /// # Errors
    /// It ended, or was not ready in time.
    pub fn wait_ready(&mut self, go_on: impl Fn() -> bool) -> Result<bool, Error> {
        let begun = Instant::now();
        while go_on() {
            if let Some(status) = self.ended() {
                return Err(Error::GatewayEnded { status: status.to_string() });
            }
            if is_ready(self.port).unwrap_or(false) {
                return Ok(true);
            }
            if begun.elapsed() > PATIENCE {
                return Err(Error::GatewaySlow { within: PATIENCE });
            }
            std::thread::sleep(PAUSE);
        }
        Ok(false)
    }

    /// Asks it to end, and waits until the calls that run are done or `go_on` says no.
    pub fn finish(mut self, go_on: impl Fn() -> bool) {
        self.send(Signal::TERM);
        while self.ended().is_none() && go_on() {
            std::thread::sleep(PAUSE);
        }
    }

    fn send(&self, signal: Signal) {
        // A group that is gone already is what is wanted.
        let _ = kill_process_group(Pid::from_child(&self.child), signal);
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // What it started may be there after it; the group's number is not given out again before that ends.
        self.send(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// The port, when nobody listens on it.
fn choose(wished: Option<u16>) -> Result<u16, Error> {
    if let Some(port) = wished {
        return free(port).map_err(|cause| Error::Port { port, cause });
    }
    free(PORT).or_else(|_| free(0)).map_err(|cause| Error::Port { port: 0, cause })
}

/// Port 0 is one that the kernel chooses.
fn free(port: u16) -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, port))?.local_addr()?.port())
}

fn is_ready(port: u16) -> io::Result<bool> {
    let within = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), within)?;
    stream.set_read_timeout(Some(within))?;
    stream.write_all(b"GET /health/readiness HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(status.ends_with(b" 200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_an_error_only_when_it_was_asked_for() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(matches!(choose(Some(port)), Err(Error::Port { port: named, .. }) if named == port));
        assert!(choose(None).is_ok());
    }
}
