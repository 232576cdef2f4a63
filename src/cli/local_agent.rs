//! An agent as it runs here: what its pod is given, with the addresses of its gateway and tools on this machine. Knows the
//! description; starts nothing.

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretBox;
use serde_json::Value;

use crate::api::LanguageAgentSpec;
use crate::dev::agent::{AgentWish, ProgramWish, free_port};
use crate::error::{CommandError, Error};
use crate::object::names::gateway_url;
use crate::object::pod_template::pod_template;
use crate::object::role::{Part, part};
use crate::object::{KeyId, Manifest, ObjectRef, SecretValue, agent_key, field};
use crate::ops::{self, GatewayPod};
use crate::render::{self, connections, yaml_text};
use crate::stack::{Item, MemberKey, Stack};

use super::local_tool::LocalTool;

/// The container of an agent.
const CONTAINER: &str = "agent";
/// The variable of the agent's key.
const KEY: &str = "MODEL_API_KEY";
/// The variable with the URLs of tools.
const SERVERS: &str = "MCP_SERVERS";
/// Where the agent's configuration is in the pod, and its file.
const CONFIG: (&str, &str) = ("/etc/agent", "config.yaml");
/// The variables that say where configuration and workspace are, for here they are elsewhere.
const PLACES: [&str; 2] = ["AGENT_CONFIG", "AGENT_WORKSPACE"];

/// An agent and its tools, before ports are known.
pub(super) struct LocalAgent {
    /// Its name.
    pub name: String,
    /// What is not as in the cluster.
    pub notes: Vec<String>,
    cluster: String,
    pod: GatewayPod,
    workspace: Option<String>,
    tools: Vec<LocalTool>,
    /// Tools that do not run here.
    absent: Vec<(String, String)>,
}

impl LocalAgent {
    /// What the agent is given. `commands` run in the place of images of tools; `secret` is what the gateway knows the
    /// keys of agents by.
    pub(super) async fn read(
        stack: &Stack,
        (key, item): (&MemberKey, &Item<LanguageAgentSpec>),
        commands: &[(String, String)],
        secret: Option<&SecretValue>,
    ) -> Result<Self, Error> {
        let manifests = render::render(stack, &render::needs(stack).assumed_target());
        let workload = workload(&manifests, &key.cluster, Part::Agent(&key.name))
            .ok_or_else(|| CommandError::NoSuchObject(item.address.to_string()))?;
        let id = KeyId { agent: key.name.clone(), epoch: item.spec.key_epoch() };
        let own = secret.map(|secret| agent_key(secret, &id));
        let outside = |name: &str| if name == KEY { own.clone() } else { from_environment(name) };
        let pod = ops::container_pod(&manifests, &workload, CONTAINER, outside).await;
        let mut pod = pod.unwrap_or_else(|| Ok(GatewayPod::default())).map_err(CommandError::MissingValues)?;
        pod.variables.extend(own.map(|own| (KEY.to_owned(), own)));
        let mut local = Self {
            name: key.name.clone(),
            notes: Vec::new(),
            cluster: key.cluster.clone(),
            workspace: None,
            pod,
            tools: Vec::new(),
            absent: Vec::new(),
        };
        local.take_workspace(item);
        local.notes.extend(local.pod.left_out.iter().map(|what| format!("left out: {what}")));
        local.read_tools(stack, item, (&manifests, &workload), commands).await?;
        Ok(local)
    }

    /// The workspace is a directory here, as it is when the agent first starts in the cluster.
    fn take_workspace(&mut self, item: &Item<LanguageAgentSpec>) {
        let volume = |what: &String| what.starts_with("volume `workspace` at ");
        if let Some(at) = self.pod.left_out.iter().position(volume) {
            self.pod.left_out.remove(at);
            let workspace = item.spec.workspace().unwrap_or_default();
            let files = workspace.initial_files.iter();
            let files: BTreeMap<_, _> =
                files.map(|(path, text)| (path.clone(), SecretValue::new(text.clone().into_bytes()))).collect();
            let what = if files.is_empty() { "an empty directory" } else { "a directory with its initial files" };
            self.notes.push(format!("the workspace is {what}, and goes with this run"));
            let path = workspace.path().to_owned();
            self.pod.directories.insert(path.clone(), files);
            self.workspace = Some(path);
        }
    }

    async fn read_tools(
        &mut self,
        stack: &Stack,
        item: &Item<LanguageAgentSpec>,
        (manifests, workload): (&[Manifest], &ObjectRef),
        commands: &[(String, String)],
    ) -> Result<(), Error> {
        let used = connections(stack, &self.cluster, &item.spec);
        let has = |name: &str| stack.tools.get(&MemberKey { cluster: self.cluster.clone(), name: name.to_owned() });
        let runs = |name: &str| has(name).filter(|tool| tool.spec.url.is_none());
        let own = || used.iter().filter(|one| one.is_own).filter(|one| runs(one.name).is_some());
        if let Some((tool, _)) = commands.iter().find(|(tool, _)| !own().any(|one| one.name == tool)) {
            let has = own().map(|one| one.name.to_owned()).collect();
            let (agent, tool) = (self.name.clone(), tool.clone());
            return Err(CommandError::NoSuchTool { agent, tool, has }.into());
        }
        for one in own() {
            let Some(tool) = runs(one.name) else { continue };
            let command = commands.iter().rev().find(|(name, _)| name == one.name).map(|(_, command)| command.clone());
            if command.is_none() && tool.spec.stdio.is_none() {
                let name = one.name;
                self.notes.push(format!("left out: tool `{name}`; `--tool {name}=COMMAND` runs it here"));
                self.absent.push((name.to_owned(), one.endpoint.clone()));
                continue;
            }
            let (place, container) = if tool.spec.is_sidecar() {
                (workload.clone(), format!("tool-{}", one.name))
            } else {
                let own = self::workload(manifests, &self.cluster, Part::Tool(one.name));
                (own.unwrap_or_else(|| workload.clone()), "tool".to_owned())
            };
            let pod = ops::container_pod(manifests, &place, &container, from_environment).await;
            let pod = pod.unwrap_or_else(|| Ok(GatewayPod::default())).map_err(CommandError::MissingValues)?;
            self.tools.push(LocalTool::new(one, &tool.spec, command, pod.variables));
        }
        Ok(())
    }

    /// Whether a tool needs a bridge.
    pub(super) fn needs_bridge(&self) -> bool {
        self.tools.iter().any(LocalTool::needs_bridge)
    }

    /// What is started, with the gateway at `gateway`.
    pub(super) fn wish(mut self, command: &str, gateway: &str, bridge: Option<&Path>) -> Result<AgentWish, Error> {
        let mut moved = vec![(gateway_url(&self.cluster), gateway.to_owned())];
        let mut tools = Vec::new();
        for tool in std::mem::take(&mut self.tools) {
            let port = free_port()?;
            moved.push((tool.endpoint.clone(), tool.url_at(port)));
            tools.push(tool.wish(port, bridge));
        }
        self.forget_absent();
        // The longer first: one may be the beginning of another.
        moved.sort_by_key(|(there, _)| std::cmp::Reverse(there.len()));
        let Self { name, pod, workspace, .. } = self;
        let variables = pod.variables.into_iter().map(|(name, value)| (name, moved_to_here(&value, &moved))).collect();
        let config = format!("{}/{}", CONFIG.0, CONFIG.1);
        let places = PLACES.into_iter().map(str::to_owned).zip([Some(config), workspace]);
        let places = places.filter_map(|(name, path)| Some((name, path?))).collect();
        let directories = pod.directories.into_iter().map(|(path, files)| {
            let files = files.into_iter().map(|(name, value)| (name, moved_to_here(&value, &moved)));
            (path.into(), files.collect())
        });
        let directories = directories.collect();
        let program =
            ProgramWish { name: format!("agent `{name}`"), command: command.to_owned(), variables, port: None };
        Ok(AgentWish { program, tools, directories, places })
    }

    /// Takes the tools that do not run here out of what the agent is told.
    fn forget_absent(&mut self) {
        if self.absent.is_empty() {
            return;
        }
        let is_absent = |url: &str| self.absent.iter().any(|(_, endpoint)| endpoint == url);
        if let Some(servers) = self.pod.variables.remove(SERVERS) {
            let text = String::from_utf8_lossy(servers.expose()).into_owned();
            let kept: Vec<_> = text.split(',').filter(|url| !is_absent(url)).collect();
            if !kept.is_empty() {
                self.pod.variables.insert(SERVERS.to_owned(), SecretValue::new(kept.join(",").into_bytes()));
            }
        }
        let files = self.pod.directories.get_mut(CONFIG.0);
        let Some(file) = files.and_then(|files| files.get_mut(CONFIG.1)) else { return };
        if let Ok(mut config) = serde_saphyr::from_slice::<Value>(file.expose()) {
            if let Some(tools) = config.get_mut("tools").and_then(Value::as_object_mut) {
                tools.retain(|name, _| !self.absent.iter().any(|(absent, _)| absent == name));
            }
            *file = SecretValue::new(yaml_text(&config).into_bytes());
        }
    }
}

/// What keeps or starts the pods of a part of a cluster.
fn workload(manifests: &[Manifest], cluster: &str, wanted: Part<'_>) -> Option<ObjectRef> {
    let is_wanted = |manifest: &&Manifest| {
        manifest.reference.namespace.as_deref() == Some(cluster)
            && pod_template(&manifest.object).is_some()
            && part(&field::text_map(&manifest.object, "/metadata/labels")) == Some(wanted)
    };
    manifests.iter().find(is_wanted).map(|manifest| manifest.reference.clone())
}

fn from_environment(name: &str) -> Option<SecretValue> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    value.map(|value| SecretValue::new(value.into_encoded_bytes()))
}

/// A text with the addresses of the cluster replaced by those of this machine.
fn moved_to_here(value: &SecretValue, moved: &[(String, String)]) -> SecretBox<Vec<u8>> {
    let bytes = match std::str::from_utf8(value.expose()) {
        Ok(text) => moved.iter().fold(text.to_owned(), |text, (there, here)| text.replace(there, here)).into_bytes(),
        Err(_) => value.expose().to_vec(),
    };
    SecretBox::new(Box::new(bytes))
}
