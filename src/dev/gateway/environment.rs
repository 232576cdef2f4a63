//! The Python environment with the real `LiteLLM`: made from the package index, once for each set of pins
//! and Python.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use sha2::{Digest as _, Sha256};

use crate::dev::files::{self, Lock};
use crate::dev::{DevHome, Error, Event, Progress};

/// The version that is run.
pub const LITELLM: &str = "1.108.7";

/// What is installed beside it. The image has both and the package's extra lacks them: without `prisma` a
/// refused call is answered with 500, and without `google-auth` every call of Vertex is.
const BESIDE: [&str; 2] = ["prisma==0.15.0", "google-auth==2.63.0"];

/// The Pythons that `LiteLLM` runs on.
const OLDEST: (u32, u32) = (3, 10);
const NEWEST: (u32, u32) = (3, 14);
/// How they are called. The plain name first: it is the user's choice.
const NAMES: [&str; 6] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/// Says on three lines which version it is, its own path, and which modules it lacks.
const QUESTION: &str = "import sys
from importlib.util import find_spec
print(*sys.version_info[:3], sep='.')
print(sys.executable)
print(*[name for name in ('venv', 'ensurepip') if find_spec(name) is None])";

/// How much of pip's output is worth showing when it fails.
const LAST_LINES: usize = 15;

/// The directory of the environment, made when it is not there yet: `bin/python` and `bin/litellm` are in it.
/// Takes a minute and 800 MB then.
///
/// # Errors
/// Python or its `venv` is missing, or the packages cannot be fetched.
pub fn environment(home: &DevHome, progress: &dyn Progress) -> Result<PathBuf, Error> {
    let python = Python::find()?;
    let place = home.root().join(format!("gateway-{}", python.hash()));
    if is_complete(&place) {
        return Ok(place);
    }
    let _lock = Lock::take(&home.root().join("gateway.lock"), || progress.tell(Event::Waiting))?;
    // The one who was waited for may have made it.
    if !is_complete(&place) {
        python.install(&place, progress)?;
        files::open(&place.join("complete"))?;
        progress.tell(Event::GatewayInstalled);
    }
    Ok(place)
}

/// Whether it was finished, and the Python that it was made with is still there.
fn is_complete(place: &Path) -> bool {
    place.join("complete").is_file() && interpreter(place).is_file()
}

/// The environment's own Python.
pub(super) fn interpreter(place: &Path) -> PathBuf {
    place.join("bin").join("python")
}

/// A Python that can be used.
#[derive(Debug)]
struct Python {
    version: String,
    path: PathBuf,
}

/// What a command called like a Python is.
#[derive(Debug)]
enum Found {
    Usable(Python),
    /// With the modules that it lacks.
    Incomplete(String),
    /// Its version is none that `LiteLLM` runs on.
    Unfit(String),
}

impl Python {
    /// The first that can be used; else what is wrong with the first that is there.
    fn find() -> Result<Self, Error> {
        let mut wrong = None;
        for name in NAMES {
            match ask(name) {
                Some(Found::Usable(python)) => return Ok(python),
                Some(Found::Incomplete(lacking)) => {
                    wrong.get_or_insert(Error::IncompletePython { name, lacking });
                }
                Some(Found::Unfit(version)) => {
                    wrong.get_or_insert(Error::UnfitPython { name, version });
                }
                None => {}
            }
        }
        Err(wrong.unwrap_or(Error::NoPython))
    }

    /// Another Python, or other pins, is another environment.
    fn hash(&self) -> String {
        let text = format!("{}\n{}\n{}", requirements().join("\n"), self.version, self.path.display());
        let number = Sha256::digest(text).iter().take(8).fold(0, |number: u64, &byte| number << 8 | u64::from(byte));
        format!("{number:016x}")
    }

    fn install(&self, place: &Path, progress: &dyn Progress) -> Result<(), Error> {
        // The programs of an environment name its path: it is made in its place, and a mark says that it is
        // complete. What an interrupted run left goes.
        files::remove(place)?;
        files::make_private(place)?;
        progress.tell(Event::GatewayInstalling { package: "" });
        let mut venv = Command::new(&self.path);
        venv.args(["-m", "venv"]).arg(place);
        run(venv, |_| {}).map_err(|output| Error::Venv { output })?;
        let mut pip = Command::new(interpreter(place));
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]);
        pip.args(requirements());
        let done = run(pip, |line| {
            if let Some(package) = line.strip_prefix("Collecting ") {
                progress.tell(Event::GatewayInstalling { package });
            }
        });
        done.map_err(|output| Error::Pip { output })
    }
}

fn requirements() -> Vec<String> {
    let litellm = format!("litellm[proxy]=={LITELLM}");
    std::iter::once(litellm).chain(BESIDE.map(str::to_owned)).collect()
}

fn ask(name: &str) -> Option<Found> {
    let said = plain(Command::new(name)).args(["-c", QUESTION]).output().ok()?;
    // A wrapper that knows no such version fails; it is as good as absent.
    said.status.success().then(|| judge(&String::from_utf8_lossy(&said.stdout)))
}

fn judge(answer: &str) -> Found {
    let mut lines = answer.lines().map(str::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    let (version, path, lacking) = (next(), next(), next());
    let number = parse(&version);
    if number.is_none_or(|number| number < OLDEST || number > NEWEST) {
        Found::Unfit(version)
    } else if lacking.is_empty() {
        Found::Usable(Python { version, path: path.into() })
    } else {
        Found::Incomplete(lacking)
    }
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Where packages come from and where they are cached is the user's choice; where they go is not.
fn plain(mut command: Command) -> Command {
    for name in ["PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs a command and hands on each line of its standard output. Its last lines when it fails.
fn run(command: Command, mut line: impl FnMut(&str)) -> Result<(), String> {
    let told = |cause: io::Error| format!("    {cause}");
    let mut child = plain(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(told)?;
    let (Some(out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("    it has no output".to_owned());
    };
    let mut said = Vec::new();
    thread::scope(|scope| {
        let complaints = scope.spawn(move || {
            let mut bytes = Vec::new();
            let _ = err.read_to_end(&mut bytes);
            bytes
        });
        for text in BufReader::new(out).lines().map_while(Result::ok) {
            line(&text);
            said.push(text);
        }
        let complaints = complaints.join().unwrap_or_default();
        // `venv` complains on its standard output, pip on the other.
        said.extend(String::from_utf8_lossy(&complaints).lines().map(str::to_owned));
    });
    let status = child.wait().map_err(told)?;
    if status.success() {
        return Ok(());
    }
    let last = said[said.len().saturating_sub(LAST_LINES)..].iter().map(|line| format!("    {line}\n"));
    Err(format!("{}    it ended with {status}", last.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_is_judged_by_what_it_says() {
        assert!(matches!(judge("3.10.0\n/usr/bin/python3\n\n"), Found::Usable(_)));
        assert!(matches!(judge("3.14.2\n/usr/bin/python3\n\n"), Found::Usable(_)));
        assert!(matches!(judge("3.9.18\n/usr/bin/python3\n\n"), Found::Unfit(version) if version == "3.9.18"));
        assert!(matches!(judge("3.15.0\n/usr/bin/python3\n\n"), Found::Unfit(_)));
        assert!(
            matches!(judge("3.11.2\n/usr/bin/python3\nensurepip\n"), Found::Incomplete(name) if name == "ensurepip")
        );
        assert!(matches!(judge("no python at all"), Found::Unfit(_)));
    }

    #[test]
    fn another_python_is_another_environment() {
        let python = |version: &str| Python { version: version.to_owned(), path: "/p".into() }.hash();
        assert_eq!(python("3.11.2"), python("3.11.2"));
        assert_ne!(python("3.11.2"), python("3.11.3"));
    }

    #[test]
    fn a_failed_command_shows_its_last_lines() {
        let mut command = Command::new("sh");
        command.args(["-c", "seq 20; echo no >&2; exit 3"]);
        let mut seen = 0;
        let last = run(command, |_| seen += 1).unwrap_err();
        assert_eq!(seen, 20);
        assert!(last.starts_with("    7\n") && last.ends_with("    no\n    it ended with exit status: 3"), "{last}");
    }
}
