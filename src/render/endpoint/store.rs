//! Where the pods of a gateway count together, and how they get in: the Valkey that langop runs, or one that is there
//! already.

use super::credential::SecretKey;
use super::host::Endpoint;
use crate::api::{GatewayStore, OnOutage};
use crate::object::names::{GATEWAY_STORE, STORE_PASSWORD, STORE_PORT, store_host};
use crate::render::scope::Scope;

/// The store of a gateway, as its pods see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Store {
    pub host: String,
    pub port: i32,
    pub tls: bool,
    pub username: Option<String>,
    pub password: Option<SecretKey>,
    pub on_outage: OnOutage,
    /// Whether langop runs it.
    pub is_own: bool,
}

impl Store {
    /// The store of the cluster's gateway, if it has one.
    pub(crate) fn of(scope: &Scope<'_>) -> Option<Self> {
        scope.gateway.store.as_ref().map(|written| Self::written(written, scope.cluster))
    }

    fn written(written: &GatewayStore, cluster: &str) -> Self {
        let on_outage = written.on_outage();
        let Some(host) = &written.host else {
            let password = SecretKey { secret: GATEWAY_STORE.to_owned(), key: STORE_PASSWORD.to_owned() };
            return Self {
                host: store_host(cluster),
                port: STORE_PORT,
                tls: false,
                username: None,
                password: Some(password),
                on_outage,
                is_own: true,
            };
        };
        let password = written.secret_ref.as_ref();
        Self {
            host: host.clone(),
            port: written.port(),
            tls: written.has_tls(),
            username: written.username.clone(),
            password: password.map(|from| SecretKey { secret: from.name.clone(), key: from.key().to_owned() }),
            on_outage,
            is_own: false,
        }
    }

    /// Where it is for policies, seen from a pod of the cluster.
    pub(crate) fn endpoint(&self, cluster: &str) -> Option<Endpoint> {
        Endpoint::of_host(&self.host, self.port, cluster)
    }
}

/// Where a store that is there already is, seen from a pod of the cluster.
pub(crate) fn existing_store(store: &GatewayStore, cluster: &str) -> Option<Endpoint> {
    Endpoint::of_host(store.host.as_deref()?, store.port(), cluster)
}
