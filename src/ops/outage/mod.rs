//! What happens to whom when a provider, a model, a region or a host is out: each caller's models, and who answers in their
//! place. Found in what is rendered, without a server: the deployments, aliases and fallbacks of each gateway, and what the
//! module that knows callers lets each of them call.

mod callers;
mod deployment;
mod router;
mod term;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::object::GatewayCaller;
use crate::render::{Target, gateway_config};
use crate::stack::Stack;

use callers::{Caller, callers};
use deployment::{Deployment, deployments};
use router::Router;
pub(crate) use term::{OutageTerm, UnknownTerm};

/// A name in a catalogue that has no entry of its own.
const IN_CATALOGUE: &str = "any-of-it";

/// An outage.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct Outage {
    /// What is out, as it was asked: `provider=anthropic`.
    pub out: Vec<String>,
    /// What that means, by cluster.
    pub clusters: Vec<ClusterOutage>,
}

/// The same within one cluster.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct ClusterOutage {
    /// The cluster.
    pub cluster: String,
    /// The deployments that are out, by the names of their models.
    pub out: Vec<String>,
    /// The deployments of which nobody here knows whether they are, since their hosts are not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// What becomes of the calls of whom.
    pub callers: Vec<CallerOutage>,
}

/// What becomes of the calls of one caller.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct CallerOutage {
    /// The agent; nothing for a team, and for all who may call any model.
    pub agent: Option<String>,
    /// The team whose tokens call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// One for each model that it calls, once for all names that fare alike.
    pub calls: Vec<CallOutage>,
}

/// What becomes of the calls of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct CallOutage {
    /// The names that it is called by.
    pub names: Vec<String>,
    /// What becomes of them.
    pub fate: Fate,
    /// The deployments that answer, by the names of their models.
    pub by: Vec<String>,
    /// Whether those calls are lost that meet a deployment that is out, until it rests.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partly: bool,
    /// The name that is called in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// The fallbacks that are tried before and fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<String>,
    /// The fallbacks that are not tried, since the caller may not call them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
}

/// What becomes of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub(crate) enum Fate {
    /// Nothing that answers them is out.
    Unaffected,
    /// Other deployments of the name answer.
    Served,
    /// Another model answers.
    Degraded,
    /// Nobody answers.
    Dead,
}

impl Outage {
    /// Whether anybody's calls are dead.
    #[must_use]
    pub(crate) fn is_deadly(&self) -> bool {
        let callers = self.clusters.iter().flat_map(|cluster| &cluster.callers);
        callers.flat_map(|caller| &caller.calls).any(|call| call.fate == Fate::Dead)
    }
}

/// What happens when all of these are out at once.
///
/// # Errors
/// The first term that takes no deployment along.
pub(crate) fn outage(stack: &Stack, target: &Target, terms: &[OutageTerm]) -> Result<Outage, UnknownTerm> {
    let configs = configs(stack, target);
    let all = all_deployments(stack, &configs);
    let mut out: Vec<Vec<bool>> = all.iter().map(|(_, own)| vec![false; own.len()]).collect();
    for term in terms {
        let taken = term.takes(&all)?;
        for (out, taken) in out.iter_mut().flatten().zip(taken.iter().flatten()) {
            *out |= taken;
        }
    }
    let clusters = configs.iter().zip(&all).zip(&out).map(|(((cluster, config), (_, own)), out)| {
        let router = Router::new(config, own, out);
        ClusterOutage {
            cluster: (*cluster).to_owned(),
            out: labels(own.iter().zip(out.iter().copied()).filter(|(_, out)| *out)),
            unknown: labels(
                own.iter()
                    .zip(out.iter().copied())
                    .filter(|(one, out)| !out && one.hosts.is_empty() && terms.iter().any(OutageTerm::is_host)),
            ),
            callers: callers(stack, target, cluster, &router).iter().map(|caller| fares(&router, caller)).collect(),
        }
    });
    Ok(Outage { out: terms.iter().map(OutageTerm::text).collect(), clusters: clusters.collect() })
}

/// Everything of a stack that can be out, as it is written.
#[must_use]
pub(crate) fn possible_outages(stack: &Stack, target: &Target) -> Vec<String> {
    let configs = configs(stack, target);
    OutageTerm::all(&all_deployments(stack, &configs)).iter().map(OutageTerm::text).collect()
}

/// The configuration of each cluster's gateway.
fn configs<'a>(stack: &'a Stack, target: &Target) -> Vec<(&'a str, Value)> {
    let clusters = stack.clusters.keys().map(String::as_str);
    clusters.filter_map(|cluster| Some((cluster, gateway_config(stack, target, cluster)?))).collect()
}

fn all_deployments<'a>(stack: &Stack, configs: &[(&'a str, Value)]) -> Vec<(&'a str, Vec<Deployment>)> {
    configs.iter().map(|(cluster, config)| (*cluster, deployments(stack, cluster, config))).collect()
}

fn fares(router: &Router<'_>, caller: &Caller) -> CallerOutage {
    let calls = caller.models.iter().flat_map(|names| {
        let mut alike: Vec<CallOutage> = Vec::new();
        for name in names {
            let mut call = fate(router, name, caller);
            let is_alike = |other: &&mut CallOutage| CallOutage { names: Vec::new(), ..(**other).clone() } == call;
            if let Some(other) = alike.iter_mut().find(is_alike) {
                other.names.push(name.clone());
            } else {
                call.names.push(name.clone());
                alike.push(call);
            }
        }
        alike
    });
    let (agent, team) = match &caller.who {
        Some(GatewayCaller::Agent(name)) => (Some(name.clone()), None),
        Some(GatewayCaller::Team(name)) => (None, Some(name.clone())),
        None => (None, None),
    };
    CallerOutage { agent, team, calls: calls.collect() }
}

/// What becomes of the calls by one name, but for that name.
fn fate(router: &Router<'_>, name: &str, caller: &Caller) -> CallOutage {
    // Nobody calls a catalogue by its own name, but by those in it.
    let word = name.replace('*', IN_CATALOGUE);
    let group = router.group(&word);
    let walked = router.call(&word, &caller.may);
    let is_own = walked.answers.as_ref() == Some(&word);
    let fate = match &walked.answers {
        None => Fate::Dead,
        Some(_) if !is_own => Fate::Degraded,
        Some(_) if group.iter().any(|(_, out)| *out) => Fate::Served,
        Some(_) => Fate::Unaffected,
    };
    let by = walked.answers.as_ref().map(|name| router.group(name)).unwrap_or_default();
    CallOutage {
        names: Vec::new(),
        fate,
        partly: fate == Fate::Served && router.loses(&word, &caller.may),
        by: labels(by.into_iter().filter(|(_, out)| !out)),
        fallback: walked.answers.filter(|_| !is_own),
        failed: walked.tried.into_iter().filter(|tried| *tried != word).collect(),
        refused: walked.refused,
    }
}

fn labels<'a>(deployments: impl Iterator<Item = (&'a Deployment, bool)>) -> Vec<String> {
    deployments.map(|(deployment, _)| deployment.label.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::render::needs;
    use crate::stack::{LoadRequest, load};

    const TEXT: &str = "stack = 's'\n[clusters.c]\n\
        gateway.config.model_list = [{ model_name = 'more', litellm_params = { model = 'vertex_ai/g', vertex_location = 'us-east5' } }]\n\
        [models.claude]\nprovider = 'bedrock'\nmodelName = 'c'\nregion = 'eu-west-1'\ncredentialsSecretRef = { name = 'k' }\n\
        [models.gemini]\nprovider = 'vertex'\nmodelName = 'g'\nproject = 'p'\nlocation = 'europe-west4'\n\
        credentialsSecretRef = { name = 'k' }\n\
        [models.azure]\nprovider = 'azure'\nmodelName = 'a'\napiVersion = 'v1'\nendpoint = 'https://r.openai.azure.com'\n\
        apiKeySecretRef = { name = 'k' }\n\
        [models.groq]\nlitellmProvider = 'groq'\nmodelName = 'claude'\napiKeySecretRef = { name = 'k' }\n\
        [models.local]\nprovider = 'openai-compatible'\nmodelName = 'l'\nendpoint = 'http://vllm.models.svc:8000'\n";

    fn stack() -> Stack {
        stack_of(TEXT)
    }

    fn stack_of(text: &str) -> Stack {
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let request = LoadRequest { paths: vec![file.path().to_owned()], ..LoadRequest::default() };
        load(&request).unwrap_or_else(|invalid| panic!("{invalid}")).stack
    }

    /// The deployments that are out.
    fn out(terms: &[&str]) -> Vec<String> {
        let stack = stack();
        let terms: Vec<_> = terms.iter().map(|text| OutageTerm::parse(text).unwrap()).collect();
        let outage = outage(&stack, &needs(&stack).assumed_target(), &terms);
        outage.unwrap_or_else(|unknown| panic!("{unknown:?}")).clusters.remove(0).out
    }

    #[test]
    fn what_is_out_takes_along_what_needs_it() {
        for (term, expected) in [
            ("provider=vertex", ["gemini", "vertex_ai/g"].as_slice()),
            ("provider=groq", &["groq"]),
            ("region=eu-*", &["claude"]),
            ("region=us-east5", &["vertex_ai/g"]),
            ("host=bedrock-runtime.eu-west-1.amazonaws.com", &["claude"]),
            ("host=*.azure.com", &["azure"]),
            ("host=oauth2.googleapis.com", &["gemini"]),
            ("host=http://vllm.models.svc.cluster.local:8000/v1", &["local"]),
            ("host=vllm.models", &["local"]),
            ("model=claude", &["claude"]),
            ("model=c/claude", &["claude"]),
            ("model=more", &["vertex_ai/g"]),
            ("model=l", &["local"]),
        ] {
            assert_eq!(out(&[term]), expected, "{term}");
        }
        assert_eq!(out(&["provider=groq", "region=eu-*"]), ["claude", "groq"]);
    }

    #[test]
    fn what_is_rendered_says_where_a_deployment_is() {
        let elsewhere =
            "params = { api_base = 'https://proxy.example.com', aws_region_name = 'us-east-1' }\n[models.gemini]";
        let text = TEXT.replace("[models.gemini]", elsewhere);
        let hidden = "gateway.config.model_list = [{ model_name = 'x', litellm_params = { model = 'poe/x', api_base = 'os.environ/X' } }, ";
        let stack = stack_of(&text.replace("gateway.config.model_list = [", hidden));
        let target = needs(&stack).assumed_target();
        let outage =
            |text| super::outage(&stack, &target, &[OutageTerm::parse(text).unwrap()]).unwrap().clusters.remove(0);
        assert_eq!(outage("host=proxy.example.com").out, ["claude"]);
        assert_eq!(outage("region=us-east-1").out, ["claude"]);
        assert_eq!(outage("host=proxy.example.com").unknown, ["poe/x"]);
        assert_eq!(outage("region=us-east-1").unknown, [""; 0]);
    }

    #[test]
    fn what_takes_nothing_along_is_told_with_what_there_is() {
        let stack = stack();
        let unknown = |text| {
            let term = OutageTerm::parse(text).unwrap();
            outage(&stack, &needs(&stack).assumed_target(), &[term]).unwrap_err().has
        };
        assert_eq!(unknown("provider=anthropic"), ["azure", "bedrock", "groq", "openai-compatible", "vertex"]);
        assert_eq!(unknown("region=mars"), ["eu-west-1", "europe-west4", "us-east5"]);
        assert!(possible_outages(&stack, &needs(&stack).assumed_target()).contains(&"model=groq".to_owned()));
    }
}
