//! Finds a Python that `LiteLLM` runs on.

use std::path::PathBuf;
use std::process::Command;

use super::command::plain;
use crate::dev::Error;

/// The Pythons that `LiteLLM` runs on.
const OLDEST: (u32, u32) = (3, 10);
const NEWEST: (u32, u32) = (3, 14);
/// The commands that may be a Python. The plain name comes first: it is the user's choice.
const NAMES: [&str; 6] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/// Says on three lines which version it is, its own path, and which modules it lacks.
const QUESTION: &str = "import sys
from importlib.util import find_spec
print(*sys.version_info[:3], sep='.')
print(sys.executable)
print(*[name for name in ('venv', 'ensurepip') if find_spec(name) is None])";

/// A Python that can be used.
#[derive(Debug)]
pub(super) struct Python {
    pub(super) version: String,
    pub(super) path: PathBuf,
}

/// What a command called like a Python is.
#[derive(Debug)]
enum Found {
    Usable(Python),
    /// It lacks these modules.
    Incomplete(String),
    /// `LiteLLM` does not run on this version.
    Unfit(String),
}

impl Python {
    /// The first that can be used; else what is wrong with the first that is there.
    pub(super) fn find() -> Result<Self, Error> {
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
}
