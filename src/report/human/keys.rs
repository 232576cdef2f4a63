//! The answer of `explain keys`.

use super::Style;
use super::page::{Ink, Page};
use crate::ops::{KeyExposure, Way};

/// What Kubernetes' own subjects are called.
const OWN: &str = "system:";

/// A block a key, a line a fact.
#[must_use]
pub(crate) fn keys(keys: &[KeyExposure], style: &Style) -> String {
    let mut out = Page::new(style);
    if keys.is_empty() {
        out.say(0, Ink::Plain, "no gateway of the description has a key of a provider");
    }
    for one in keys {
        let title = format!("key `{}` of Secret `{}` in cluster `{}`", one.key, one.secret, one.cluster);
        out.line(0, &[(Ink::Strong, &title)]);
        let models: Vec<_> = one.models.iter().map(|model| format!("model `{model}`")).collect();
        section(&mut out, "used by", [models.join(", ")]);
        section(&mut out, "sent to", one.hosts.iter().cloned());
        let ports: Vec<_> = one.open_ports.iter().map(ToString::to_string).collect();
        let open =
            format!("the gateway may connect to everywhere on {}/TCP, by name alone with Cilium", ports.join(", "));
        section(&mut out, "", (!ports.is_empty()).then_some(open));
        section(&mut out, "held by", one.holders.iter().cloned());
        for (name, way) in [("read by", Way::Reads), ("pods run by", Way::RunsPods), ("entered by", Way::EntersPods)] {
            let Some(subjects) = &one.subjects else { continue };
            let all = subjects.iter().filter(|(_, ways)| ways.contains(&way)).map(|(who, _)| who);
            let (own, others): (Vec<_>, Vec<_>) =
                all.partition(|who| who.contains(OWN) || who.contains("`kube-system/"));
            let own = (!own.is_empty()).then(|| format!("{} of Kubernetes' own", own.len()));
            section(&mut out, name, others.into_iter().cloned().chain(own));
        }
    }
    out.finish()
}

/// The lines of one fact, which stands nowhere in the description.
fn section(out: &mut Page, name: &str, lines: impl IntoIterator<Item = String>) {
    out.section(name, lines.into_iter().map(|line| (line, String::new())));
}
