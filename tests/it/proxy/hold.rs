//! Holds one request of a run, so that what happens to the process at that very moment can be chosen: before the request
//! reaches the API server, or when it is done there and the answer is not known yet.

use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::watch;

use super::Seen;

/// On which side of the API server a request is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It is not forwarded yet.
    Before,
    /// It is answered, and the answer is not delivered yet.
    After,
}

/// Which requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    All,
    /// Those that change something, but those of a lock.
    Writes,
    /// Those that change something under a path with this in it.
    WritesTo(&'static str),
}

impl Counted {
    pub fn has(self, seen: &Seen) -> bool {
        match self {
            Self::All => true,
            Self::Writes => seen.writes() && !seen.uri.contains("/leases"),
            Self::WritesTo(path) => seen.writes() && seen.uri.contains(path),
        }
    }
}

/// What becomes of a held request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Held,
    Passes,
    Dropped,
}

/// A hold as the proxy has it.
pub(super) struct Hold {
    at: usize,
    side: Side,
    counted: Counted,
    passed: usize,
    reached: mpsc::Sender<()>,
    fate: watch::Receiver<Fate>,
}

/// A hold as the test has it. Requests that it holds are dropped with it.
pub struct Held {
    reached: mpsc::Receiver<()>,
    fate: watch::Sender<Fate>,
}

/// The turn of one request that is to be held.
pub(super) struct Turn {
    pub(super) side: Side,
    reached: mpsc::Sender<()>,
    fate: watch::Receiver<Fate>,
}

impl Hold {
    /// Holds the request of this number, counted from one.
    pub(super) fn new(at: usize, side: Side, counted: Counted) -> (Self, Held) {
        let (sender, reached) = mpsc::channel();
        let (fate, receiver) = watch::channel(Fate::Held);
        (Self { at, side, counted, passed: 0, reached: sender, fate: receiver }, Held { reached, fate })
    }

    /// Whether it is the turn of this request.
    pub(super) fn turn(&mut self, seen: &Seen) -> Option<Turn> {
        self.passed += usize::from(self.counted.has(seen));
        let meant = self.counted.has(seen) && self.passed == self.at;
        meant.then(|| Turn { side: self.side, reached: self.reached.clone(), fate: self.fate.clone() })
    }
}

impl Turn {
    /// Whether the request may pass after all.
    pub(super) async fn passes(mut self) -> bool {
        // A test that is gone drops it.
        let _ = self.reached.send(());
        self.fate.wait_for(|fate| *fate != Fate::Held).await.is_ok_and(|fate| *fate == Fate::Passes)
    }
}

impl Held {
    /// Whether the request came within this time.
    pub fn is_reached(&self, within: Duration) -> bool {
        self.reached.recv_timeout(within).is_ok()
    }

    /// Lets it pass.
    pub fn pass(&self) {
        self.fate.send_replace(Fate::Passes);
    }

    /// Ends its connection without an answer.
    pub fn lose(&self) {
        self.fate.send_replace(Fate::Dropped);
    }
}
