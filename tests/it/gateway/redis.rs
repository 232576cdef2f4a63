//! A real Redis on loopback: the machine's, or Debian's packages taken apart into langop's cache, since a test is not root.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use langop::dev::{DevHome, Silent, gateway};

use crate::bench::eventually;

/// Its password.
pub const PASSWORD: &str = "password-of-the-redis-of-a-test";

/// Takes the packages and the libraries that a machine lacks apart into `root`; by lists of its own, since images come without.
const UNPACK: &str = "
set -e
mkdir -p lists/partial cache/archives/partial
own=\"-o Dir::State::lists=$PWD/lists -o Dir::Cache=$PWD/cache\"
apt-get -qq $own update
libraries=$(apt-cache $own depends redis-server redis-tools | sed -n 's/^ *|*Depends: //p' |
    grep -E '^(lib(lzf|jemalloc|hiredis|lua)|lua-)' | sort -u)
apt-get -qq $own download redis-server redis-tools $libraries
for package in *.deb; do dpkg -x \"$package\" root; done
";

/// A Redis that runs. It ends with this value.
pub struct Redis {
    child: Child,
    pub port: u16,
    _directory: tempfile::TempDir,
}

impl Redis {
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let settings = format!(
            "bind 127.0.0.1\nport {port}\nrequirepass {PASSWORD}\nsave \"\"\ndir {}\n",
            directory.path().display()
        );
        let file = directory.path().join("redis.conf");
        std::fs::write(&file, settings).unwrap();
        let mut command = program();
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

fn program() -> Command {
    let installed = Command::new("redis-server").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if installed.is_ok_and(|status| status.success()) {
        return Command::new("redis-server");
    }
    let place = unpacked();
    let mut command = Command::new(place.join("usr/bin/redis-server"));
    let libraries = std::fs::read_dir(place.join("usr/lib")).unwrap().map(|entry| entry.unwrap().path());
    command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap());
    command
}

/// The directory of the packages, made once on each machine.
fn unpacked() -> PathBuf {
    let environment = gateway::environment(&DevHome::from_env().unwrap(), &Silent).unwrap();
    let home = environment.parent().unwrap();
    let place = home.join("redis");
    if !place.exists() {
        unpack(home, &place);
    }
    place
}

fn unpack(home: &Path, place: &Path) {
    let work = tempfile::tempdir_in(home).unwrap();
    let said = Command::new("sh").args(["-c", UNPACK]).current_dir(work.path()).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    // Another run may have been faster.
    let moved = std::fs::rename(work.path().join("root"), place);
    assert!(moved.is_ok() || place.exists(), "{moved:?}");
}
