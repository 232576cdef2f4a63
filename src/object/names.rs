//! Names and ports of what langop makes on a target, each written here and nowhere else. Knows no object that
//! bears them.

/// API group of langop's kinds.
pub const GROUP: &str = "langop.io";

/// The field manager of every write, a constant: a manager that changes its name loses its fields
/// (Kubernetes, *Server-Side Apply*, "Managers").
pub const FIELD_MANAGER: &str = "langop";

/// The namespace of langop's records and locks.
pub const SYSTEM_NAMESPACE: &str = "langop-system";

/// The name of the record, the lock and the digests' key of a stack.
#[must_use]
pub fn record_name(stack: &str) -> String {
    format!("stack-{stack}")
}

/// How many applies of a stack are kept beside its record.
pub const HISTORY: u64 = 5;

/// The name of the `ConfigMap` in one place of the history of a stack; places are below [`HISTORY`].
#[must_use]
pub fn history_name(stack: &str, place: u64) -> String {
    format!("{}.history-{place}", record_name(stack))
}

/// The namespace in which a target resolves names.
pub const DNS_NAMESPACE: &str = "kube-system";
/// Where the name cache of a node listens unless it is told otherwise (Kubernetes, *Using `NodeLocal DNSCache`*).
pub const NODE_DNS: &str = "169.254.20.10/32";

/// Kind of a language cluster, which is also what its namespace, quota and network policies are labelled with.
pub const CLUSTER_KIND: &str = "LanguageCluster";
/// Kind of a model.
pub const MODEL_KIND: &str = "LanguageModel";
/// Kind of an agent, and the value of [`super::labels::KIND`] on its pods.
pub const AGENT_KIND: &str = "LanguageAgent";
/// Kind of a tool, and the value of [`super::labels::KIND`] on its pods.
pub const TOOL_KIND: &str = "LanguageTool";
/// Kind of a persona.
pub const PERSONA_KIND: &str = "LanguagePersona";
/// Kind of a team.
pub const TEAM_KIND: &str = "LanguageTeam";

/// The gateway: the name of its Deployment, Service, service account and pods' container, and the value of
/// [`super::labels::KIND`] on everything of it.
pub const GATEWAY: &str = "gateway";
/// The `ConfigMap`s of the gateway's files, without the digest of their content; what they are versions of.
pub const GATEWAY_CONFIG: &str = "gateway-config";
/// The `ConfigMap` of what the gateway is told of agents, which changes in place: it is read again while it runs.
pub const GATEWAY_AGENTS: &str = "gateway-agents";
/// The Secret of the gateway's own generated keys.
pub const GATEWAY_AUTH: &str = "gateway-auth";
/// Key of [`GATEWAY_AUTH`]: the administrator's key, without which the proxy does not start.
pub const MASTER_KEY: &str = "master-key";
/// Key of [`GATEWAY_AUTH`]: what agents' keys are made with.
pub const HMAC_SECRET: &str = "hmac-secret";

/// Keys of [`GATEWAY_AUTH`] while it is rotated: what comes in the place of the other two.
pub const NEXT_MASTER_KEY: &str = "master-key-next";
/// See [`NEXT_MASTER_KEY`].
pub const NEXT_HMAC_SECRET: &str = "hmac-secret-next";

/// The store of the gateway that langop runs: the name of its `StatefulSet`, Service, service account, volume claim and
/// of the Secret with its password, and the value of [`super::labels::KIND`] on everything of it.
pub const GATEWAY_STORE: &str = "gateway-store";
/// Key of the Secret [`GATEWAY_STORE`]: the password.
pub const STORE_PASSWORD: &str = "password";
/// The port of the store that langop runs.
pub const STORE_PORT: i32 = 6379;

/// The port of the gateway's metrics, unless the description says another.
pub const METRICS_PORT: i32 = 9464;
/// The name of the same port.
pub const METRICS_PORT_NAME: &str = "metrics";

/// The `ConfigMap` of the gateway's dashboard.
pub const GATEWAY_DASHBOARD: &str = "gateway-dashboard";

/// The Secret with the key of an agent for its gateway, under [`MODEL_API_KEY`].
#[must_use]
pub fn agent_secret(agent: &str) -> String {
    format!("{agent}{AGENT_SECRET_SUFFIX}")
}
/// How the names of these Secrets end.
pub const AGENT_SECRET_SUFFIX: &str = "-gateway-key";
/// The one key of such a Secret, and the variable of the agent that it goes into.
pub const MODEL_API_KEY: &str = "MODEL_API_KEY";

/// The file that tells the gateway until when the last key of an agent is good.
#[must_use]
pub fn previous_key_file(agent: &str) -> String {
    format!("{agent}.previous-key")
}

/// The `ResourceQuota` of a cluster.
pub const QUOTA: &str = "langop-quota";

/// The port that the gateway's proxy listens on.
pub const PROXY_PORT: u16 = 4000;
/// The same port, in the type that Kubernetes' kinds give it.
pub const CONTAINER_PORT: i32 = PROXY_PORT as i32;
/// The port of the gateway's Service.
pub const SERVICE_PORT: i32 = 8000;
/// The name of both.
pub const PORT_NAME: &str = "http";

/// Where agents reach the gateway of a cluster: the URL of its Service, without a path.
#[must_use]
pub fn gateway_url(cluster: &str) -> String {
    format!("http://{GATEWAY}.{cluster}.svc.cluster.local:{SERVICE_PORT}")
}

/// Where the gateway of a cluster reaches the store that langop runs for it: the name of its Service.
#[must_use]
pub fn store_host(cluster: &str) -> String {
    format!("{GATEWAY_STORE}.{cluster}.svc.cluster.local")
}

/// Where agents reach a tool of a cluster: the URL of its Service, without a path.
#[must_use]
pub fn tool_url(cluster: &str, name: &str, port: i32) -> String {
    format!("http://{name}.{cluster}.svc.cluster.local:{port}")
}

/// Before the name of a model in the id of its deployment. `LiteLLM` takes a called name for an id before it takes it
/// for an alias; with a blank in it, an id is no name that a model, an alias or one of a catalogue can have.
const DEPLOYMENT_ID_PREFIX: &str = "model ";

/// The id of the deployment of a model at its gateway.
#[must_use]
pub fn deployment_id(model: &str) -> String {
    format!("{DEPLOYMENT_ID_PREFIX}{model}")
}

/// The model whose deployment has this id; an id of another form stands for itself.
#[must_use]
pub fn deployed_model(id: &str) -> &str {
    id.strip_prefix(DEPLOYMENT_ID_PREFIX).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_model() {
        assert_eq!(deployed_model(&deployment_id("claude")), "claude");
        assert_eq!(deployed_model("0af3"), "0af3");
    }

    #[test]
    fn the_gateway_answers_at_its_service() {
        assert_eq!(gateway_url("prod"), "http://gateway.prod.svc.cluster.local:8000");
    }
}
