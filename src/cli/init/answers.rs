//! What the first description is to say: what the command line says, then what a person answers, else what is lacking.

use std::path::Path;

use super::InitArgs;
use super::provider::{Credentials, Field, NAMED, Provider};
use super::starter::{Starter, label};
use crate::cli::import::name;
use crate::cli::output;
use crate::error::CommandError;

/// Everything that a description needs.
///
/// # Errors
/// Flags are lacking and nobody can be asked, or answers.
pub(super) fn starter(args: &InitArgs) -> Result<Starter, CommandError> {
    let lacking = lacking(args);
    if !lacking.is_empty() && !output::interactive() {
        return Err(CommandError::MissingFlags(lacking));
    }
    let name = match &args.name {
        Some(name) => name.clone(),
        None => ask("--name", "Name of the stack and of its cluster", Some(&directory_name(&args.directory)), &name)?,
    };
    let mut provider = provider(args)?;
    if let Some(variable) = &args.api_key_env {
        provider.credentials = Credentials::ApiKey(variable.clone());
    }
    let model = match &args.model {
        Some(model) => model.clone(),
        None => ask("--model", "Model, by the provider's name", provider.example, &text)?,
    };
    let mut fields = Vec::new();
    for (field, given) in given(args) {
        match given {
            Some(value) => fields.push((field, value.to_owned())),
            None if provider.fields.contains(&field) => {
                fields.push((field, ask(field.flag(), field.question(), None, &|answer| value(field, answer))?));
            }
            None => {}
        }
    }
    Ok(Starter { name, provider, model, fields })
}

/// The flags whose words only a person could say instead.
fn lacking(args: &InitArgs) -> Vec<&'static str> {
    let needed = args.provider.as_ref().map_or(&[][..], |provider| provider.fields);
    let words =
        [("--name", args.name.is_none()), ("--provider", args.provider.is_none()), ("--model", args.model.is_none())];
    let fields = given(args).map(|(field, given)| (field.flag(), given.is_none() && needed.contains(&field)));
    words.into_iter().chain(fields).filter(|(_, lacks)| *lacks).map(|(flag, _)| flag).collect()
}

fn provider(args: &InitArgs) -> Result<Provider, CommandError> {
    if let Some(provider) = &args.provider {
        return Ok(provider.clone());
    }
    let question = format!("Who serves the model ({}, or another one of LiteLLM's)", NAMED.join(", "));
    ask("--provider", &question, None, &Provider::parse)
}

fn given(args: &InitArgs) -> [(Field, Option<&str>); 5] {
    [
        (Field::Endpoint, args.endpoint.as_deref()),
        (Field::ApiVersion, args.api_version.as_deref()),
        (Field::Region, args.region.as_deref()),
        (Field::Project, args.project.as_deref()),
        (Field::Location, args.location.as_deref()),
    ]
}

/// Asks until the answer is one. An empty answer means the suggestion.
fn ask<T>(
    flag: &'static str,
    question: &str,
    suggestion: Option<&str>,
    parse: &dyn Fn(&str) -> Result<T, String>,
) -> Result<T, CommandError> {
    let lacking = || CommandError::MissingFlags(vec![flag]);
    let suggested = suggestion.map(|text| format!(" [{text}]")).unwrap_or_default();
    loop {
        let answer = output::ask(&format!("{question}{suggested}:")).ok_or_else(lacking)?;
        let answer = if answer.is_empty() { suggestion.unwrap_or_default() } else { &answer };
        match parse(answer) {
            Ok(value) => return Ok(value),
            Err(fault) => output::note(&fault),
        }
    }
}

/// A name for the stack after the directory that it is described in.
fn directory_name(directory: &Path) -> String {
    let path = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    path.file_name().map_or_else(|| "first".to_owned(), |name| label(&name.to_string_lossy()))
}

/// Words without white space.
pub(super) fn text(text: &str) -> Result<String, String> {
    let is_one = !text.is_empty() && !text.contains(char::is_whitespace);
    if is_one { Ok(text.to_owned()) } else { Err("it must be one word".to_owned()) }
}

/// A URL of HTTP.
pub(super) fn endpoint(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let is_url = !host.is_empty() && !host.starts_with('/') && !text.contains(char::is_whitespace);
    if is_url { Ok(text.to_owned()) } else { Err("it must be a URL such as `https://HOST/PATH`".to_owned()) }
}

fn value(field: Field, answer: &str) -> Result<String, String> {
    if field == Field::Endpoint { endpoint(answer) } else { text(answer) }
}
