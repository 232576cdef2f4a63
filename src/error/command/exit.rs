//! How the process ends after a mistake of a command.

use std::io;

use super::CommandError;
use crate::exit::Exit;

impl CommandError {
    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NobodyToAsk
            | Self::NameACluster(_)
            | Self::NoSuchObject(_)
            | Self::NothingAt { .. }
            | Self::NoSuchTool { .. }
            | Self::OneEnvironment(_)
            | Self::OncePerEnvironment(_)
            | Self::NoSuchEntry { .. }
            | Self::NotAnAddress { .. }
            | Self::Rename(_)
            | Self::OtherTarget { .. }
            | Self::PlanAmongFiles(_)
            | Self::FileExists(_)
            | Self::DescriptionExists(_)
            | Self::NoSuchField { .. }
            | Self::MissingFlags(_)
            | Self::NotADescription(_)
            | Self::PlannedAlready(_)
            | Self::NoPlanForMaxAge
            | Self::PlanToStream
            | Self::NotAnOutage(_)
            | Self::NoSuchCaller { .. }
            | Self::NotServed { .. }
            | Self::NothingOut { .. }
            | Self::OneReportEach(_) => Exit::Usage,
            Self::NoSuchCluster(_)
            | Self::NoSuchGateway { .. }
            | Self::NoSuchBudget { .. }
            | Self::NoCluster
            | Self::WhichCluster(_)
            | Self::NoSuchAgent { .. }
            | Self::WhichAgent(_)
            | Self::NoSuchEnvironment { .. }
            | Self::NoSavedPlan(_)
            | Self::MissingValues(_) => Exit::Invalid,
            Self::LowConfidence | Self::UnsafeImage { .. } => Exit::Gate,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::ClosedPipe,
            Self::Unmanaged
            | Self::NoClusterHere
            | Self::NotKnownYet(_)
            | Self::NoSuchLiveCluster { .. }
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
}
