//! One answer for all who ask for the same within a moment. Knows nothing of what is asked.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// How long a question waits for others like it.
const MOMENT: Duration = Duration::from_millis(50);
/// Of the time of a server that answers slowly, questions take at most one part in so many.
const SHARE: u32 = 4;

/// Questions by what they ask for, and who waits for the answer.
pub(super) struct Together<K, V> {
    open: Mutex<BTreeMap<K, Vec<oneshot::Sender<Option<V>>>>>,
    /// When the next question may be sent, after one that took its time.
    next: Mutex<BTreeMap<K, Instant>>,
}

impl<K, V> Default for Together<K, V> {
    fn default() -> Self {
        Self { open: Mutex::default(), next: Mutex::default() }
    }
}

impl<K: Ord + Clone, V: Clone> Together<K, V> {
    /// The answer that the first to ask gets from `send`, which is told how many ask. None when it got none, or was given
    /// up meanwhile.
    pub(super) async fn ask(&self, key: K, send: impl AsyncFnOnce(usize) -> Option<V>) -> Option<V> {
        let (answer, answered) = oneshot::channel();
        if !self.join(&key, answer) {
            return answered.await.ok().flatten();
        }
        let first = First { together: self, key: &key, waits: true };
        tokio::time::sleep(self.pause(&key)).await;
        let asking = first.take();
        let begun = Instant::now();
        let answer = send(asking.len()).await;
        let next = Instant::now() + begun.elapsed() * (SHARE - 1);
        self.next.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), next);
        for asked in asking {
            // Nobody listens any more when the run was given up.
            drop(asked.send(answer.clone()));
        }
        answer
    }

    /// Whether it is the first to ask.
    fn join(&self, key: &K, answer: oneshot::Sender<Option<V>>) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let asking = open.entry(key.clone()).or_default();
        asking.push(answer);
        asking.len() == 1
    }

    fn pause(&self, key: &K) -> Duration {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied();
        next.map_or(MOMENT, |next| next.saturating_duration_since(Instant::now()).max(MOMENT))
    }
}

/// The first to ask for something. Given up before it asks, it lets go of those who wait with it.
struct First<'a, K: Ord, V> {
    together: &'a Together<K, V>,
    key: &'a K,
    waits: bool,
}

impl<K: Ord, V> First<'_, K, V> {
    /// Who asks; who comes later has a first of their own.
    fn take(mut self) -> Vec<oneshot::Sender<Option<V>>> {
        self.waits = false;
        self.leave()
    }

    fn leave(&self) -> Vec<oneshot::Sender<Option<V>>> {
        self.together.open.lock().unwrap_or_else(PoisonError::into_inner).remove(self.key).unwrap_or_default()
    }
}

impl<K: Ord, V> Drop for First<'_, K, V> {
    fn drop(&mut self) {
        if self.waits {
            self.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn who_asks_for_the_same_within_a_moment_gets_one_answer() {
        let (together, sent) = (Together::default(), AtomicUsize::new(0));
        let ask = async |key: &'static str| {
            together
                .ask(key, async |asking| {
                    sent.fetch_add(1, Ordering::SeqCst);
                    Some((key, asking))
                })
                .await
        };
        let (one, two, other) = tokio::join!(ask("pods"), ask("pods"), ask("jobs"));
        assert_eq!((one, two, other), (Some(("pods", 2)), Some(("pods", 2)), Some(("jobs", 1))));
        assert_eq!(ask("pods").await, Some(("pods", 1)));
        assert_eq!(sent.load(Ordering::SeqCst), 3);
    }
}
