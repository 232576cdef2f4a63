//! `langop rbac`.

use clap::{Args, ValueEnum};
use serde_json::json;

use super::args::DescriptionArgs;
use super::{describe, output};
use crate::error::Error;
use crate::exit::Exit;
use crate::ops::{self, RbacRequest};
use crate::rbac::{Namespaces, Purpose, Subject};
use crate::report::yaml;
use crate::stack::Stack;

/// Print the least roles for a command on the description, without a server
///
/// As YAML for `kubectl apply`. They follow the description, but for those of `stacks`: print them again when its kinds or
/// names change.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
pub(crate) struct RbacArgs {
    /// What the identity is for
    #[arg(value_enum, default_value_t = CommandName::Apply)]
    command: CommandName,
    #[command(flatten)]
    description: DescriptionArgs,
    /// For `plan`: also what dry-runs ask for, which is the right to write
    #[arg(long)]
    dry_run: bool,
    /// The namespaces of the stack are there: print a Role for each
    #[arg(long)]
    existing_namespaces: bool,
    /// Also bind the roles to this service account
    #[arg(long, value_name = "NAMESPACE/NAME", value_parser = service_account, group = "subject")]
    service_account: Option<Subject>,
    /// Also bind the roles to this user
    #[arg(long, value_name = "NAME", group = "subject")]
    user: Option<String>,
    /// Also bind the roles to this group
    #[arg(long, value_name = "NAME", group = "subject")]
    group: Option<String>,
    /// Render for a target with Cilium
    #[arg(long)]
    cilium: bool,
    /// Print one JSON document, a List
    #[arg(long)]
    json: bool,
}

/// A command that needs an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CommandName {
    Plan,
    Apply,
    Destroy,
    Status,
    Check,
    Logs,
    Events,
    Stacks,
}

pub(crate) fn run(args: &RbacArgs) -> Result<Exit, Error> {
    // What is asked for all stacks does not follow from one of them.
    let stack = match args.command {
        CommandName::Stacks => Stack::default(),
        _ => describe::load_offline(&args.description)?,
    };
    let printed = ops::roles(&stack, &request(args));
    if args.json {
        output::json_document(&json!({"apiVersion": "v1", "kind": "List", "items": printed.objects}))?;
    } else {
        let notes: Vec<_> = printed.notes.iter().map(|note| format!("# {note}")).collect();
        output::result(&format!("{}\n{}", notes.join("\n"), yaml::documents(printed.objects)))?;
    }
    Ok(Exit::Done)
}

fn request(args: &RbacArgs) -> RbacRequest {
    let purpose = match args.command {
        CommandName::Plan if args.dry_run => Purpose::PlanWithDryRun,
        CommandName::Plan => Purpose::Plan,
        CommandName::Apply => Purpose::Apply,
        CommandName::Destroy => Purpose::Destroy,
        CommandName::Status => Purpose::Status,
        CommandName::Check => Purpose::Check,
        CommandName::Logs => Purpose::Logs,
        CommandName::Events => Purpose::Events,
        CommandName::Stacks => Purpose::Stacks,
    };
    let user = args.user.clone().map(Subject::User);
    let group = args.group.clone().map(Subject::Group);
    RbacRequest {
        purpose,
        namespaces: if args.existing_namespaces { Namespaces::Existing } else { Namespaces::Made },
        subject: args.service_account.clone().or(user).or(group),
        cilium: args.cilium,
        lacking: std::collections::BTreeSet::new(),
    }
}

fn service_account(text: &str) -> Result<Subject, String> {
    match text.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => {
            Ok(Subject::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() })
        }
        _ => Err("a service account is written as NAMESPACE/NAME".to_owned()),
    }
}
