//! Stacks of any size. The same number gives the same stack.

use std::fmt::Write as _;

/// What a stack is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Manifests of ten built-in kinds, twenty objects in each namespace.
    Manifests,
    /// Language clusters with ten models each.
    LanguageClusters,
}

/// A stack under a name of its own.
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    pub kind: Kind,
    pub count: usize,
    /// Begins the names of its namespaces.
    pub prefix: &'a str,
    /// What one in a hundred objects says.
    pub revision: u32,
}

/// Objects in a namespace of [`Kind::Manifests`].
const IN_A_NAMESPACE: usize = 20;

impl Description<'_> {
    /// The end of its file's name.
    pub fn extension(&self) -> &'static str {
        match self.kind {
            Kind::Manifests => "yaml",
            Kind::LanguageClusters => "toml",
        }
    }

    /// The file.
    pub fn text(&self) -> String {
        match self.kind {
            Kind::Manifests => self.manifests(),
            Kind::LanguageClusters => self.language_clusters(),
        }
    }

    fn manifests(&self) -> String {
        let mut text = String::new();
        for place in 0..self.count.div_ceil(IN_A_NAMESPACE) {
            let namespace = format!("{}-{place:04}", self.prefix);
            // One object in a hundred changes: one ConfigMap in every fifth namespace.
            let revision = if place % 5 == 0 { self.revision } else { 0 };
            text.push_str(&NAMESPACE.replace("NAMESPACE", &namespace).replace("REVISION", &revision.to_string()));
            for part in 0..2 {
                text.push_str(&PAIR.replace("NAMESPACE", &namespace).replace("PART", &part.to_string()));
            }
        }
        text
    }

    fn language_clusters(&self) -> String {
        let (prefix, mut text) = (self.prefix, format!("stack = \"{}\"\n", self.prefix));
        for place in 0..self.count {
            let cluster = format!("{prefix}-{place:04}");
            let _ = writeln!(text, "[clusters.{cluster}]\ncapacity = {{ maxAgents = {} }}", 5 + self.revision);
            for model in 0..10 {
                let _ = writeln!(
                    text,
                    "[models.{cluster}-{model}]\nclusters = [\"{cluster}\"]\nprovider = \"openai-compatible\"\n\
                     endpoint = \"https://models.example.com/v1\"\nmodelName = \"model-{model}\"",
                );
            }
        }
        text
    }
}

// `tests/it/requests.rs` counts the requests of the same objects.
const NAMESPACE: &str = include_str!("namespace.yaml");
const PAIR: &str = include_str!("pair.yaml");
