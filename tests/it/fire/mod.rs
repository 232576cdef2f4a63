//! langop under fire: whatever happens to a run at whatever moment, the next one ends where an undisturbed one ends.
//!
//! What happens is a [`blow::Blow`]: killed, interrupted, or put to sleep, at a request that the proxy holds; or a storm of
//! faults. Where it ends is told by [`world`]. Runs are numbered, each number stands for its moments or its faults, and a
//! failure says how to run that number again ([`runs`]).

mod blow;
mod crowd;
mod kill;
mod life;
mod restart;
mod runs;
mod signals;
mod storm;
mod stuck;
mod takeover;
mod world;

pub use runs::day;
