//! The two languages of a description, and what files of them are called and begin with.

use clap::ValueEnum;

/// How a description is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[default]
    Toml,
    Yaml,
}

/// The schema for editors, beside a description.
pub(super) const SCHEMA_FILE: &str = "langop.schema.json";

impl Format {
    /// The description that a directory stands for.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Toml => "langop.toml",
            Self::Yaml => "langop.yaml",
        }
    }

    /// The line by which an editor finds the schema.
    pub(super) fn schema_line(self) -> String {
        match self {
            Self::Toml => format!("#:schema ./{SCHEMA_FILE}\n"),
            Self::Yaml => format!("# yaml-language-server: $schema=./{SCHEMA_FILE}\n"),
        }
    }

    /// What stands between a key and its value.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Toml => " = ",
            Self::Yaml => ": ",
        }
    }
}
