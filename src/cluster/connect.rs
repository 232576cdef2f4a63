//! From a kubeconfig to a connection.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use super::wire::{OnRetry, Wire};
use super::{ClusterError, Forwarder, Reader, Resources, Writer, discovery, kubeconfig};

/// Which server, and as whom.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// A kubeconfig file; else `KUBECONFIG`, `~/.kube/config`, the pod's service account.
    pub kubeconfig: Option<PathBuf>,
    /// A context of it; else the current one.
    pub context: Option<String>,
}

/// A connection to one server, its kinds discovered.
pub struct Connection {
    wire: Arc<Wire>,
    resources: Resources,
    config: Config,
}

impl Connection {
    /// Connects and discovers the server's kinds: two requests.
    pub async fn open(access: &Access, patience: Duration, on_retry: OnRetry) -> Result<Self, ClusterError> {
        let config = configure(access).await?;
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let client = client(config.clone())?;
        let wire = Arc::new(Wire::new(client, server, patience, on_retry));
        let resources = discovery::discover(&wire).await?;
        Ok(Self { wire, resources, config })
    }

    /// What can only look.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.wire), self.resources.clone())
    }

    /// What talks to pods.
    pub fn forwarder(&self) -> Result<Forwarder, ClusterError> {
        // A model may think longer than an API server may take; each exchange has a limit of its own.
        let mut config = self.config.clone();
        config.read_timeout = None;
        Ok(Forwarder::new(client(config)?, self.wire.server().to_owned()))
    }

    /// What can also write.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::new(self.reader())
    }
}

fn client(config: Config) -> Result<Client, ClusterError> {
    Client::try_from(config).map_err(|error| kubeconfig::refused(&error))
}

async fn configure(access: &Access) -> Result<Config, ClusterError> {
    let options = KubeConfigOptions { context: access.context.clone(), ..KubeConfigOptions::default() };
    let mut config = match &access.kubeconfig {
        Some(file) => {
            let read = Kubeconfig::read_from(file).map_err(|error| kubeconfig::unusable(&error))?;
            Config::from_custom_kubeconfig(read, &options).await.map_err(|error| kubeconfig::unusable(&error))?
        }
        None if access.context.is_some() => {
            Config::from_kubeconfig(&options).await.map_err(|error| kubeconfig::unusable(&error))?
        }
        None => Config::infer().await.map_err(|_| {
            // kube's words name two places and quote both errors.
            let text = "there is no usable kubeconfig in `KUBECONFIG` or `~/.kube/config`, and this is no pod";
            ClusterError::Config(text.to_owned())
        })?,
    };
    // Retries are ours: each is counted and shown.
    config.default_retry = false;
    config.connect_timeout = Some(Duration::from_secs(10));
    // Admission webhooks may take 30 s.
    config.read_timeout = Some(Duration::from_secs(45));
    config.reset_reader_on_write = true;
    Ok(config)
}
