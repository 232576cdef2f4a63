//! Shows that a command works: draws on a terminal, and says so every ten seconds elsewhere, from a thread of its own, so that
//! it goes on however busy the command is.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::frame::Size;
use super::voice::Voice;

/// How often a terminal is drawn anew.
const FRAME: Duration = Duration::from_millis(100);
/// How long nothing may be said without a terminal: logs of pipelines are watched, and killed when they are silent.
const SILENCE: Duration = Duration::from_secs(10);

/// What is shown at a moment.
pub(super) trait Scene: Send + 'static {
    /// The lines of a terminal; none while there is nothing to show.
    fn lines(&self, size: Size) -> Vec<String>;
    /// The line of a log.
    fn heartbeat(&self) -> String;
}

/// Shows a scene until it is dropped, and leaves the terminal as it should be.
pub(super) struct Ticker {
    voice: Voice,
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Ticker {
    pub(super) fn start(voice: &Voice, scene: impl Scene) -> Self {
        let (stop, stopped) = mpsc::channel::<()>();
        let of_thread = voice.clone();
        let show = move || {
            let begun = Instant::now();
            while stopped.recv_timeout(FRAME) == Err(RecvTimeoutError::Timeout) {
                if !of_thread.draw(|size| scene.lines(size)) && of_thread.silence(begun) >= SILENCE {
                    of_thread.say(&scene.heartbeat());
                }
            }
        };
        // A command that cannot show its progress works as well.
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(show).ok();
        Self { voice: voice.clone(), thread: thread.map(|thread| (stop, thread)) }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.thread.take() {
            drop(stop);
            let _ = thread.join();
        }
        self.voice.draw(|_| Vec::new());
    }
}
