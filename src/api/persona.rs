//! `LanguagePersona`: how an agent talks.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::status::MemberStatus;

/// How an agent talks.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "langop.io",
    version = "v1alpha1",
    kind = "LanguagePersona",
    namespaced,
    status = "MemberStatus",
    derive = "PartialEq",
    category = "langop",
    label("app.kubernetes.io/managed-by", "langop"),
    doc = "How agents of a language cluster talk.",
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LanguagePersonaSpec {
    /// Tone of voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pub tone: Option<String>,
    /// Character.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pub personality: Option<String>,
    /// What it knows best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    pub expertise: Option<String>,
}
