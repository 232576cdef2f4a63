//! The ways to the API server on which langop is measured: straight, over a slow link, and as somebody to whom the API
//! server gives little (priority and fairness). Each with its own floor.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;

use crate::link::Link;
use crate::plane::Plane;
use crate::tally::{Requests, Tally};
use crate::throttle;

/// A way to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// Nothing between.
    Straight,
    /// Fifty milliseconds for a round trip.
    Slow,
    /// Three requests at once, four that wait; 429 for more.
    Throttled,
}

/// A round trip of [`Way::Slow`].
const ROUND_TRIP: Duration = Duration::from_millis(50);

/// As many requests at once as langop has at most.
const AT_ONCE: usize = 32;

/// A way that is open.
pub struct Open {
    /// What a row says of it.
    pub name: &'static str,
    /// Whom to ask, and as whom.
    pub kubeconfig: PathBuf,
    /// Requests at once that a bare client does best with.
    pub at_once: usize,
    /// How often what changes nothing is run; the median counts.
    pub again: usize,
    /// Relays as long as it lives.
    _link: Option<Link>,
    tally: Option<Tally>,
}

/// How often is often enough for a median.
const AGAIN: usize = 5;

impl Open {
    fn new(name: &'static str, kubeconfig: PathBuf, at_once: usize) -> Self {
        Self { name, kubeconfig, at_once, again: AGAIN, _link: None, tally: None }
    }

    /// A way on which requests are counted, and nothing is worth measuring.
    pub fn counting(plane: &Plane) -> Self {
        let tally = Tally::start(&plane.kubeconfig, plane.dir.path().join("tally.kubeconfig"));
        let kubeconfig = tally.kubeconfig.clone();
        Self { again: 1, tally: Some(tally), ..Self::new("", kubeconfig, AT_ONCE) }
    }

    /// The requests since the last call; none where they are not counted.
    pub fn take_requests(&self) -> Requests {
        self.tally.as_ref().map(Tally::take).unwrap_or_default()
    }
}

impl Way {
    /// Opens it. Files are kept in the directory of the plane.
    pub fn open(self, plane: &Plane) -> Open {
        let (kubeconfig, dir) = (&plane.kubeconfig, plane.dir.path());
        match self {
            Self::Straight => Open::new("", kubeconfig.clone(), AT_ONCE),
            Self::Slow => {
                let link = Link::start(server(kubeconfig), ROUND_TRIP / 2);
                let slow = dir.join("slow.kubeconfig");
                let text = std::fs::read_to_string(kubeconfig).unwrap();
                let (from, to) = (server(kubeconfig).to_string(), link.address.to_string());
                std::fs::write(&slow, text.replace(&from, &to)).unwrap();
                Open { _link: Some(link), ..Open::new(", 50 ms away", slow, AT_ONCE) }
            }
            Self::Throttled => {
                let throttled = throttle::kubeconfig(kubeconfig, &dir.join("throttled.kubeconfig"));
                Open::new(", throttled", throttled, throttle::SEATS)
            }
        }
    }
}

/// Where the API server of a kubeconfig listens.
fn server(kubeconfig: &Path) -> std::net::SocketAddr {
    let text = std::fs::read_to_string(kubeconfig).unwrap();
    let (_, rest) = text.split_once("https://").unwrap();
    rest.split(['"', '\n', '/']).next().unwrap().trim().parse().unwrap()
}
