//! What this langop is made of, as `langop version` prints it: for a report of a fault, and for whoever pins an image or
//! looks whether a record can be read.

use std::fmt::Write as _;

use serde::Serialize;

use super::json::FORMAT_VERSION;
use crate::{api, plan, render, state};

/// One build of langop.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct Build {
    /// [`FORMAT_VERSION`].
    format_version: &'static str,
    /// Version of langop.
    langop: &'static str,
    /// The commit that it was built from; null where the builder did not say so in `LANGOP_COMMIT`. A source without
    /// a history has none, so nothing looks for it.
    commit: Option<&'static str>,
    /// Image of gateways whose description names none.
    gateway_image: &'static str,
    /// `apiVersion` of the kinds.
    api_version: &'static str,
    /// Number of the schemas of their CRDs.
    crd_schema: u64,
    /// The newest format of records that it writes and reads; it reads all older ones.
    record_format: u64,
    /// Format of the plans that it saves and applies.
    plan_format: u64,
    /// The client of Kubernetes.
    kubernetes: Client,
}

/// Libraries that speak with an API server, by the versions that `Cargo.toml` asks for.
#[derive(Debug, Serialize)]
struct Client {
    kube: &'static str,
    k8s_openapi: &'static str,
    /// The release of Kubernetes whose kinds are built in; others are read as the server describes them.
    api: &'static str,
}

const CLIENT: Client = Client { kube: "5", k8s_openapi: "0.29", api: "1.36" };

/// This build.
#[must_use]
pub(crate) fn build() -> Build {
    Build {
        format_version: FORMAT_VERSION,
        langop: env!("CARGO_PKG_VERSION"),
        commit: option_env!("LANGOP_COMMIT").filter(|commit| !commit.is_empty()),
        gateway_image: render::GATEWAY_IMAGE,
        api_version: api::API_VERSION,
        crd_schema: api::SCHEMA,
        record_format: state::NEWEST_FORMAT,
        plan_format: plan::saved::FORMAT,
        kubernetes: CLIENT,
    }
}

impl Build {
    /// For a person.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let Client { kube, k8s_openapi, api } = self.kubernetes;
        let commit = self.commit.map(|commit| format!(" ({commit})")).unwrap_or_default();
        let rows = [
            ("gateway image", self.gateway_image.to_owned()),
            ("kinds", format!("{}, CRD schema {}", self.api_version, self.crd_schema)),
            ("records", format!("format {}", self.record_format)),
            ("saved plans", format!("format {}", self.plan_format)),
            ("JSON documents", format!("format {}", self.format_version)),
            ("Kubernetes", format!("{api}, by kube {kube} and k8s-openapi {k8s_openapi}")),
        ];
        rows.iter().fold(format!("langop {}{commit}\n", self.langop), |mut text, (what, words)| {
            let _ = writeln!(text, "{what:<15} {words}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_the_one_that_is_built_in() {
        let manifest: toml::Table =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap().parse().unwrap();
        let dependencies = &manifest["dependencies"];
        assert_eq!(dependencies["kube"]["version"].as_str(), Some(CLIENT.kube));
        assert_eq!(dependencies["k8s-openapi"]["version"].as_str(), Some(CLIENT.k8s_openapi));
        let feature = format!("v{}", CLIENT.api.replace('.', "_"));
        let features = dependencies["k8s-openapi"]["features"].as_array().unwrap();
        assert!(features.iter().any(|one| one.as_str() == Some(&feature)), "{features:?}");
    }

    #[test]
    fn a_person_sees_all_that_a_program_does() {
        let build = build();
        let text = build.text();
        assert!(text.starts_with(concat!("langop ", env!("CARGO_PKG_VERSION"))), "{text}");
        assert!(text.contains(build.gateway_image) && text.contains("CRD schema "), "{text}");
    }
}
