//! Follows the logs of a gateway: of the pods that there are, and of those that come.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::mpsc::{self, Sender};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::pods::{GatewayPod, gateway_pods, present};
use super::{LogEvent, LogSource};
use crate::cluster::{ClusterError, LogQuery};
use crate::object::ErrorKind;
use crate::object::names::GATEWAY;
use crate::ops::OpsError;

/// How long until pods are looked at again, so that new ones are followed, too.
const LOOK: Duration = Duration::from_secs(2);

/// What a log that is read by itself says.
enum Said {
    Line(String, String),
    Ended(GatewayPod, Result<(), ClusterError>),
}

/// Reads the logs as they come, until `tell` fails or nothing can be read any more.
///
/// # Errors
/// There is no pod at first, this identity may not read logs, or `tell` fails.
pub(crate) async fn follow_logs<E: From<OpsError>>(
    source: &LogSource,
    query: LogQuery,
    mut tell: impl FnMut(LogEvent) -> Result<(), E>,
) -> Result<(), E> {
    let (sender, mut receiver) = mpsc::channel(64);
    let mut following = Following {
        source,
        sender,
        read: BTreeSet::new(),
        broken: BTreeMap::new(),
        told: BTreeSet::new(),
        tasks: JoinSet::new(),
    };
    following.begin(gateway_pods(source).await?, query);
    // What comes later is read from its beginning.
    let later = LogQuery { tail: None, since: None, ..query };
    loop {
        let look = tokio::time::sleep(LOOK);
        tokio::pin!(look);
        loop {
            let said = tokio::select! {
                said = receiver.recv() => said,
                () = &mut look => None,
            };
            match said {
                Some(Said::Line(pod, text)) => tell(LogEvent::Line { pod, text })?,
                Some(Said::Ended(pod, ended)) => following.ended(pod, ended)?.into_iter().try_for_each(&mut tell)?,
                None => break,
            }
        }
        match present(source).await {
            Ok(pods) => following.begin(pods, later),
            // A server that does not answer for a while is looked for again.
            Err(error) if error.kind() == ErrorKind::Unreachable => {}
            Err(error) => return Err(error.into()),
        }
    }
}

struct Following<'a> {
    source: &'a LogSource,
    sender: Sender<Said>,
    /// What is or was read.
    read: BTreeSet<GatewayPod>,
    /// Since when nothing could be read any more.
    broken: BTreeMap<GatewayPod, Instant>,
    /// Of whom it was told that nothing can be read.
    told: BTreeSet<GatewayPod>,
    /// They end with this.
    tasks: JoinSet<()>,
}

impl Following<'_> {
    /// Reads what nobody reads yet.
    fn begin(&mut self, pods: Vec<GatewayPod>, query: LogQuery) {
        for pod in pods {
            if self.read.insert(pod.clone()) {
                // What was read before the connection broke is not read again.
                let since = self.broken.get(&pod).map(Instant::elapsed);
                let query = LogQuery { since: since.or(query.since), ..query };
                self.tasks.spawn(read(self.source.clone(), pod, query, self.sender.clone()));
            }
        }
    }

    /// A log that ended in peace has nothing more to say; any other is begun again at the next look.
    fn ended(&mut self, pod: GatewayPod, ended: Result<(), ClusterError>) -> Result<Option<LogEvent>, OpsError> {
        match ended {
            Ok(()) => Ok(None),
            Err(error @ ClusterError::Forbidden(_)) => Err(error.into()),
            Err(error) => {
                self.read.remove(&pod);
                self.broken.insert(pod.clone(), Instant::now());
                let event = LogEvent::Missing { pod: pod.name.clone(), because: error.to_string() };
                Ok(self.told.insert(pod).then_some(event))
            }
        }
    }
}

async fn read(source: LogSource, pod: GatewayPod, query: LogQuery, sender: Sender<Said>) {
    let reading = async {
        let mut log = source.logs.open((&source.cluster, &pod.name), GATEWAY, query).await?;
        while let Some(text) = log.next().await? {
            if sender.send(Said::Line(pod.name.clone(), text)).await.is_err() {
                break;
            }
        }
        Ok(())
    };
    let ended = reading.await;
    let _ = sender.send(Said::Ended(pod, ended)).await;
}
