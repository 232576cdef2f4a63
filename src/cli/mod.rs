//! The command line: arguments, one file a command, exit codes.

mod apply;
mod args;
mod carry_out;
mod check;
mod connect;
mod crds;
mod describe;
mod destroy;
mod dev;
mod dev_gateway;
mod exit;
mod explain;
mod failure;
mod graph;
mod output;
mod plan;
mod progress;
mod question;
mod render;
mod schema;
mod signals;
mod startup;
mod state;
mod status;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::Exit;

/// Plan and apply LLM gateways on Kubernetes.
///
/// A description in TOML or YAML names language clusters and models; `plan` shows, verified by the API server,
/// what would change; `apply` does exactly that; `destroy` takes it away.
#[derive(Debug, Parser)]
#[command(name = "langop", version, after_help = exit::HELP, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Destroy(destroy::DestroyArgs),
    Status(status::StatusArgs),
    Check(check::CheckArgs),
    Validate(validate::ValidateArgs),
    Render(render::RenderArgs),
    Graph(graph::GraphArgs),
    Explain(explain::ExplainArgs),
    Schema(schema::SchemaArgs),
    Crds(crds::CrdsArgs),
    Dev(dev::DevArgs),
    State(state::StateArgs),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results, not mistakes.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let _ = error.print();
            return exit.into();
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::note(&format!("error: cannot start: {error}"));
            return Exit::Failed.into();
        }
    };
    let exit = runtime.block_on(run(cli.command)).unwrap_or_else(|error| failure::report(&error));
    // Threads that wait for input must not keep a finished process alive.
    runtime.shutdown_background();
    exit.into()
}

async fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Plan(args) => plan::run(args).await,
        Command::Apply(args) => apply::run(args).await,
        Command::Destroy(args) => destroy::run(args).await,
        Command::Status(args) => status::run(args).await,
        Command::Check(args) => check::run(args).await,
        Command::Validate(args) => Ok(validate::run(&args)),
        Command::Render(args) => Ok(render::run(&args)),
        Command::Graph(args) => Ok(graph::run(&args)),
        Command::Explain(args) => explain::run(&args).await,
        Command::Schema(_) => Ok(schema::run()),
        Command::Crds(_) => crds::run(),
        Command::Dev(args) => dev::run(&args).await,
        Command::State(args) => state::run(args).await,
    }
}
