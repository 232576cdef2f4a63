//! Addresses of host names at the time of the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use dns_lookup::LookupErrorKind;
use futures::stream::{self, StreamExt as _};

use crate::object::{Address, Source};
use crate::ops::observe::AT_ONCE;
use crate::plan::{Notes, Problem, Severity};

/// How long one name may take.
const PATIENCE: Duration = Duration::from_secs(10);

type Places = [(Address, Source)];

/// The addresses of each name that has any. No answer is an error, not "no address": a plan on top of it
/// would close what is open.
pub(super) async fn look_up(
    wanted: &BTreeMap<String, Vec<(Address, Source)>>,
    notes: &mut Notes,
) -> BTreeMap<String, BTreeSet<IpAddr>> {
    let asked = wanted.iter().map(async |(name, places)| (name, places, addresses(name.clone()).await));
    let answers: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
    let mut found = BTreeMap::new();
    for (name, places, answer) in answers {
        match answer {
            Ok(addresses) if addresses.is_empty() => notes.problems.push(nothing(name, places)),
            Ok(addresses) => {
                notes.effects.push(snapshot(name, &addresses));
                found.insert(name.clone(), addresses);
            }
            Err(because) => notes.problems.push(unanswered(name, places, &because)),
        }
    }
    found
}

/// The resolver of this machine is asked; it blocks.
async fn addresses(name: String) -> Result<BTreeSet<IpAddr>, String> {
    let asked = tokio::task::spawn_blocking(move || parse_answer(dns_lookup::getaddrinfo(Some(&name), None, None)));
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer in {} s", PATIENCE.as_secs())),
    }
}

fn parse_answer(answer: Result<dns_lookup::AddrInfoIter, dns_lookup::LookupError>) -> Result<BTreeSet<IpAddr>, String> {
    match answer {
        Ok(found) => {
            let found: Result<BTreeSet<_>, io::Error> = found.map(|one| one.map(|one| one.sockaddr.ip())).collect();
            found.map_err(|error| error.to_string())
        }
        Err(error) if matches!(error.kind(), LookupErrorKind::NoName | LookupErrorKind::NoData) => Ok(BTreeSet::new()),
        Err(error) => Err(io::Error::from(error).to_string()),
    }
}

fn snapshot(name: &str, addresses: &BTreeSet<IpAddr>) -> String {
    let listed: Vec<_> = addresses.iter().map(IpAddr::to_string).collect();
    format!("dns `{name}` resolved to {} at plan time; refreshed by each plan", listed.join(", "))
}

fn nothing(name: &str, places: &Places) -> Problem {
    let message = format!("`{name}` has no address now: the rule opens nothing for it");
    let hint = "plan again when the name has an address, or take it out".to_owned();
    at(Problem::new(Severity::Warning, "dns-no-address", message), places).with_hint(hint)
}

fn unanswered(name: &str, places: &Places, because: &str) -> Problem {
    let message = format!("nobody says which addresses `{name}` has: {because}");
    let hint = "plan again where names are resolved, or name the destination by `cidr`".to_owned();
    at(Problem::new(Severity::Error, "dns-unanswered", message), places).with_hint(hint)
}

/// Where the name is written first.
fn at(mut problem: Problem, places: &Places) -> Problem {
    if let Some((address, source)) = places.first() {
        problem.address = Some(address.clone());
        problem.source = Some(source.clone());
    }
    problem
}
