//! Ctrl-C and SIGTERM become a request to stop: the first to finish, the second to stop waiting too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::progress::Progress;
use crate::apply::Stop;
use crate::error::CommandError;
use crate::exit::Exit;

/// The stop request of this process, and which signal made it.
#[derive(Clone)]
pub(crate) struct Signals {
    /// What the engine watches.
    pub(crate) stop: watch::Receiver<Stop>,
    code: Arc<AtomicU8>,
}

impl Signals {
    /// Begins to listen. From here on Ctrl-C does not kill the process.
    pub(crate) fn listen() -> Result<Self, CommandError> {
        let (sender, stop) = watch::channel(Stop::Go);
        let code = Arc::new(AtomicU8::new(0));
        let listen = |kind| signal(kind).map_err(CommandError::Signals);
        let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
        let seen = Arc::clone(&code);
        tokio::spawn(async move {
            loop {
                let exit = tokio::select! {
                    _ = interrupt.recv() => Exit::Interrupted,
                    _ = terminate.recv() => Exit::Terminated,
                };
                // The first signal names the exit code.
                let _ = seen.compare_exchange(0, exit as u8, Ordering::Relaxed, Ordering::Relaxed);
                sender.send_modify(|stop| *stop = if *stop == Stop::Go { Stop::Finish } else { Stop::Abort });
            }
        });
        Ok(Self { stop, code })
    }

    /// Returns when a signal asks to stop.
    pub(crate) async fn interrupted(&self) -> Exit {
        let mut stop = self.stop.clone();
        // The sender lives as long as the process.
        let _ = stop.wait_for(|stop| *stop != Stop::Go).await;
        self.exit().unwrap_or(Exit::Interrupted)
    }

    /// The stop request of a run: made by a signal, or by the loss of the lock.
    pub(crate) fn or_lost(&self, mut lost: watch::Receiver<bool>, progress: Arc<Progress>) -> watch::Receiver<Stop> {
        let (sender, receiver) = watch::channel(*self.stop.borrow());
        let mut stop = self.stop.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    changed = stop.changed() => if changed.is_err() { return },
                    lost = lost.wait_for(|lost| *lost) => {
                        if lost.is_err() { return }
                        progress.note("error: the lock was lost; nothing new is started");
                        sender.send_modify(|stop| *stop = (*stop).max(Stop::Finish));
                        return;
                    }
                }
                let asked = *stop.borrow();
                sender.send_modify(|stop| *stop = (*stop).max(asked));
            }
        });
        receiver
    }

    /// The exit code of an interrupted run; none when there was no signal.
    pub(crate) fn exit(&self) -> Option<Exit> {
        match self.code.load(Ordering::Relaxed) {
            0 => None,
            code if code == Exit::Terminated as u8 => Some(Exit::Terminated),
            _ => Some(Exit::Interrupted),
        }
    }
}
