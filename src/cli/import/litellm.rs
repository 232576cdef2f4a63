//! `langop import litellm`.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::OutArgs;
use super::described::Described;
use super::files::write_one;
use super::format::{text, validated};
use super::name::name;
use crate::cli::format::Format;
use crate::cli::output;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::import::{ImportedLitellm, LitellmRequest, import_litellm};

/// What a language cluster is called where nobody gives it a name.
pub(in crate::cli) const CLUSTER: &str = "llm";

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
    #[arg(long, value_name = "NAME", default_value = CLUSTER, value_parser = name)]
    cluster: String,
    /// Name of the stack; default: that of the cluster
    #[arg(long, value_name = "NAME", value_parser = name)]
    stack: Option<String>,
}

pub(super) fn run(args: &LitellmArgs) -> Result<Exit, Error> {
    let described = describe(&args.file, &args.cluster, args.stack.as_deref(), args.format)?;
    write_one(&args.out, &described.text)?;
    for line in &described.notes {
        output::note(&format!("note: {line}"));
    }
    Ok(described.exit())
}

/// A configuration as a description of the stack, which is called as its cluster where it has no name of its own.
///
/// # Errors
/// The file cannot be read, or is no configuration.
pub(in crate::cli) fn describe(
    file: &Path,
    cluster: &str,
    stack: Option<&str>,
    format: Format,
) -> Result<Described, Error> {
    let request = LitellmRequest {
        name: if file == Path::new("-") { "<stdin>".to_owned() } else { file.display().to_string() },
        text: read(file).map_err(|cause| CommandError::ReadFile { path: file.to_owned(), cause })?,
        stack: stack.unwrap_or(cluster).to_owned(),
        cluster: cluster.to_owned(),
    };
    let mut imported = import_litellm(request)?;
    let notes = said(&imported);
    imported.description.comments.clone_from(&notes);
    let text = text(&imported.description, format);
    Ok(Described { text, notes, valid: validated(&imported.description) })
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
