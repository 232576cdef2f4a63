//! `langop import litellm`.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::OutArgs;
use super::files::write_one;
use super::format::{Format, text, validated};
use super::name::name;
use crate::cli::output;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::import::{ImportedLitellm, LitellmRequest, import_litellm};

/// Write a configuration of the `LiteLLM` proxy as a description, without a server
///
/// Keys are read from the variables that the configuration names. One that is written out is neither written nor shown:
/// a variable stands for it. What langop has no field for lies in `params` and `gateway.config`, or is named.
#[derive(Args, Debug)]
pub(crate) struct LitellmArgs {
    /// The configuration; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    out: OutArgs,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Toml)]
    format: Format,
    /// Name of the language cluster
    #[arg(long, value_name = "NAME", default_value = "llm", value_parser = name)]
    cluster: String,
    /// Name of the stack; default: that of the cluster
    #[arg(long, value_name = "NAME", value_parser = name)]
    stack: Option<String>,
}

pub(super) fn run(args: &LitellmArgs) -> Result<Exit, Error> {
    let request = LitellmRequest {
        name: if args.file == Path::new("-") { "<stdin>".to_owned() } else { args.file.display().to_string() },
        text: read(&args.file).map_err(|cause| CommandError::ReadFile { path: args.file.clone(), cause })?,
        stack: args.stack.clone().unwrap_or_else(|| args.cluster.clone()),
        cluster: args.cluster.clone(),
    };
    let mut imported = import_litellm(request)?;
    let said = said(&imported);
    imported.description.comments.clone_from(&said);
    write_one(&args.out, &text(&imported.description, args.format))?;
    for line in &said {
        output::note(&format!("note: {line}"));
    }
    Ok(if validated(&imported.description) { Exit::Done } else { Exit::Invalid })
}

/// What a reader should know, a line each.
fn said(imported: &ImportedLitellm) -> Vec<String> {
    let remarks = imported.remarks.iter().map(ToString::to_string);
    let variables = imported.variables.iter();
    let variables =
        variables.map(|(name, environment)| format!("give `LANGOP_VAR_{name}` the value of `{environment}`"));
    remarks.chain(variables).collect()
}

fn read(path: &Path) -> io::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path)
}
