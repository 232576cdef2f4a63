//! A real Redis on loopback: the machine's, or Debian's.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::bench::eventually;
use crate::debian;

/// Its password.
pub const PASSWORD: &str = "password-of-the-redis-of-a-test";

/// A Redis that runs. It ends with this value.
pub struct Redis {
    child: Child,
    pub port: u16,
    _directory: tempfile::TempDir,
}

impl Redis {
    pub fn start() -> Self {
        Self::at(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port())
    }

    /// On this port, so that one may come back.
    pub fn at(port: u16) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let settings = format!(
            "bind 127.0.0.1\nport {port}\nrequirepass {PASSWORD}\nsave \"\"\ndir {}\n",
            directory.path().display()
        );
        let file = directory.path().join("redis.conf");
        std::fs::write(&file, settings).unwrap();
        let mut command = program("redis-server");
        let child = command.arg(file).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        eventually("Redis listens", Duration::from_secs(20), || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
        });
        Self { child, port, _directory: directory }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program of Redis: the machine's, else that of Debian's packages.
pub fn program(name: &str) -> Command {
    let installed = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if installed.is_ok_and(|status| status.success()) {
        return Command::new(name);
    }
    debian::command("redis", &["redis-server"], &format!("usr/bin/{name}"))
}
