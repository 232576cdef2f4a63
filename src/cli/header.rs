//! Where a command is about to do something: said before it is done.

use super::args::TargetArgs;
use super::output;
use crate::cluster::Reader;
use crate::object::credential::masked;

/// Says of which stack and on which cluster a plan is. Asks no server.
pub(crate) fn show(target: &TargetArgs, reader: &Reader, stack: &str) {
    let way = match target.access().context_name() {
        _ if target.dev => " (the local control plane)".to_owned(),
        Ok(Some(context)) => format!(" (context `{context}`)"),
        _ => String::new(),
    };
    output::note(&masked(&format!("stack `{stack}` on {}{way}", reader.server())));
}
