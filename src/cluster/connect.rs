//! From a kubeconfig to a connection.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use super::wire::{OnRetry, Wire};
use super::{
    ClusterError, Forwarder, PodLogs, Reader, Resources, Session, Writer, discovery, identification, kubeconfig,
};

/// Which server, and as whom.
#[derive(Clone, Debug, Default)]
pub struct Access {
    file: Option<PathBuf>,
    context: Option<String>,
    /// What the kubeconfig says, or what is wrong with it; read once, for a pipe gives it once.
    read: OnceLock<Result<Option<Kubeconfig>, String>>,
}

/// The namespace of requests that name none, and why it is that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextNamespace {
    /// The namespace.
    pub name: String,
    /// Why, as the end of a sentence: `the namespace of the context …`.
    pub because: String,
}

impl Access {
    /// By a kubeconfig file, else `KUBECONFIG`, `~/.kube/config` or the pod's service account; by a context of it, else
    /// the current one.
    #[must_use]
    pub fn new(file: Option<PathBuf>, context: Option<String>) -> Self {
        Self { file, context, read: OnceLock::new() }
    }

    /// The same by another context of the kubeconfig.
    #[must_use]
    pub fn in_context(&self, name: &str) -> Self {
        Self { context: Some(name.to_owned()), ..self.clone() }
    }

    /// The names of all contexts; none in a pod. Asks no server.
    ///
    /// # Errors
    /// The kubeconfig cannot be read.
    pub fn contexts(&self) -> Result<Vec<String>, ClusterError> {
        let contexts = self.kubeconfig()?.into_iter().flat_map(|kubeconfig| &kubeconfig.contexts);
        Ok(contexts.map(|context| context.name.clone()).collect())
    }

    /// The namespace that `kubectl` would take. Reads files, asks no server.
    ///
    /// # Errors
    /// The kubeconfig cannot be read, or has no such context.
    pub fn namespace(&self) -> Result<ContextNamespace, ClusterError> {
        let said = |name: &str, because: String| ContextNamespace { name: name.to_owned(), because };
        let kubeconfig = self.kubeconfig()?;
        let context =
            kubeconfig.map(|kubeconfig| kubeconfig::context(kubeconfig, self.context.as_deref())).transpose()?;
        if let Some((name, context)) = context.flatten() {
            return Ok(match context.namespace.as_deref().filter(|namespace| !namespace.is_empty()) {
                Some(namespace) => said(namespace, format!("the namespace of the context `{name}`")),
                None => said("default", format!("for the context `{name}` has no namespace")),
            });
        }
        Ok(match Config::incluster() {
            Ok(config) => said(&config.default_namespace, "the namespace of this pod".to_owned()),
            Err(_) => said("default", "for there is no kubeconfig that names another".to_owned()),
        })
    }

    /// The context that is used; none in a pod. Asks no server.
    ///
    /// # Errors
    /// The kubeconfig cannot be read, or has no such context.
    pub fn context_name(&self) -> Result<Option<&str>, ClusterError> {
        let Some(kubeconfig) = self.kubeconfig()? else { return Ok(None) };
        let context = kubeconfig::context(kubeconfig, self.context.as_deref())?;
        Ok(context.map(|(name, _)| name))
    }

    /// The URL of the server that is used, if there is any. Asks no server.
    ///
    /// # Errors
    /// The kubeconfig cannot be read, or has no such context.
    pub fn server(&self) -> Result<Option<String>, ClusterError> {
        let kubeconfig = self.kubeconfig()?;
        let context = kubeconfig
            .map(|kubeconfig| kubeconfig::context(kubeconfig, self.context.as_deref()))
            .transpose()?
            .flatten();
        let Some((_, context)) = context else {
            return Ok(Config::incluster().ok().map(|config| config.cluster_url.to_string()));
        };
        let mut clusters = kubeconfig.into_iter().flat_map(|kubeconfig| &kubeconfig.clusters);
        let cluster = clusters.find(|cluster| cluster.name == context.cluster);
        Ok(cluster.and_then(|cluster| cluster.cluster.as_ref()?.server.clone()))
    }

    fn kubeconfig(&self) -> Result<Option<&Kubeconfig>, ClusterError> {
        let read = self.read.get_or_init(|| {
            kubeconfig::read(self.file.as_deref()).map_err(|error| match error {
                ClusterError::Config(text) => text,
                error => error.to_string(),
            })
        });
        read.as_ref().map(Option::as_ref).map_err(|text| ClusterError::Config(text.clone()))
    }
}

/// A connection to one server, its kinds discovered.
pub struct Connection {
    wire: Arc<Wire>,
    resources: Resources,
    session: Arc<Session>,
    config: Config,
}

impl Connection {
    /// Connects, discovers the server's kinds, and learns which cluster it is and as whom: four requests at once.
    pub async fn open(access: &Access, patience: Duration, on_retry: OnRetry) -> Result<Self, ClusterError> {
        let config = configure(access).await?;
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let client = client(config.clone())?;
        let wire = Arc::new(Wire::new(client, server, patience, on_retry));
        let (resources, session) =
            tokio::join!(discovery::discover(&wire), identification::session(&wire, access.context_name()?));
        Ok(Self { resources: resources?, session: Arc::new(session?), wire, config })
    }

    /// Where it leads, and as whom.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What can only look.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.wire), self.resources.clone(), Arc::clone(&self.session))
    }

    /// What talks to pods.
    pub fn forwarder(&self) -> Result<Forwarder, ClusterError> {
        // A model may think longer than an API server may take; each exchange has a limit of its own.
        let mut config = self.config.clone();
        config.read_timeout = None;
        Ok(Forwarder::new(client(config)?, self.wire.server().to_owned()))
    }

    /// What reads logs of pods: they may be silent for as long as they like.
    pub fn pod_logs(&self) -> Result<PodLogs, ClusterError> {
        let mut config = self.config.clone();
        config.read_timeout = None;
        Ok(PodLogs::new(Arc::new(self.wire.by(client(config)?))))
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
    let mut config = match access.kubeconfig()? {
        Some(kubeconfig) if kubeconfig::context(kubeconfig, access.context.as_deref())?.is_some() => {
            let options = KubeConfigOptions { context: access.context.clone(), ..KubeConfigOptions::default() };
            let config = Config::from_custom_kubeconfig(kubeconfig.clone(), &options).await;
            config.map_err(|error| kubeconfig::unusable(&error))?
        }
        None if access.context.is_some() => return Err(ClusterError::Config("there is no kubeconfig".to_owned())),
        Some(_) if access.file.is_some() => {
            let text = "the kubeconfig has no current context, and `--context` names none";
            return Err(ClusterError::Config(text.to_owned()));
        }
        _ => Config::incluster().map_err(|_| {
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
