//! The command line: arguments, one file a command, exit codes.

mod apply;
mod args;
mod budget;
mod check;
mod complete;
mod completions;
mod confirm;
mod connect;
mod crds;
mod describe;
mod destroy;
mod dev;
mod dev_agent;
mod dev_gateway;
mod drift;
mod environment_name;
mod environments;
mod events;
mod execute;
mod expected;
mod explain;
mod explain_field;
mod failure;
mod fmt;
mod format;
mod graph;
mod header;
mod import;
mod init;
mod live_cluster;
mod local_agent;
mod local_tool;
mod locking;
mod logs;
mod man;
mod named_agent;
mod named_environments;
mod named_files;
mod no_such_stack;
mod output;
mod plan;
mod progress;
mod rbac;
mod render;
mod report_args;
mod report_file;
mod reports;
mod rollback;
mod rotate;
mod saved;
mod schema;
mod self_test;
mod show;
mod signals;
mod spend;
mod stacks;
mod startup;
mod state;
mod status;
pub mod untrusted;
mod validate;
mod version;
mod watch;

use std::borrow::Cow;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::error::{CommandError, Error};
use crate::exit::{self, Exit};
use crate::object::credential::masked;

/// What the program is called.
const NAME: &str = "langop";

/// Plan and apply LLM gateways on Kubernetes.
///
/// A description in TOML or YAML names language clusters and models; `plan` shows, verified by the API server,
/// what would change; `apply` does exactly that; `destroy` takes it away.
#[derive(Debug, Parser)]
#[command(name = NAME, version, after_help = exit::help(), propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(Box<init::InitArgs>),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Destroy(destroy::DestroyArgs),
    Rollback(Box<rollback::RollbackArgs>),
    Rotate(rotate::RotateArgs),
    Show(show::ShowArgs),
    Drift(Box<drift::DriftArgs>),
    Stacks(stacks::StacksArgs),
    Status(status::StatusArgs),
    Spend(spend::SpendArgs),
    Budget(budget::BudgetArgs),
    Check(check::CheckArgs),
    SelfTest(self_test::SelfTestArgs),
    Logs(Box<logs::LogsArgs>),
    Events(Box<events::EventsArgs>),
    Fmt(fmt::FmtArgs),
    Validate(validate::ValidateArgs),
    Render(render::RenderArgs),
    Graph(graph::GraphArgs),
    Explain(explain::ExplainArgs),
    Schema(schema::SchemaArgs),
    Crds(crds::CrdsArgs),
    Rbac(rbac::RbacArgs),
    Import(import::ImportArgs),
    Dev(dev::DevArgs),
    State(state::StateArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Version(version::VersionArgs),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    if complete::answered(Cli::command) {
        return Exit::Done.into();
    }
    let exit = match Cli::try_parse() {
        Ok(cli) => start(cli.command).unwrap_or_else(|error| {
            output::note(&masked(&format!("error: {error:#}")));
            Exit::Failed
        }),
        Err(answer) => instead(&answer),
    };
    exit.into()
}

/// What is printed in the place of a command: a mistake of the command line, help or the version.
fn instead(answer: &clap::Error) -> Exit {
    // A misplaced argument is repeated in clap's words, and may be a secret.
    let text = answer.render().to_string();
    if answer.use_stderr()
        && let Cow::Owned(masked) = masked(&text)
    {
        output::note(masked.trim_end());
        return Exit::Usage;
    }
    let printed = answer.print().and_then(|()| std::io::stdout().flush());
    match printed {
        _ if answer.use_stderr() => Exit::Usage,
        Ok(()) => Exit::Done,
        Err(error) => failure::report(&CommandError::Output(error).into()),
    }
}

/// The outermost frame: an error here is one of the process, not of the command.
fn start(command: Command) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    let exit = runtime.block_on(run(command)).unwrap_or_else(|error| failure::report(&error));
    // Threads that wait for input must not keep a finished process alive.
    runtime.shutdown_background();
    Ok(exit)
}

async fn run(command: Command) -> Result<Exit, Error> {
    match command {
        Command::Init(args) => Box::pin(init::run(*args)).await,
        Command::Plan(args) => Box::pin(environments::run(args)).await,
        Command::Apply(args) => Box::pin(apply::run(args)).await,
        Command::Destroy(args) => Box::pin(destroy::run(args)).await,
        Command::Rollback(args) => Box::pin(rollback::run(*args)).await,
        Command::Rotate(args) => Box::pin(rotate::run(args)).await,
        Command::Drift(args) => Box::pin(drift::run(*args)).await,
        Command::Show(args) => show::run(&args),
        Command::Stacks(args) => stacks::run(args).await,
        Command::Status(args) => Box::pin(status::run(args)).await,
        Command::Spend(args) => Box::pin(spend::run(args)).await,
        Command::Budget(args) => Box::pin(budget::run(args)).await,
        Command::Check(args) => check::run(args).await,
        Command::SelfTest(args) => Box::pin(self_test::run(args)).await,
        Command::Events(args) => Box::pin(events::run(*args)).await,
        Command::Logs(args) => Box::pin(logs::run(*args)).await,
        Command::Fmt(args) => fmt::run(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Render(args) => Box::pin(render::run(args)).await,
        Command::Graph(args) => graph::run(&args),
        Command::Explain(args) => explain::run(&args).await,
        Command::Schema(args) => schema::run(&args),
        Command::Crds(_) => crds::run(),
        Command::Rbac(args) => rbac::run(&args),
        Command::Import(args) => Box::pin(import::run(args)).await,
        Command::Dev(args) => dev::run(&args).await,
        Command::State(args) => Box::pin(state::run(args)).await,
        Command::Completions(args) => completions::run(&args, NAME),
        Command::Man(args) => man::run(&args, Cli::command()),
        Command::Version(args) => version::run(&args),
    }
}
