//! Python environments, the one with the real `LiteLLM` among them: made from the package index, once for each set of
//! pins and Python.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::command::run;
use super::python::Python;
use crate::dev::files::{self, Lock};
use crate::dev::{DevHome, Error, Event, Progress};

/// The version of `LiteLLM` that is run.
pub const LITELLM: &str = "1.108.7";

/// What is installed beside it. The image has it all and the package's extra lacks it: without `prisma` a
/// refused call is answered with 500, without `google-auth` every call of Vertex is, without `prometheus_client` there are
/// no metrics, and without the rest no traces.
const BESIDE: [&str; 5] = [
    "prisma==0.15.0",
    "google-auth==2.63.0",
    "prometheus_client==0.26.0",
    "opentelemetry-sdk==1.45.1",
    "opentelemetry-exporter-otlp-proto-http==1.45.1",
];

/// The file in an environment that says that it is complete; its time says when it was used last.
const MARK: &str = "complete";
/// How long environments of other pins are kept.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Python packages that are installed together.
pub(in crate::dev) struct Packages {
    /// What they are for.
    pub what: &'static str,
    /// What installing them costs.
    pub cost: &'static str,
    /// What the names of the environments' directories begin with.
    pub prefix: &'static str,
    /// The packages, each with its version.
    pub requirements: Vec<String>,
}

/// The directory of the environment, made when it is not there yet: `bin/python` and `bin/litellm` are in it.
/// Takes a minute and 800 MB then.
///
/// # Errors
/// Python or its `venv` is missing, or the packages cannot be fetched.
pub fn environment(home: &DevHome, progress: &dyn Progress) -> Result<PathBuf, Error> {
    installed(home, &litellm(), progress)
}

/// The same for any packages.
pub(in crate::dev) fn installed(home: &DevHome, wanted: &Packages, progress: &dyn Progress) -> Result<PathBuf, Error> {
    let python = Python::find()?;
    let place = home.root().join(format!("{}{}", wanted.prefix, hash(&python, &wanted.requirements)));
    if is_complete(&place) {
        // What is used is kept; a mark that cannot be renewed does no harm.
        let _ = File::open(place.join(MARK)).and_then(|mark| mark.set_modified(SystemTime::now()));
        return Ok(place);
    }
    let lock = format!("{}.lock", wanted.prefix.trim_end_matches('-'));
    let _lock = Lock::take(&home.root().join(lock), || progress.tell(Event::Waiting))?;
    // The one who was waited for may have made it.
    if !is_complete(&place) {
        install(&python, &place, wanted, progress)?;
        files::open(&place.join(MARK))?;
        forget_others(home, &place, wanted.prefix);
        progress.tell(Event::Installed { what: wanted.what });
    }
    Ok(place)
}

/// Whether it was finished, and the Python that it was made with is still there.
fn is_complete(place: &Path) -> bool {
    place.join(MARK).is_file() && interpreter(place).is_file()
}

/// The environment's own Python.
pub(super) fn interpreter(place: &Path) -> PathBuf {
    place.join("bin").join("python")
}

/// Drops the environments that were not used for long: each is 800 MB. What cannot be dropped does no harm.
fn forget_others(home: &DevHome, place: &Path, prefix: &str) {
    for entry in fs::read_dir(home.root()).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        let is_other = path != place && entry.file_name().to_string_lossy().starts_with(prefix);
        let used = fs::metadata(path.join(MARK)).and_then(|mark| mark.modified()).ok();
        if is_other && used.and_then(|time| time.elapsed().ok()) > Some(KEPT) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// Names the environment of a Python and of these pins: one that differs is another environment.
fn hash(python: &Python, requirements: &[String]) -> String {
    let text = format!("{}\n{}\n{}", requirements.join("\n"), python.version, python.path.display());
    let number = Sha256::digest(text).iter().take(8).fold(0, |number: u64, &byte| number << 8 | u64::from(byte));
    format!("{number:016x}")
}

fn install(python: &Python, place: &Path, wanted: &Packages, progress: &dyn Progress) -> Result<(), Error> {
    // The programs of an environment name its path: it is made in its place, and a mark says that it is
    // complete. What an interrupted run left goes.
    files::remove(place)?;
    files::make_private(place)?;
    let Packages { what, cost, .. } = *wanted;
    progress.tell(Event::Installing { what, cost, package: "" });
    let mut venv = Command::new(&python.path);
    venv.args(["-m", "venv"]).arg(place);
    run(venv, |_| {}).map_err(|output| Error::Venv { output })?;
    let mut pip = Command::new(interpreter(place));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]);
    pip.args(&wanted.requirements);
    let done = run(pip, |line| {
        if let Some(package) = line.strip_prefix("Collecting ") {
            progress.tell(Event::Installing { what, cost, package });
        }
    });
    done.map_err(|output| Error::Pip { what, output })
}

fn litellm() -> Packages {
    let litellm = format!("litellm[proxy]=={LITELLM}");
    let requirements = std::iter::once(litellm).chain(BESIDE.map(str::to_owned)).collect();
    Packages { what: "LiteLLM", cost: "a minute, and 800 MB", prefix: "gateway-", requirements }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_python_is_another_environment() {
        let python =
            |version: &str| hash(&Python { version: version.to_owned(), path: "/p".into() }, &litellm().requirements);
        assert_eq!(python("3.11.2"), python("3.11.2"));
        assert_ne!(python("3.11.2"), python("3.11.3"));
    }

    #[test]
    fn only_environments_that_were_not_used_for_long_are_forgotten() {
        let root = tempfile::tempdir().unwrap();
        let make = |name: &str, age: Duration| {
            let place = root.path().join(name);
            fs::create_dir(&place).unwrap();
            files::open(&place.join(MARK)).unwrap().set_modified(SystemTime::now() - age).unwrap();
            place
        };
        let (long, short) = (KEPT + Duration::from_hours(1), Duration::from_hours(1));
        let [own, old, new, other] =
            [("gateway-a", long), ("gateway-b", long), ("gateway-c", short), ("cluster", long)]
                .map(|(n, t)| make(n, t));
        forget_others(&DevHome::at(root.path()), &own, "gateway-");
        assert_eq!([own, old, new, other].map(|place| place.exists()), [true, false, true, true]);
    }
}
