//! What can go wrong with a command itself: its words, its output, its process. Knows no server.

use std::io;
use std::path::PathBuf;

use crate::exit::Exit;
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

impl CommandError {
    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NobodyToAsk
            | Self::NoSuchObject(_)
            | Self::NoSuchTool { .. }
            | Self::OneEnvironment(_)
            | Self::OncePerEnvironment(_)
            | Self::NoSuchEntry { .. }
            | Self::NotAnAddress { .. }
            | Self::Rename(_)
            | Self::OtherTarget { .. }
            | Self::PlanAmongFiles(_)
            | Self::FileExists(_)
            | Self::NotADescription(_)
            | Self::PlannedAlready(_)
            | Self::NoPlanForMaxAge
            | Self::PlanToStream
            | Self::OneReportEach(_) => Exit::Usage,
            Self::NoSuchCluster(_)
            | Self::NoSuchGateway { .. }
            | Self::NoCluster
            | Self::WhichCluster(_)
            | Self::NoSuchAgent { .. }
            | Self::WhichAgent(_)
            | Self::NoSuchEnvironment { .. }
            | Self::NoSavedPlan(_)
            | Self::MissingValues(_) => Exit::Invalid,
            Self::LowConfidence => Exit::Gate,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::ClosedPipe,
            Self::Unmanaged
            | Self::NoRecord(_)
            | Self::RecordExists(_)
            | Self::PlanFile { .. }
            | Self::ReadFile { .. }
            | Self::WriteFile { .. }
            | Self::Output(_)
            | Self::Json(_)
            | Self::Report(_)
            | Self::Signals(_)
            | Self::Kubectl(_)
            | Self::Task(_) => Exit::Failed,
        }
    }

    /// Its stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NobodyToAsk => "nobody-to-ask",
            Self::Unmanaged => "unmanaged-objects",
            Self::LowConfidence => "low-confidence",
            Self::NoSuchCluster(_) | Self::NoSuchGateway { .. } => "no-such-cluster",
            Self::NoCluster => "no-cluster-described",
            Self::WhichCluster(_) => "which-cluster",
            Self::NoSuchAgent { .. } => "no-such-agent",
            Self::WhichAgent(_) => "which-agent",
            Self::NoSuchTool { .. } => "no-such-tool",
            Self::NoSuchObject(_) => "no-such-object",
            Self::MissingValues(_) => "missing-gateway-values",
            Self::NoRecord(_) => "no-record",
            Self::RecordExists(_) => "record-exists",
            Self::OneEnvironment(_) => "one-environment",
            Self::NoSuchEnvironment { .. } => "unknown-environment",
            Self::OncePerEnvironment(_) => "once-per-environment",
            Self::NoSuchEntry { .. } => "no-such-entry",
            Self::NotAnAddress { .. } => "not-an-address",
            Self::Rename(_) => "cannot-rename",
            Self::OtherTarget { .. } => "other-target",
            Self::PlanAmongFiles(_) => "plan-among-files",
            Self::NotADescription(_) => "not-a-description",
            Self::NoSavedPlan(_) => "no-saved-plan",
            Self::PlannedAlready(_) => "planned-already",
            Self::NoPlanForMaxAge => "no-plan-for-max-age",
            Self::PlanToStream => "plan-to-stream",
            Self::PlanFile { .. } => "plan-file",
            Self::FileExists(_) => "file-exists",
            Self::ReadFile { .. } => "read-file",
            Self::WriteFile { .. } => "write-file",
            Self::OneReportEach(_) => "one-report-each",
            Self::Report(_) => "report",
            Self::Output(_) => "output",
            Self::Json(_) => "json",
            Self::Signals(_) => "signals",
            Self::Kubectl(_) => "kubectl",
            Self::Task(_) => "task",
        }
    }

    /// The next step for a user, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NobodyToAsk => {
                "pass `--yes` to go on without a question; `langop plan` shows what would happen".to_owned()
            }
            Self::Unmanaged => "move them away, or pass `--include-unmanaged` to lose them too".to_owned(),
            Self::NoSuchGateway { has, .. } if has.is_empty() => {
                "add `[clusters.NAME]` to it; files are named with `-f FILE`".to_owned()
            }
            Self::NoCluster => "add `[clusters.NAME]` to it".to_owned(),
            Self::WhichCluster(names) => {
                format!("`langop dev gateway {}`", names.first().map_or("", String::as_str))
            }
            Self::NoSuchAgent { near: Some(near), .. } | Self::NoSuchEntry { near: Some(near), .. } => {
                format!("did you mean `{near}`?")
            }
            Self::NoSuchAgent { has, .. } if has.is_empty() => {
                "add `[agents.NAME]` to it; files are named with `-f FILE`".to_owned()
            }
            Self::NoSuchGateway { has, .. } | Self::NoSuchAgent { has, .. } => {
                format!("it has {}; files are named with `-f FILE`", quoted(has))
            }
            Self::WhichAgent(all) => format!("write `{}`", all.first().map_or("", String::as_str)),
            Self::NoSuchTool { has, .. } if has.is_empty() => "it has none; leave `--tool` out".to_owned(),
            Self::NoSuchTool { has, .. } => format!("it has {}", quoted(has)),
            Self::NoSuchObject(_) => "`langop graph` lists them; write them as `Kind/namespace/name`".to_owned(),
            Self::NoRecord(stack) => format!("if it was lost, `langop state rebuild {stack}` makes it anew"),
            Self::RecordExists(_) => "`--replace` makes it anew all the same".to_owned(),
            Self::OneEnvironment(_) => "name one; `langop plan` and `langop validate` take several".to_owned(),
            Self::NoSuchEnvironment { has, .. } if has.is_empty() => "describe one: `[environments.NAME]`".to_owned(),
            Self::NoSuchEnvironment { pattern, has } => {
                match crate::stack::nearest(pattern, has.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it has {}", quoted(has)),
                }
            }
            Self::OncePerEnvironment(_) => "plan them one by one".to_owned(),
            Self::NoSuchEntry { stack, .. } => format!("`langop state list {stack}` lists what it has"),
            Self::NotAnAddress { fault, .. } => (*fault).to_owned(),
            Self::Rename(error) if matches!(**error, RenameError::OtherObject { .. }) => {
                "describe it under its new name, with `[[moved]]` for what the plan is to say of it".to_owned()
            }
            Self::OtherTarget { place, .. } => {
                format!("choose the cluster with `--context` or `--kubeconfig`; `[target]` is at {place}")
            }
            Self::PlanAmongFiles(plan) => format!("`langop apply {}` alone applies it", plan.display()),
            Self::NotADescription(plan) => {
                let plan = plan.display();
                format!("`langop show {plan}` shows it, `langop apply {plan}` applies it")
            }
            Self::NoSavedPlan(_) => "`langop plan --out FILE` writes one".to_owned(),
            Self::PlannedAlready(_) => "plan again with it".to_owned(),
            Self::FileExists(_) => "`--force` overwrites it; nothing was written".to_owned(),
            Self::PlanToStream => "`--out FILE`; `--json` prints a plan for programs".to_owned(),
            Self::OneReportEach(place) if place == "-" => {
                "write all but one of `--json` and the reports to files: `--report FORMAT=FILE`".to_owned()
            }
            Self::OneReportEach(_) => "write each report to a file of its own".to_owned(),
            Self::LowConfidence
            | Self::Report(_)
            | Self::NoPlanForMaxAge
            | Self::PlanFile { .. }
            | Self::ReadFile { .. }
            | Self::WriteFile { .. }
            | Self::NoSuchCluster(_)
            | Self::MissingValues(_)
            | Self::Rename(_)
            | Self::Output(_)
            | Self::Json(_)
            | Self::Signals(_)
            | Self::Kubectl(_)
            | Self::Task(_) => return None,
        })
    }
}

fn quoted(names: &[impl std::fmt::Display]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
