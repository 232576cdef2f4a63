//! A real Redis on loopback: the machine's, or Debian's.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::process::Gateway;
use super::rendered::{Rendered, secret_value};
use crate::bench::{Bench, eventually};
use crate::debian;

/// Its password.
pub const PASSWORD: &str = "password-of-the-redis-of-a-test";

/// A gateway of the one cluster `c` of a description that counts in this Redis, whose port is written there as `PORT`. Its
/// files never change, so that it lets nobody wait long for them.
pub fn gateway(test: &str, description: &str, redis: &Redis) -> Gateway {
    let bench = Bench::at(test, PathBuf::new());
    let file = bench.write("langop.toml", &description.replace("PORT", &redis.port.to_string()));
    let rendered = Rendered::of(&bench, &[&file.display().to_string()], "c");
    Gateway::run(bench, &rendered.refreshed_within(1), &|secret, key| match (secret, key) {
        ("redis", "password") => PASSWORD.to_owned(),
        _ => secret_value(secret, key),
    })
}

/// A Redis that runs. It ends with this value.
pub struct Redis {
    child: Child,
    pub port: u16,
    directory: tempfile::TempDir,
}

impl Redis {
    pub fn start() -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let directory = tempfile::tempdir().unwrap();
        Self { child: serve(port, directory.path()), port, directory }
    }

    /// A command.
    pub fn ask(&self, words: &[&str]) {
        let mut command = program("redis-cli");
        command.env("REDISCLI_AUTH", PASSWORD).args(["-p", &self.port.to_string()]).args(words);
        let said = command.output().unwrap();
        assert!(said.status.success() && said.stdout.starts_with(b"OK"), "{said:?}");
    }

    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// On the same port, with what it held.
    pub fn resume(&mut self) {
        self.child = serve(self.port, self.directory.path());
    }
}

fn serve(port: u16, directory: &Path) -> Child {
    let settings = format!(
        "bind 127.0.0.1\nport {port}\nrequirepass {PASSWORD}\nsave \"\"\nappendonly yes\ndir {}\n",
        directory.display()
    );
    let file = directory.join("redis.conf");
    std::fs::write(&file, settings).unwrap();
    let mut command = program("redis-server");
    let child = command.arg(file).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    eventually("Redis listens", Duration::from_secs(20), || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
    child
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
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
