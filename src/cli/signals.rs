//! Ctrl-C, SIGTERM and SIGHUP become a request to stop: the first to finish, the second to stop waiting too. Whoever sends
//! SIGTERM or SIGHUP sends no second one but SIGKILL, ten seconds later: then waiting stops by itself.

use std::future::Future;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

use super::progress::Progress;
use crate::apply::Stop;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::state::Holding;

/// How long what is in flight has after SIGTERM or SIGHUP before waiting stops.
const GRACE: Duration = Duration::from_secs(2);

/// The stop request of this process, and which signal made it.
#[derive(Clone)]
pub(crate) struct Signals {
    /// What the engine watches.
    pub(crate) stop: watch::Receiver<Stop>,
    code: Arc<AtomicU8>,
}

impl Signals {
    /// Begins to listen. From here on these signals do not kill the process. A process has one stop request, however often
    /// it begins: what comes between two runs of a command stops the second.
    pub(crate) fn listen() -> Result<Self, CommandError> {
        static LISTENING: OnceLock<Signals> = OnceLock::new();
        if let Some(signals) = LISTENING.get() {
            return Ok(signals.clone());
        }
        let signals = Self::begin()?;
        Ok(LISTENING.get_or_init(|| signals).clone())
    }

    fn begin() -> Result<Self, CommandError> {
        let (sender, stop) = watch::channel(Stop::Go);
        let code = Arc::new(AtomicU8::new(0));
        let mut sources = Sources::listen().map_err(CommandError::Signals)?;
        let seen = Arc::clone(&code);
        tokio::spawn(async move {
            let mut patience = None;
            loop {
                let exit = tokio::select! {
                    exit = sources.next() => exit,
                    () = until(patience) => {
                        patience = None;
                        sender.send_replace(Stop::Abort);
                        continue;
                    }
                };
                // The first signal names the exit code.
                let _ = seen.compare_exchange(0, exit as u8, Ordering::Relaxed, Ordering::Relaxed);
                sender.send_modify(|stop| *stop = if *stop == Stop::Go { Stop::Finish } else { Stop::Abort });
                if exit != Exit::Interrupted {
                    patience = patience.or(Some(Instant::now() + GRACE));
                }
            }
        });
        Ok(Self { stop, code })
    }

    /// Returns when a signal asks to stop.
    pub(crate) async fn interrupted(&self) -> Exit {
        self.reach(Stop::Finish).await
    }

    /// Returns when a second signal, or the lack of time, asks to stop waiting too.
    pub(crate) async fn aborted(&self) -> Exit {
        self.reach(Stop::Abort).await
    }

    async fn reach(&self, level: Stop) -> Exit {
        let mut stop = self.stop.clone();
        // The sender lives as long as the process.
        let _ = stop.wait_for(|stop| *stop >= level).await;
        self.exit().unwrap_or(Exit::Interrupted)
    }

    /// Does what writes nothing, unless a signal asks to stop first.
    ///
    /// # Errors
    /// How the command ends then.
    pub(crate) async fn unless_interrupted<T>(&self, work: impl Future<Output = T>) -> Result<T, Exit> {
        tokio::select! {
            done = work => Ok(done),
            exit = self.interrupted() => Err(exit),
        }
    }

    /// The stop request of a run: made by a signal, or by the loss of the lock.
    pub(crate) fn or_lost(
        &self,
        mut holding: watch::Receiver<Holding>,
        progress: Arc<Progress>,
    ) -> watch::Receiver<Stop> {
        let (sender, receiver) = watch::channel(*self.stop.borrow());
        let mut stop = self.stop.clone();
        tokio::spawn(async move {
            let (mut watched, mut doubtful) = (true, false);
            loop {
                tokio::select! {
                    changed = stop.changed() => if changed.is_err() { return },
                    // It ends with the lock.
                    changed = holding.changed(), if watched => watched = changed.is_ok(),
                }
                let asked = *stop.borrow();
                sender.send_modify(|stop| *stop = (*stop).max(asked));
                match holding.borrow_and_update().clone() {
                    Holding::Doubtful(after) if !doubtful => {
                        doubtful = true;
                        progress.note(&format!(
                            "the lock could not be renewed for {} s: nothing is written until it is known to be held",
                            after.as_secs()
                        ));
                    }
                    Holding::Held if doubtful => {
                        doubtful = false;
                        progress.note("the lock is still held: going on");
                    }
                    Holding::Lost(loss) if watched => {
                        watched = false;
                        progress.note(&format!("error: {loss}; nothing new is started"));
                        sender.send_modify(|stop| *stop = (*stop).max(Stop::Finish));
                    }
                    _ => {}
                }
            }
        });
        receiver
    }

    /// The exit code of an interrupted run; none when there was no signal.
    pub(crate) fn exit(&self) -> Option<Exit> {
        let code = self.code.load(Ordering::Relaxed);
        [Exit::Interrupted, Exit::Terminated, Exit::HungUp].into_iter().find(|exit| *exit as u8 == code)
    }
}

/// Runs a command that writes nothing until it ends or a signal ends it. What blocks, such as a description that somebody
/// types, keeps nobody from stopping it: it has a thread of its own.
pub(crate) async fn reading<F, W>(work: W) -> Result<Exit, Error>
where
    F: Future<Output = Result<Exit, Error>>,
    W: FnOnce() -> F + Send + 'static,
{
    let signals = Signals::listen()?;
    let (runtime, own) = (Handle::current(), signals.clone());
    // Dropped at a signal: commands that print secrets end with the plan that asked for them.
    let work = move || runtime.block_on(async { own.unless_interrupted(work()).await });
    let mut running = std::pin::pin!(tokio::task::spawn_blocking(work));
    let ended = tokio::select! {
        ended = &mut running => ended,
        exit = signals.interrupted() => match tokio::time::timeout(GRACE, running).await {
            Ok(ended) => ended,
            Err(_) => return Ok(exit),
        },
    };
    match ended.map_err(CommandError::from)? {
        Ok(ended) => ended,
        Err(exit) => Ok(exit),
    }
}

/// The signals that are listened to.
struct Sources {
    interrupt: Signal,
    terminate: Signal,
    /// None when it is to be ignored: who started the process said so (`nohup`).
    hang_up: Option<Signal>,
}

impl Sources {
    fn listen() -> std::io::Result<Self> {
        let hang_up = if ignores_hang_up() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())?, hang_up })
    }

    async fn next(&mut self) -> Exit {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
            () = hang_up => Exit::HungUp,
        }
    }
}

/// Whether the process was started with SIGHUP ignored (`proc_pid_status(5)`, `SigIgn`); false where that cannot be told.
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
