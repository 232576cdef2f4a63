//! Where a command is about to do something, and as whom: said before it is done.

use super::args::TargetArgs;
use super::output;
use crate::cluster::Session;
use crate::object::credential::masked;

/// Says of which environment and stack, on which cluster and as whom a plan is. Asks no server.
pub(crate) fn show(target: &TargetArgs, session: &Session, stack: &str) {
    let way = match &session.context {
        _ if target.dev => " (the local control plane)".to_owned(),
        Some(context) => format!(" (context `{context}`)"),
        None => String::new(),
    };
    let identity = session.identity.as_ref().map(|name| format!(" as `{name}`")).unwrap_or_default();
    let environment = target.environment().map(|name| format!("environment `{name}`: ")).unwrap_or_default();
    output::note(&masked(&format!("{environment}stack `{stack}` on {}{way}{identity}", session.server)));
}
