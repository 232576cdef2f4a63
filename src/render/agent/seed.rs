//! Files that are put into a workspace once: what is there already stays, and what the agent deletes does not come back.
//!
//! A container does it before the agent's. By default it is of the agent's own image: that has been pulled for the agent
//! anyway and asks for no further trust. It needs a shell with `cp`, `mkdir` and `mv`; an image without one names another.

use k8s_openapi::api::core::v1::{Container, ResourceRequirements, VolumeMount};
use sha2::{Digest, Sha256};

use crate::object::hex;
use crate::render::workload::{self, FALLBACK_TO_LOGS, Versioned};

use super::{Agent, workspace};

/// Where the files are while they are put.
const DIRECTORY: &str = "/etc/agent-seed";
/// Bytes of the digest that a file is known by.
const DIGEST: usize = 8;

/// The arguments are keys and paths, in turns. A mark for each file says that it was put: a start that was interrupted
/// goes on, and a file appears whole.
const SCRIPT: &str = r#"set -eu
mkdir -p .langop/seeded
while [ "$#" -gt 0 ]; do
  key=$1 path=$2
  shift 2
  if [ -e ".langop/seeded/$key" ]; then continue; fi
  if [ ! -e "$path" ] && [ ! -L "$path" ]; then
    case $path in */*) mkdir -p "${path%/*}" ;; esac
    cp "/etc/agent-seed/$key" ".langop/$key"
    mv ".langop/$key" "$path"
  fi
  : > ".langop/seeded/$key"
done
"#;

/// The files of a workspace at its beginning.
pub(super) struct Seed {
    /// Their content, by key.
    pub files: Versioned,
    /// Key and path of each.
    paths: Vec<(String, String)>,
    image: Option<String>,
    workspace: String,
}

impl Seed {
    /// The name of the volume of their content.
    pub(super) const VOLUME: &'static str = "seed";

    /// None when there is nothing to put.
    pub(super) fn of_agent(agent: &Agent<'_>) -> Option<Self> {
        let workspace = agent.spec().workspace().filter(|workspace| !workspace.initial_files.is_empty())?;
        let files = workspace.initial_files.iter().map(|(path, content)| (key(path), content.clone())).collect();
        Some(Self {
            files: Versioned { of: format!("{}-files", agent.name), files },
            paths: workspace.initial_files.keys().map(|path| (key(path), path.clone())).collect(),
            workspace: workspace.path().to_owned(),
            image: workspace.seed_image,
        })
    }

    /// The container that puts them. It has ended before the agent starts, so that what it may take costs nothing.
    pub(super) fn container(&self, agent: &Agent<'_>, resources: Option<ResourceRequirements>) -> Container {
        // The kubelet takes `$(NAME)` in an argument for a variable.
        let paths = self.paths.iter().flat_map(|(key, path)| [key.clone(), path.replace('$', "$$")]);
        let mount = |volume: &str, path: &str, read_only| VolumeMount {
            name: volume.to_owned(),
            mount_path: path.to_owned(),
            read_only,
            ..VolumeMount::default()
        };
        Container {
            name: Self::VOLUME.to_owned(),
            image: Some(self.image.clone().unwrap_or_else(|| agent.spec().image.clone())),
            command: Some(["sh", "-c", SCRIPT, Self::VOLUME].map(str::to_owned).into()),
            args: Some(paths.collect()),
            working_dir: Some(self.workspace.clone()),
            resources,
            security_context: Some(workload::hardened()),
            termination_message_policy: Some(FALLBACK_TO_LOGS.to_owned()),
            volume_mounts: Some(vec![
                mount(Self::VOLUME, DIRECTORY, Some(true)),
                mount(workspace::VOLUME, &self.workspace, None),
            ]),
            ..Container::default()
        }
    }
}

/// The key of a file: its path may have characters that a key has not.
fn key(path: &str) -> String {
    hex(&Sha256::digest(path)[..DIGEST])
}
