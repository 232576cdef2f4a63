//! `langop init`.

mod answers;
mod existing;
mod provider;
mod starter;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use self::answers::{endpoint, text};
use self::provider::Provider;
use super::args::TargetArgs;
use super::format::{Format, SCHEMA_FILE};
use super::import::{name, write_all};
use super::output;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::stack::diagnostic::render;
use crate::stack::{DEFAULT_FILES, LoadRequest, load, schema};

/// Not in the doc comment, where indented lines would be code of Rust.
const EXAMPLES: &str = "\
Examples:
  langop init --name chat --provider anthropic --model claude-sonnet-4-5
  langop init --name local --provider openai-compatible --model llama3.2 \\
      --endpoint http://ollama.ollama.svc:11434";

/// Write the first description of a stack: a cluster, a model, and comments that say what else there is
///
/// On a terminal it asks for what no flag says; elsewhere `--name`, `--provider` and `--model` are
/// needed, and what the provider needs beside them. No key is asked for: the description says where
/// it comes from. A description that is there is never overwritten. The JSON Schema for editors is
/// written beside it.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment, after_long_help = EXAMPLES)]
pub(crate) struct InitArgs {
    /// Where the description is written; the directory is made where it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Name of the stack and of its cluster
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: Option<String>,
    /// Who serves the model: openai, anthropic, gemini, openai-compatible, azure, bedrock, vertex, or another one of
    /// `LiteLLM`'s
    #[arg(long, value_name = "PROVIDER", value_parser = Provider::parse)]
    provider: Option<Provider>,
    /// The model, by the provider's name
    #[arg(long, value_name = "MODEL", value_parser = text)]
    model: Option<String>,
    /// URL of the provider's API, for openai-compatible and azure
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    endpoint: Option<String>,
    /// Version of the API, for azure
    #[arg(long, value_name = "VERSION", value_parser = text)]
    api_version: Option<String>,
    /// Region, for bedrock
    #[arg(long, value_name = "REGION", value_parser = text)]
    region: Option<String>,
    /// Project, for vertex
    #[arg(long, value_name = "PROJECT", value_parser = text)]
    project: Option<String>,
    /// Location, for vertex
    #[arg(long, value_name = "LOCATION", value_parser = text)]
    location: Option<String>,
    /// The variable that holds the API key when the description is applied; default: as the provider calls it
    #[arg(long, value_name = "VARIABLE", value_parser = text)]
    api_key_env: Option<String>,
    /// How the description is written
    #[arg(long, value_enum, default_value_t = Format::Toml)]
    format: Format,
    /// Describe what people made in this namespace instead, as `langop import namespace` does
    #[arg(long, value_name = "NAMESPACE", conflicts_with_all = STARTING, conflicts_with_all = ["from_litellm", "format"])]
    from_namespace: Option<String>,
    /// Describe this configuration of the `LiteLLM` proxy instead, as `langop import litellm` does
    #[arg(long, value_name = "FILE", conflicts_with_all = STARTING)]
    from_litellm: Option<PathBuf>,
    #[command(flatten)]
    target: TargetArgs,
}

/// What only a description that starts from nothing is asked.
const STARTING: [&str; 8] =
    ["provider", "model", "endpoint", "api_version", "region", "project", "location", "api_key_env"];

/// A description that is to be written, and what a reader is told.
struct Written {
    format: Format,
    text: String,
    /// What should be known of it.
    notes: Vec<String>,
    /// What is needed for an apply.
    needs: Vec<String>,
    exit: Exit,
}

pub(crate) async fn run(args: InitArgs) -> Result<Exit, Error> {
    refuse_existing(&args.directory)?;
    let written = match (&args.from_namespace, &args.from_litellm) {
        (Some(namespace), _) => existing::namespace(namespace, &args).await?,
        (None, Some(file)) => existing::litellm(file, &args)?,
        (None, None) => started(&args)?,
    };
    let path = args.directory.join(written.format.file());
    let schema_path = args.directory.join(SCHEMA_FILE);
    let mut texts = BTreeMap::from([(path.clone(), written.text.clone())]);
    if !schema_path.exists() {
        texts.insert(schema_path, format!("{:#}\n", schema()));
    }
    write_all(&texts, false)?;
    tell(&written, &path, &args);
    Ok(written.exit)
}

/// A directory stands for one description.
fn refuse_existing(directory: &Path) -> Result<(), CommandError> {
    let paths = DEFAULT_FILES.map(|name| directory.join(name));
    match paths.into_iter().find(|path| path.symlink_metadata().is_ok()) {
        Some(there) => Err(CommandError::DescriptionExists(there)),
        None => Ok(()),
    }
}

fn started(args: &InitArgs) -> Result<Written, Error> {
    let starter = answers::starter(args)?;
    let text = starter.text(args.format);
    check(&text)?;
    let needs = starter.needs();
    Ok(Written { format: args.format, text, notes: Vec::new(), needs, exit: Exit::Done })
}

/// What would not be read again is not written.
fn check(text: &str) -> Result<(), Error> {
    let request =
        LoadRequest { paths: vec!["-".into()], stdin: Some(text.as_bytes().to_vec()), ..LoadRequest::default() };
    let loaded = load(&request).map_err(Box::new)?;
    if !loaded.warnings.is_empty() {
        output::note(&render(&loaded.warnings, &loaded.files, output::error_colour()));
    }
    Ok(())
}

/// Says what was written and what comes next.
fn tell(written: &Written, path: &Path, args: &InitArgs) {
    for note in &written.notes {
        output::note(&format!("note: {note}"));
    }
    output::note(&format!("wrote `{}`, and `{SCHEMA_FILE}` for editors beside it", path.display()));
    let dev = if args.target.dev { " --dev" } else { "" };
    let place = if args.directory == Path::new(".") { String::new() } else { format!(" {}", args.directory.display()) };
    output::note(&format!("next: `langop plan{dev}{place}` shows what it makes"));
    if !written.needs.is_empty() {
        output::note(&format!("`langop apply` then needs {}", written.needs.join(" and ")));
    }
}
