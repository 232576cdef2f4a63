//! The log of a container of a pod, line by line, as it comes. Knows neither whose it is nor how it is shown.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use kube::client::Body;
use kube::core::Request;
use kube::core::subresource::LogParams;

use super::reader::built;
use super::wire::Wire;
use super::{ClusterError, Reader};

/// A line that is longer is shown in pieces, in bytes: a container may write without end.
const LONGEST: usize = 1 << 20;

/// How much of a log is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Also what is yet to come.
    pub follow: bool,
    /// That of the container before it was started again.
    pub previous: bool,
    /// So many lines from its end.
    pub tail: Option<u32>,
    /// What is younger than that.
    pub since: Option<Duration>,
}

impl LogQuery {
    fn params(self, container: &str) -> LogParams {
        // The API counts in whole seconds, and zero is none.
        let seconds = |since: Duration| i64::try_from(since.as_millis().div_ceil(1000).max(1)).unwrap_or(i64::MAX);
        LogParams {
            container: Some(container.to_owned()),
            follow: self.follow,
            previous: self.previous,
            tail_lines: self.tail.map(i64::from),
            since_seconds: self.since.map(seconds),
            ..LogParams::default()
        }
    }
}

/// Reads logs of pods.
#[derive(Clone)]
pub struct PodLogs {
    wire: Arc<Wire>,
}

impl PodLogs {
    pub(super) fn new(wire: Arc<Wire>) -> Self {
        Self { wire }
    }

    /// Begins to read the log of a container.
    ///
    /// # Errors
    /// This identity may not, the pod is gone, or its container has not started.
    pub async fn open(
        &self,
        (namespace, pod): (&str, &str),
        container: &str,
        query: LogQuery,
    ) -> Result<PodLog, ClusterError> {
        let pods = Request::new(format!("/api/v1/namespaces/{namespace}/pods"));
        let body = self.wire.open(built(pods.logs(pod, &query.params(container)))?).await?;
        Ok(PodLog { wire: Arc::clone(&self.wire), body, lines: Lines::default() })
    }
}

impl Reader {
    /// What reads logs that are not followed, in the time that any answer has.
    #[must_use]
    pub fn logs(&self) -> PodLogs {
        PodLogs::new(Arc::clone(self.wire()))
    }
}

/// A log that is being read.
pub struct PodLog {
    wire: Arc<Wire>,
    body: Body,
    lines: Lines,
}

impl PodLog {
    /// The next line; none when the log has ended.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn next(&mut self) -> Result<Option<String>, ClusterError> {
        loop {
            if let Some(line) = self.lines.whole.pop_front() {
                return Ok(Some(line));
            }
            match self.body.frame().await {
                None => return Ok(self.lines.end()),
                Some(Ok(frame)) => self.lines.add(&frame.into_data().unwrap_or_default()),
                Some(Err(error)) => return Err(self.wire.broken_off(&kube::Error::Service(Box::new(error)))),
            }
        }
    }
}

/// Bytes on their way to lines.
#[derive(Default)]
struct Lines {
    whole: VecDeque<String>,
    begun: Vec<u8>,
}

impl Lines {
    fn add(&mut self, bytes: &[u8]) {
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            self.begun.extend_from_slice(piece);
            if pieces.peek().is_some() || self.begun.len() >= LONGEST {
                self.whole.push_back(taken(&mut self.begun));
            }
        }
    }

    /// What came behind the last line break.
    fn end(&mut self) -> Option<String> {
        (!self.begun.is_empty()).then(|| taken(&mut self.begun))
    }
}

fn taken(bytes: &mut Vec<u8>) -> String {
    let text = String::from_utf8_lossy(bytes).trim_end_matches('\r').to_owned();
    bytes.clear();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_whole_however_it_comes_and_the_last_needs_no_end() {
        let mut lines = Lines::default();
        for piece in ["on", "e\ntw\u{f6}"] {
            lines.add(piece.as_bytes());
        }
        lines.add(b"\r\n\nla");
        lines.add(b"st");
        assert_eq!(Vec::from(std::mem::take(&mut lines.whole)), ["one", "tw\u{f6}", ""]);
        assert_eq!((lines.end().as_deref(), lines.end()), (Some("last"), None));
        // What never ends is no reason to keep all of it.
        lines.add(&vec![b'x'; LONGEST]);
        assert_eq!((lines.whole.len(), lines.begun.len()), (1, 0));
    }

    #[test]
    fn less_than_a_second_is_a_second() {
        let seconds = |millis| {
            LogQuery { since: Some(Duration::from_millis(millis)), ..LogQuery::default() }.params("c").since_seconds
        };
        assert_eq!([seconds(0), seconds(1), seconds(1000), seconds(1001)], [Some(1), Some(1), Some(1), Some(2)]);
        assert_eq!(LogQuery::default().params("c").since_seconds, None);
    }
}
