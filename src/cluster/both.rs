//! Two things that do not depend on each other, under way together: over a slow link each then costs no round trip of its
//! own. Which of two errors is told does not depend on which came first.

use futures::future::{self, Either};

/// Waits for both. The error of the first, however soon the second fails; that of the second where the first succeeds.
///
/// # Errors
/// One of them failed. Once the first did, the second is given up.
pub(crate) fn both<A, B, E>(
    first: impl Future<Output = Result<A, E>>,
    second: impl Future<Output = Result<B, E>>,
) -> impl Future<Output = Result<(A, B), E>> {
    // Neither is kept in the future of who waits: that of a whole plan is too large for a thread's stack.
    let (first, second) = (Box::pin(first), Box::pin(second));
    async move {
        match future::select(first, second).await {
            Either::Left((first, second)) => Ok((first?, second.await?)),
            Either::Right((second, first)) => Ok((first.await?, second?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends when it was asked so many times.
    async fn after<T>(times: usize, end: T) -> T {
        for _ in 0..times {
            tokio::task::yield_now().await;
        }
        end
    }

    #[tokio::test]
    async fn the_first_of_two_errors_is_told_whichever_comes_first() {
        for (one, other) in [(1, 2), (2, 1)] {
            let told = both(after(one, Err::<(), _>("first")), after(other, Err::<(), _>("second"))).await;
            assert_eq!(told, Err("first"));
            let told = both(after(one, Ok::<_, &str>(1)), after(other, Err::<(), _>("second"))).await;
            assert_eq!(told, Err("second"));
            assert_eq!(both(after(one, Ok::<_, ()>(1)), after(other, Ok(2))).await, Ok((1, 2)));
        }
    }

    #[tokio::test]
    async fn they_are_under_way_together_and_the_first_failure_ends_the_second() {
        let (asked, answered) = tokio::sync::oneshot::channel();
        let first = async { answered.await.map_err(drop) };
        both(first, async { asked.send(()) }).await.unwrap();
        let failed = both(after(1, Err::<(), _>(())), future::pending::<Result<(), ()>>()).await;
        assert!(failed.is_err());
    }
}
