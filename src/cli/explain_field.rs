//! `langop explain field`, and `langop explain PATH`.

use clap::Args;

use super::args::Output;
use super::output;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::report::{self, Depth};
use crate::stack::{Fields, UnknownField};

/// Say what a field of a description takes: type, default, examples, and the fields in it
///
/// PATH is as a description has it: `models`, `models.timeout`, `clusters.prod.gateway.deployment.replicas`. Names of
/// things and places in lists may be left out. No PATH is the whole description.
#[derive(Args, Debug)]
pub(super) struct FieldArgs {
    /// The field, such as `models.timeout`
    #[arg(value_name = "PATH")]
    field: Option<String>,
    /// Also the fields in the fields, to the end
    #[arg(long)]
    recursive: bool,
    /// Print the page as one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &FieldArgs) -> Result<Exit, Error> {
    let fields = Fields::of_description();
    let path = args.field.as_deref().unwrap_or_default();
    let field = fields.find(path).map_err(|unknown| no_such_field(path, unknown))?;
    let depth = if args.recursive { Depth::All } else { Depth::One };
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::field(&fields, &field, depth))?,
        Output::Human => output::result(&report::human::field(&fields, &field, depth, &output::table_style()))?,
    }
    Ok(Exit::Done)
}

fn no_such_field(path: &str, unknown: UnknownField) -> CommandError {
    let UnknownField { known, name, near } = unknown;
    CommandError::NoSuchField { path: path.to_owned(), known, name, near }
}

/// All paths that a word leads to, for completion: one step further than what was typed.
pub(super) fn paths(typed: &str) -> Vec<String> {
    let fields = Fields::of_description();
    let (before, _) = typed.rsplit_once('.').unwrap_or_default();
    let Ok(field) = fields.find(before) else { return Vec::new() };
    let prefix = if before.is_empty() { String::new() } else { format!("{before}.") };
    fields.below(&field).into_iter().map(|below| format!("{prefix}{}", below.name)).collect()
}
