//! A `ConfigMap` that never changes: its name ends in the digest of its content, so that a pod of the old revision which
//! restarts still finds the old one, and other content is another pod.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use sha2::{Digest, Sha256};

use crate::object::{Manifest, hex, labels};

use super::Workload;

/// Bytes of the digest that a name ends in: enough for all versions that are ever side by side.
const DIGEST: usize = 5;
/// The longest value of a label.
const LABEL: usize = 63;

/// One version of the files of a workload.
pub(in crate::render) struct Versioned {
    /// What it is a version of: its name without the digest.
    pub of: String,
    /// The files by name.
    pub files: BTreeMap<String, String>,
}

impl Versioned {
    /// Its name.
    pub(in crate::render) fn name(&self) -> String {
        format!("{}-{}", self.of, digest(self.files.iter().flat_map(|(name, content)| [name, content])))
    }

    /// The `ConfigMap`.
    pub(in crate::render) fn config_map(&self, workload: &Workload<'_>) -> Manifest {
        let mut metadata = workload.meta(&self.name());
        metadata.labels.get_or_insert_default().insert(labels::VERSION_OF.to_owned(), label(&self.of));
        let data = Some(self.files.clone());
        workload.manifest(&ConfigMap { metadata, immutable: Some(true), data, ..ConfigMap::default() })
    }
}

/// A name as the value of a label, which may be shorter than a name: two names stay two values.
fn label(name: &str) -> String {
    let short = |start: &str| format!("{}-{}", start.trim_end_matches(['-', '.']), digest([name]));
    let room = LABEL - 2 * DIGEST - 1;
    if name.len() <= LABEL { name.to_owned() } else { short(name.get(..room).unwrap_or_default()) }
}

fn digest<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        // The length keeps apart what would read alike run together.
        digest.update(part.as_ref().len().to_be_bytes());
        digest.update(part);
    }
    hex(&digest.finalize()[..DIGEST])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_too_long_for_a_label_is_cut_and_still_its_own() {
        assert_eq!(label("a-agent"), "a-agent");
        let long = |last: char| format!("{}{last}-agent", "a".repeat(62));
        let labels = [label(&long('a')), label(&long('b'))];
        assert!(labels.iter().all(|label| label.len() == 63), "{labels:?}");
        assert_ne!(labels[0], labels[1]);
    }
}
