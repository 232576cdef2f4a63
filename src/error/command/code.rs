//! The names of a command's mistakes, for programs: a name is never given to another mistake.

use super::CommandError;

impl CommandError {
    /// Its stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NobodyToAsk => "nobody-to-ask",
            Self::Unmanaged => "unmanaged-objects",
            Self::UnsafeImage { .. } => "unsafe-image",
            Self::LowConfidence => "low-confidence",
            Self::NoSuchBudget { .. } => "no-such-budget",
            Self::NoSuchCluster(_) | Self::NoSuchGateway { .. } | Self::NoSuchLiveCluster { .. } => "no-such-cluster",
            Self::NoCluster => "no-cluster-described",
            Self::WhichCluster(_) | Self::NameACluster(_) => "which-cluster",
            Self::NoClusterHere => "no-cluster-on-target",
            Self::NoSuchAgent { .. } => "no-such-agent",
            Self::NotAnOutage(_) => "not-an-outage",
            Self::NoSuchCaller { .. } => "no-such-caller",
            Self::NotServed { .. } => "not-served",
            Self::NothingOut { .. } => "nothing-out",
            Self::WhichAgent(_) => "which-agent",
            Self::NoSuchTool { .. } => "no-such-tool",
            Self::NoSuchObject(_) | Self::NothingAt { .. } => "no-such-object",
            Self::NotKnownYet(_) => "not-known-yet",
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
            Self::DescriptionExists(_) => "description-exists",
            Self::NoSuchField { .. } => "no-such-field",
            Self::MissingFlags(_) => "missing-flags",
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
}
