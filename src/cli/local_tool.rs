//! A tool as it runs here: a command in the place of its image, or its program behind a bridge.

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretBox;

use crate::api::LanguageToolSpec;
use crate::dev::agent::{ProgramWish, bridged};
use crate::object::SecretValue;
use crate::render::Connection;

/// A tool that runs here.
pub(super) struct LocalTool {
    name: String,
    /// Its URL in the cluster.
    pub endpoint: String,
    path: &'static str,
    runs: Runs,
    variables: BTreeMap<String, SecretValue>,
}

enum Runs {
    /// A server; a shell reads it.
    Server(String),
    /// A program on standard input and output.
    Program(Vec<String>),
}

impl LocalTool {
    /// A tool, with the command that was given for it.
    pub(super) fn new(
        connection: &Connection<'_>,
        spec: &LanguageToolSpec,
        command: Option<String>,
        variables: BTreeMap<String, SecretValue>,
    ) -> Self {
        let shell = |command: String| vec!["sh".to_owned(), "-c".to_owned(), command];
        let runs = match (&spec.stdio, command) {
            (Some(stdio), None) => Runs::Program(stdio.command.clone()),
            (Some(_), Some(command)) => Runs::Program(shell(command)),
            (None, command) => Runs::Server(command.unwrap_or_default()),
        };
        // The one directory of the pod that can be written is nothing to tell of here.
        let variables = variables.into_iter().filter(|(_, value)| !value.expose().starts_with(b"/tmp"));
        let (name, endpoint) = (connection.name.to_owned(), connection.endpoint.clone());
        Self { name, endpoint, path: spec.path(), runs, variables: variables.collect() }
    }

    pub(super) fn needs_bridge(&self) -> bool {
        matches!(self.runs, Runs::Program(_))
    }

    /// Its URL here.
    pub(super) fn url_at(&self, port: u16) -> String {
        format!("http://127.0.0.1:{port}{}", self.path)
    }

    /// What is started for it.
    pub(super) fn wish(self, port: u16, bridge: Option<&Path>) -> ProgramWish {
        let command = match self.runs {
            Runs::Server(command) => command,
            Runs::Program(words) => {
                let words = bridge.map(|bridge| bridged(bridge, port, &words)).unwrap_or_default();
                // No word of a description has the character that cannot be quoted.
                format!("exec {}", shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default())
            }
        };
        let variables =
            self.variables.into_iter().chain([("PORT".to_owned(), SecretValue::new(port.to_string().into_bytes()))]);
        let variables = variables.map(|(name, value)| (name, SecretBox::new(Box::new(value.expose().to_vec()))));
        ProgramWish { name: format!("tool `{}`", self.name), command, variables: variables.collect(), port: Some(port) }
    }
}
