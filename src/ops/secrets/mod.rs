//! Takes secret values from their sources, for the time of one command.

mod command;
mod external;

pub(super) use external::{ExternalSecrets, external_secrets};

use std::collections::BTreeMap;

use rand::TryRng as _;

use crate::object::{Manifest, ObjectRef, SecretSource, SecretValue, Source, hex};
use crate::plan::{Problem, Severity};
use command::Commands;

/// A value that is not to be had here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The Secret.
    pub object: ObjectRef,
    /// Its key.
    pub key: String,
    /// Why, naming the variable or file and never its content.
    pub because: String,
}

/// Values of the Secrets of a stack, by Secret and key.
#[derive(Debug, Default)]
pub(crate) struct Values {
    found: BTreeMap<ObjectRef, BTreeMap<String, SecretValue>>,
    missing: Vec<Missing>,
    doubtful: Vec<Doubtful>,
}

/// A value that was read and is probably not what was meant.
#[derive(Clone, Debug)]
struct Doubtful {
    manifest: ObjectRef,
    source: Option<Source>,
    message: String,
}

impl Values {
    /// Reads every source; a command that is the source of several keys runs once.
    pub(crate) async fn read(manifests: &[Manifest]) -> Self {
        let commands = Commands::run(manifests).await;
        let mut values = Self::default();
        for manifest in manifests {
            let mut found = BTreeMap::new();
            for (key, source) in &manifest.secret {
                match value(source, &commands) {
                    Ok(value) => {
                        values.doubtful.extend(doubt(manifest, key, source, &value));
                        found.insert(key.clone(), value);
                    }
                    Err(because) => {
                        values.missing.push(Missing { object: manifest.reference.clone(), key: key.clone(), because });
                    }
                }
            }
            if !found.is_empty() {
                values.found.insert(manifest.reference.clone(), found);
            }
        }
        values
    }

    /// Values of one Secret; empty for other objects.
    #[must_use]
    pub(crate) fn of_secret(&self, object: &ObjectRef) -> BTreeMap<String, SecretValue> {
        self.found.get(object).cloned().unwrap_or_default()
    }

    /// What could not be read. Plan goes on without; apply cannot.
    pub(super) fn take_missing(&mut self) -> Vec<Missing> {
        std::mem::take(&mut self.missing)
    }

    /// Values that are probably not what was meant.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let problem = |doubtful: &Doubtful| {
            let problem = Problem::new(Severity::Warning, "doubtful-secret-value", doubtful.message.clone());
            problem.about(&doubtful.manifest, None, doubtful.source.clone())
        };
        self.doubtful.iter().map(problem).collect()
    }

    /// What could not be read of one Secret.
    #[must_use]
    pub(crate) fn missing_in(&self, object: &ObjectRef) -> Option<&Missing> {
        self.missing.iter().find(|missing| missing.object == *object)
    }
}

/// What is odd about a value from outside: no key is blank, or has a newline or a space at an end. Its first and last
/// character are all that is told of it.
fn doubt(manifest: &Manifest, key: &str, source: &SecretSource, value: &SecretValue) -> Option<Doubtful> {
    let from = match source {
        SecretSource::Env(name) => format!("the environment variable `{name}`"),
        SecretSource::File(path) => format!("`{}`", path.display()),
        SecretSource::Command { argv, .. } => {
            format!("the output of `{}`", argv.first().map(String::as_str).unwrap_or_default())
        }
        _ => return None,
    };
    let bytes = value.expose();
    let what = match (bytes.first()?, bytes.last()?) {
        _ if bytes.iter().all(u8::is_ascii_whitespace) => "is blank",
        (_, b'\n' | b'\r') => "ends in a newline",
        (_, last) if last.is_ascii_whitespace() => "ends in a space",
        (first, _) if first.is_ascii_whitespace() => "begins with a space",
        _ => return None,
    };
    let message = format!("`{key}` of {}: {from} {what}, and so does the value", manifest.reference);
    let message = if what == "is blank" { message.replace("so does", "so is") } else { message };
    Some(Doubtful { manifest: manifest.reference.clone(), source: manifest.source.clone(), message })
}

fn value(source: &SecretSource, commands: &Commands) -> Result<SecretValue, String> {
    match source {
        SecretSource::Literal(value) | SecretSource::Kept(value) => Ok(value.clone()),
        SecretSource::Env(name) => match std::env::var_os(name) {
            Some(value) if !value.is_empty() => Ok(SecretValue::new(value.into_encoded_bytes())),
            _ => Err(format!("the environment variable `{name}` is not set")),
        },
        SecretSource::File(path) => {
            let read = std::fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
            one_line_less(read).ok_or_else(|| format!("`{}` is empty", path.display()))
        }
        SecretSource::Command { argv, directory, .. } => commands.value(argv, directory),
        // A stand-in for what apply makes: a plan only asks whether such a Secret would be taken.
        SecretSource::AgentKey { .. } | SecretSource::Copy { .. } => Ok(SecretValue::new(Vec::from("(made by apply)"))),
        SecretSource::Generate { prefix, bytes } => {
            let mut bytes = vec![0; *bytes];
            rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(|error| format!("no randomness: {error}"))?;
            Ok(SecretValue::new(format!("{prefix}{}", hex(&bytes)).into_bytes()))
        }
    }
}

/// The value in what a file or a command gave: editors and `echo` end a text with a newline; no key does.
fn one_line_less(mut read: Vec<u8>) -> Option<SecretValue> {
    let end = read.strip_suffix(b"\r\n").or_else(|| read.strip_suffix(b"\n")).unwrap_or(&read).len();
    read.truncate(end);
    (end > 0).then(|| SecretValue::new(read))
}
