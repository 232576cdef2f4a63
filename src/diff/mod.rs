//! What changes between two objects, path by path. Knows nothing of Kubernetes servers; secrets are
//! opaque before they get here, and made so again if they are not.

mod compare;
mod difference;
mod entry;
mod noise;
mod print;
mod secret;
mod text;
mod yaml;

pub use difference::Diff;
pub use entry::{Delta, Entry};
pub use noise::without_noise;
pub use print::{Line, Sign, lines};
pub use yaml::{block, inline};
