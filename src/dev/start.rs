//! Starts the supervisor when nothing usable runs, and waits until it says that all is ready.

use std::num::NonZeroU8;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::files::{self, Lock};
use super::state::Recorded;
use super::verdict::{self, Verdict};
use super::{DevHome, End, Error, Event, Progress, build, sources, stop};

/// A little longer than the supervisor gives itself, so that its own reason is heard.
const PATIENCE: Duration = Duration::from_secs(135);

/// What a caller asks of the control plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The number of simulated nodes; else those that there are, at least one.
    pub nodes: Option<NonZeroU8>,
    /// How long a new one lives.
    pub lifetime: Lifetime,
}

/// When a control plane ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lifetime {
    /// Never; [`stop()`](super::stop()) ends it.
    #[default]
    UntilStopped,
    /// With the process of this id, however that ends; its data goes, too.
    With(u32),
}

/// Makes sure that a usable control plane runs, replaces one that is not, and says where its kubeconfig is.
///
/// # Errors
/// It cannot be built or does not start.
pub fn up(home: &DevHome, wish: &Wish, progress: &dyn Progress) -> Result<PathBuf, Error> {
    let program = build::program(home, progress)?;
    let _lock = Lock::take(&home.use_lock(), || progress.tell(Event::Waiting))?;
    match verdict::judge(verdict::inspect(home)?, &sources::hash()) {
        Verdict::Use(_) => resize(home, &program, wish)?,
        Verdict::Replace(because) => {
            progress.tell(Event::Replacing { because: &because });
            stop::end(home)?;
            start(home, &program, wish, progress)?;
        }
        Verdict::Start => start(home, &program, wish, progress)?,
    }
    let kubeconfig = home.kubeconfig();
    progress.tell(Event::Ready { kubeconfig: &kubeconfig });
    Ok(kubeconfig)
}

/// Changes the number of nodes of what runs, when another one is wished.
fn resize(home: &DevHome, program: &Path, wish: &Wish) -> Result<(), Error> {
    let Some(nodes) = wish.nodes else { return Ok(()) };
    let mut command = Command::new(program);
    command.arg("nodes").arg("--dir").arg(home.data()).arg(format!("--count={nodes}"));
    let done = command.output().map_err(|cause| Error::Nodes(cause.to_string()))?;
    if done.status.success() {
        return Ok(());
    }
    Err(Error::Nodes(String::from_utf8_lossy(&done.stderr).trim().to_owned()))
}

fn start(home: &DevHome, program: &Path, wish: &Wish, progress: &dyn Progress) -> Result<(), Error> {
    progress.tell(Event::Starting);
    let log = home.log("supervisor");
    let mut supervisor = launch(home, program, wish, &log)?;
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if Recorded::read(home)?.here().is_some_and(|state| state.supervisor == supervisor.id()) {
            return Ok(());
        }
        if supervisor.try_wait().map_err(|cause| Error::file("run", program, cause))?.is_some() {
            return Err(Error::Start { reason: last_words(home, &log)?, log });
        }
        thread::sleep(Duration::from_millis(20));
    }
    stop::end(home)?;
    Err(Error::Slow { within: PATIENCE, log })
}

fn launch(home: &DevHome, program: &Path, wish: &Wish, log: &Path) -> Result<Child, Error> {
    if let Some(directory) = log.parent() {
        files::make_private(directory)?;
    }
    // The last end is read when this start fails; it must not be an older one.
    files::remove(&home.end())?;
    let output = files::open(log)?;
    let errors = output.try_clone().map_err(|cause| Error::file("open", log, cause))?;
    let mut command = Command::new(program);
    command.arg("run").arg("--dir").arg(home.data()).arg("--sources").arg(sources::hash());
    command.arg(format!("--nodes={}", wish.nodes.map_or(0, NonZeroU8::get)));
    if let Lifetime::With(process) = wish.lifetime {
        command.arg(format!("--for={process}")).arg("--temporary");
    }
    // Neither the terminal's Ctrl-C nor the directory where langop was called may hold on to it.
    command.process_group(0).current_dir(home.data()).stdin(Stdio::null()).stdout(output).stderr(errors);
    command.spawn().map_err(|cause| Error::file("run", program, cause))
}

fn last_words(home: &DevHome, log: &Path) -> Result<String, Error> {
    if let Some(end) = End::read(home)? {
        return Ok(end.reason);
    }
    let text = files::read(log)?.unwrap_or_default();
    Ok(text.lines().last().unwrap_or("its supervisor ended without a word").to_owned())
}
