//! Arguments that several commands share.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};

use crate::apply::{Patience, WaitFor};
use crate::cluster::Access;
use crate::object::AddressPattern;
use crate::plan::{Selection, Targets};
use crate::stack::{ExpectedTarget, label_fault};

/// Which description.
#[derive(Args, Clone, Debug)]
pub(crate) struct DescriptionArgs {
    /// Description files, manifests or directories; later files win. Default: langop.{toml,yaml,yml} here
    pub(super) files: Vec<PathBuf>,
    /// A file as above, after those; this way every command takes files
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub(super) named: Vec<PathBuf>,
    /// Descend into directories
    #[arg(short = 'R', long)]
    pub(crate) recursive: bool,
    /// Set a variable of the description (also `LANGOP_VAR_name` in the environment)
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = Variable)]
    pub(crate) vars: Vec<(String, String)>,
    /// Environment of the description; `plan` and `validate` also take several, and patterns such as '*'
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Vec<String>,
    /// Name of the stack, for descriptions that do not name one
    #[arg(long, value_name = "NAME")]
    pub(crate) stack: Option<String>,
    /// Namespace of objects that name none; default: that of the kubeconfig's context, else `default`
    #[arg(long, short, value_name = "NAME", value_parser = namespace)]
    pub(crate) namespace: Option<String>,
}

impl DescriptionArgs {
    /// The files, in the order in which they count.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        [self.files.as_slice(), &self.named].concat()
    }

    /// Whether no file is named.
    pub(crate) fn names_none(&self) -> bool {
        self.files.is_empty() && self.named.is_empty()
    }
}

/// Which cluster, and where its record is.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TargetArgs {
    /// Kubeconfig file; default: KUBECONFIG, then ~/.kube/config, then the pod's service account
    #[arg(long, value_name = "FILE", conflicts_with = "dev")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig
    #[arg(long, value_name = "NAME", conflicts_with = "dev")]
    pub(crate) context: Option<String>,
    /// Use the local control plane, and start it when needed
    #[arg(long)]
    pub(crate) dev: bool,
    /// Keep the record in this directory instead of in the cluster
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
    /// What the kubeconfig says, read once
    #[arg(skip)]
    access: OnceLock<Access>,
    /// The same by the context that the environment of the description names
    #[arg(skip)]
    chosen: OnceLock<Access>,
    /// The cluster that the description is for, once it is read
    #[arg(skip)]
    expected: OnceLock<ExpectedTarget>,
    /// The environment that it was read for
    #[arg(skip)]
    environment: OnceLock<String>,
}

impl TargetArgs {
    /// The local control plane.
    pub(crate) fn of_dev() -> Self {
        Self { dev: true, ..Self::default() }
    }

    /// From here on no other cluster is used than the one that the description is for.
    pub(crate) fn expect(&self, expected: ExpectedTarget) {
        // What the command says of contexts is held against the description, and not changed by it.
        if let (true, Some(context), None) = (expected.selects && !self.dev, &expected.context, &self.context) {
            let _ = self.chosen.set(self.access().in_context(context));
        }
        // One command reads one description.
        let _ = self.expected.set(expected);
    }

    /// The environment that the description is read for.
    pub(crate) fn is_for(&self, environment: String) {
        let _ = self.environment.set(environment);
    }

    /// The environment that the description was read for.
    pub(crate) fn environment(&self) -> Option<&str> {
        self.environment.get().map(String::as_str)
    }

    /// The cluster that the description is for.
    pub(crate) fn expected(&self) -> Option<&ExpectedTarget> {
        self.expected.get()
    }

    /// The way to the server, but for `--dev`.
    pub(crate) fn access(&self) -> &Access {
        self.chosen.get().unwrap_or_else(|| self.of_command())
    }

    /// What the command says of the way.
    fn of_command(&self) -> &Access {
        self.access.get_or_init(|| Access::new(self.kubeconfig.clone(), self.context.clone()))
    }
}

/// How to look, and what may be taken: by default, nothing from others.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PlanningArgs {
    /// `full` reads every object, also those that the record proves unchanged
    #[arg(long, value_enum, default_value_t = Refresh::Proved)]
    pub(crate) refresh: Refresh,
    /// Take fields that other field managers own
    #[arg(long)]
    pub(crate) force_conflicts: bool,
    /// Take over existing objects: all that the plan names, or only ADDRESS (`Kind/namespace/name`)
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) adopt: Vec<String>,
    /// Also delete what was adopted, when it is to go: all, or only ADDRESS; else it is forgotten and stays
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) include_adopted: Vec<String>,
    /// Delete and make again what cannot change in place: all, or only ADDRESS
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) replace: Vec<String>,
    /// Do so with ADDRESS although nothing proves that the API server takes the new object
    #[arg(long, value_name = "ADDRESS", require_equals = true, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) replace_unproven: Vec<String>,
    /// Delete ADDRESS although it is protected (`preventDestroy`)
    #[arg(long, value_name = "ADDRESS", require_equals = true, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) delete_protected: Vec<String>,
    /// Plan only ADDRESS and what it needs; `*` stands for anything. May be given several times
    #[arg(long = "target", value_name = "ADDRESS")]
    pub(crate) targets: Vec<String>,
    /// Leave ADDRESS alone, and what needs it; `*` stands for anything. May be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) exclude: Vec<String>,
    /// Stop with exit code 7 unless every change is known at least this well
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    pub(crate) require: Option<Require>,
    /// Stop with exit code 7 where a gateway's image has a known hole in what is used, or its release is not known
    #[arg(long)]
    pub(crate) require_safe_image: bool,
}

/// How far the record is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Refresh {
    #[default]
    /// Objects that record and live metadata prove unchanged are not read
    Proved,
    /// Everything is read
    Full,
}

/// The weakest confidence that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Require {
    /// Run by the API server on the real object, or proved unchanged
    Server,
    /// Also run by the API server in another namespace
    Shadow,
    /// Also checked against a schema only
    Schema,
}

/// How a command that writes a record waits for its lock.
#[derive(Args, Clone, Debug)]
pub(crate) struct LockArgs {
    /// How long to wait for another run's lock
    #[arg(long, value_name = "DURATION", default_value = "45s", value_parser = duration)]
    pub(crate) lock_timeout: Duration,
}

/// How apply and destroy behave.
#[derive(Args, Clone, Debug)]
pub(crate) struct ApplyingArgs {
    /// Do not ask
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    /// How long an object may show no progress on its way to ready
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration)]
    pub(crate) timeout: Duration,
    #[command(flatten)]
    pub(crate) lock: LockArgs,
    /// What is waited for; not every command lets its user say.
    #[arg(skip)]
    pub(crate) waits_for: WaitFor,
    /// Objects that are written at once, at the most
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) parallelism: u16,
}

impl ApplyingArgs {
    /// A wait may go on for six times as long as long as something moves.
    pub(crate) fn patience(&self) -> Patience {
        Patience { idle: self.timeout, total: self.timeout * 6, waits_for: self.waits_for }
    }
}

/// Who reads what a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// A person.
    Human,
    /// A program.
    Json,
}

impl Output {
    /// What `--json` asks for.
    pub(crate) fn of_flag(json: bool) -> Self {
        if json { Self::Json } else { Self::Human }
    }
}

/// A flag that applies to all (`""`) or to named addresses.
pub(crate) fn selection(values: &[String]) -> Selection {
    match values {
        [] => Selection::Nothing,
        values if values.iter().any(String::is_empty) => Selection::Everything,
        values => Selection::Addresses(values.iter().cloned().collect::<BTreeSet<_>>()),
    }
}

/// What of the stack a command is about.
pub(crate) fn targets(planning: &PlanningArgs) -> Targets {
    let patterns = |texts: &[String]| texts.iter().map(|text| AddressPattern::new(text)).collect::<Vec<_>>();
    match (patterns(&planning.targets), patterns(&planning.exclude)) {
        (target, exclude) if target.is_empty() && exclude.is_empty() => Targets::All,
        (target, exclude) => Targets::Named { target, exclude },
    }
}

/// `NAME=VALUE`. A parser of its own, for clap's words repeat what they refuse, and a value may be a secret.
#[derive(Clone, Debug)]
pub(super) struct Variable;

impl TypedValueParser for Variable {
    type Value = (String, String);

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, text: &OsStr) -> Result<Self::Value, clap::Error> {
        let pair = text.to_str().and_then(|text| text.split_once('=')).filter(|(name, _)| !name.is_empty());
        pair.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| {
            let words =
                "a value of `--var` is not written as NAME=VALUE; it is not repeated here, for it may be a secret\n";
            clap::Error::raw(ErrorKind::ValueValidation, words).with_cmd(command)
        })
    }
}

/// The name of a namespace.
fn namespace(text: &str) -> Result<String, String> {
    label_fault(text).map_or_else(|| Ok(text.to_owned()), |fault| Err(fault.to_owned()))
}

/// `90s`, `5m`, `1h`, `1h30m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration such as `90s` or `5m`");
    let span: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(span).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_what_users_write() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_mins(90)));
        assert!(duration("5").is_err() && duration("-5s").is_err() && duration("").is_err());
    }
}
