//! What can go wrong with a command itself: its words, its output, its process. Knows no server.

mod code;
mod exit;
mod hint;

use std::io;
use std::path::PathBuf;

use crate::ops::Lack;
use crate::report::ReportError;
use crate::state::RenameError;

/// Why a command stops before, or beside, what the layers do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A question must be asked, and there is no terminal.
    #[error("nobody can be asked here")]
    NobodyToAsk,
    /// What is deleted takes objects of others with it, or may, and nothing allows their loss.
    #[error("what is deleted takes objects with it that this stack did not make, or may do so; see above")]
    Unmanaged,
    /// `--require` asks for more confidence than some change has.
    #[error("not every change is known as well as `--require` asks for; see the marks in the plan")]
    LowConfidence,
    /// `--require-safe-image`, and the image of a gateway is not known to be safe.
    #[error("gateway of cluster `{cluster}`: {message}")]
    UnsafeImage {
        /// The cluster.
        cluster: String,
        /// What is known against it.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A cluster that the description does not have.
    #[error("the description has no cluster `{0}`")]
    NoSuchCluster(String),
    /// The same for `langop dev gateway`, where a file may have been taken for a cluster.
    #[error("the description has no cluster `{name}`")]
    NoSuchGateway {
        /// What was named.
        name: String,
        /// The clusters that the description has.
        has: Vec<String>,
    },
    /// A description without clusters, where one is needed.
    #[error("the description has no cluster")]
    NoCluster,
    /// Several clusters, and none is named.
    #[error("which cluster? the description has {}", quoted(.0))]
    WhichCluster(Vec<String>),
    /// Several clusters on the target or in the description, and a command that names none.
    #[error("which cluster? there are {}", quoted(.0))]
    NameACluster(Vec<String>),
    /// A cluster that the target does not have.
    #[error("the target has no language cluster `{name}`")]
    NoSuchLiveCluster {
        /// What was named.
        name: String,
        /// The clusters that it has.
        has: Vec<String>,
    },
    /// A target without clusters, where one is needed.
    #[error("the target has no language cluster")]
    NoClusterHere,
    /// A budget that a cluster does not have.
    #[error("cluster `{cluster}` has no budget of `{of}`")]
    NoSuchBudget {
        /// Whose it would be.
        of: String,
        /// The cluster.
        cluster: String,
        /// Whose budgets it has.
        has: Vec<String>,
    },
    /// An agent that the description does not have.
    #[error("the description has no agent `{name}`")]
    NoSuchAgent {
        /// What was named.
        name: String,
        /// What was probably meant.
        near: Option<String>,
        /// The agents that the description has.
        has: Vec<String>,
    },
    /// A caller that no gateway of the description knows.
    #[error("no gateway of the description has a caller `{name}`")]
    NoSuchCaller {
        /// What was named.
        name: String,
        /// The callers that there are.
        has: Vec<String>,
    },
    /// A name that no gateway of the description serves.
    #[error("no gateway of the description serves `{name}`")]
    NotServed {
        /// What was named.
        name: String,
        /// The names that are served.
        has: Vec<String>,
    },
    /// What is to be out is not written as such.
    #[error("`{0}` says nothing that can be out")]
    NotAnOutage(String),
    /// What is to be out takes nothing of the description along.
    #[error("`{term}` takes nothing of the description along")]
    NothingOut {
        /// What was named.
        term: String,
        /// What there is of the kind.
        has: Vec<String>,
    },
    /// Several clusters have an agent of the name.
    #[error("which agent? the description has {}", quoted(.0))]
    WhichAgent(Vec<String>),
    /// A tool that an agent does not use, or that needs no command.
    #[error("agent `{agent}` has no tool `{tool}` that langop would run")]
    NoSuchTool {
        /// The agent.
        agent: String,
        /// What was named.
        tool: String,
        /// The tools that it has.
        has: Vec<String>,
    },
    /// An address that stands for no object.
    #[error("the description has no object `{0}`")]
    NoSuchObject(String),
    /// A pattern of addresses that stands for no object.
    #[error("the description has nothing that is called `{address}`")]
    NothingAt {
        /// The pattern.
        address: String,
        /// The address that was probably meant.
        near: Option<String>,
    },
    /// Values of objects that nobody knows before an apply; a line for each.
    #[error("not known yet: {}", .0.join("\n  "))]
    NotKnownYet(Vec<String>),
    /// Values that a gateway's pod needs and that cannot be had here.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    MissingValues(Vec<Lack>),
    /// A stack without a record.
    #[error("there is no record of the stack `{0}`")]
    NoRecord(String),
    /// A stack with a record, where none may be.
    #[error("the stack `{0}` has a record")]
    RecordExists(String),
    /// Several environments, for a command that takes one.
    #[error("this command is for one environment, and `--env` names {}", quoted(.0))]
    OneEnvironment(Vec<String>),
    /// A name or a pattern that no environment has.
    #[error("the description has no environment `{pattern}`")]
    NoSuchEnvironment {
        /// What was named.
        pattern: String,
        /// The environments that the description has.
        has: Vec<String>,
    },
    /// What several environments cannot share.
    #[error("{0} goes with one environment, and `--env` names several")]
    OncePerEnvironment(&'static str),
    /// An address, or a pattern of addresses, that no object of a record has.
    #[error("the record of stack `{stack}` has no `{address}`")]
    NoSuchEntry {
        /// The stack.
        stack: String,
        /// The address.
        address: String,
        /// The one that was probably meant.
        near: Option<String>,
    },
    /// Text that has not the form of an address.
    #[error("`{text}` is no address")]
    NotAnAddress {
        /// The text.
        text: String,
        /// What an address is.
        fault: &'static str,
    },
    /// A name that a record cannot give its objects.
    #[error(transparent)]
    Rename(Box<RenameError>),
    /// Another cluster than the description is for.
    #[error("the description is for another cluster: its `target.{what}` is `{wanted}`, and here it is `{found}`")]
    OtherTarget {
        /// Which part of it.
        what: &'static str,
        /// As the description says.
        wanted: String,
        /// As it is.
        found: String,
        /// Where the description says so.
        place: String,
    },
    /// A saved plan beside other files.
    #[error("`{}` is a saved plan, and goes with no other file", .0.display())]
    PlanAmongFiles(PathBuf),
    /// A saved plan where a description belongs.
    #[error("`{}` is a saved plan, not a description", .0.display())]
    NotADescription(PathBuf),
    /// A file that is no saved plan.
    #[error("`{}` is no saved plan", .0.display())]
    NoSavedPlan(PathBuf),
    /// Flags that say what is planned, beside a saved plan.
    #[error("a saved plan is planned already: {} had to be said when it was made", quoted(.0))]
    PlannedAlready(Vec<&'static str>),
    /// `--max-age` of a description.
    #[error("`--max-age` is about saved plans, and none is named")]
    NoPlanForMaxAge,
    /// A saved plan to standard output.
    #[error("a saved plan goes to a file, and not to standard output")]
    PlanToStream,
    /// The file of a saved plan.
    #[error("cannot {verb} the plan `{}`", .path.display())]
    PlanFile {
        /// What was tried.
        verb: &'static str,
        /// Its path.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// A path that leads to no field of a description.
    #[error("there is no field `{path}`: {} has no `{name}`", whole(.known))]
    NoSuchField {
        /// The path.
        path: String,
        /// As far as it leads to a field.
        known: String,
        /// The name behind that.
        name: String,
        /// The path that was probably meant.
        near: Option<String>,
    },
    /// A directory that has a description, where a first one is asked for.
    #[error("`{}` is there already", .0.display())]
    DescriptionExists(PathBuf),
    /// Flags that are needed where nobody can be asked.
    #[error("nobody can be asked here, so that {} {} needed", quoted(.0), if .0.len() == 1 { "is" } else { "are" })]
    MissingFlags(Vec<&'static str>),
    /// A file that is there, and may not be overwritten.
    #[error("`{}` is there already", .0.display())]
    FileExists(PathBuf),
    /// A file that cannot be read.
    #[error("cannot read `{}`", .path.display())]
    ReadFile {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write `{}`", .path.display())]
    WriteFile {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// Two writers for one place.
    #[error("{} has one writer, and two are asked for", if .0 == "-" { "standard output".to_owned() } else { format!("`{}`", .0) })]
    OneReportEach(String),
    /// A report that cannot be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// stdout does not take what is written: a full disk, or a reader that went away.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
    /// A document could not be written as JSON.
    #[error("cannot make the JSON document")]
    Json(#[from] serde_json::Error),
    /// The system refuses to tell of signals.
    #[error("cannot listen for signals")]
    Signals(#[source] io::Error),
    /// `kubectl` does not run.
    #[error("cannot run `kubectl`")]
    Kubectl(#[source] io::Error),
    /// Work in the background ended without a result.
    #[error("work in the background did not end")]
    Task(#[from] tokio::task::JoinError),
}

/// What a path leads to, in a sentence.
fn whole(path: &str) -> String {
    if path.is_empty() { "a description".to_owned() } else { format!("`{path}`") }
}

fn quoted(names: &[impl std::fmt::Display]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
