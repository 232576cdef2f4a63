//! Where models answer, and where they may: each model that a cluster or a team may call, by a name or as another one's
//! fallback, is in a region that its policy allows. A region that nobody knows is none.

use super::{Index, team};
use crate::object::glob::matches;
use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::draft::{Draft, Kind};
use crate::stack::tree::{Entry, Node};

/// What the names of Bedrock's profiles begin with that spread calls over a geography (Amazon Bedrock, *Supported Regions and
/// models for inference profiles*). It is the region then.
const GEOGRAPHIES: [&str; 9] = ["us", "us-gov", "eu", "apac", "ap", "jp", "au", "ca", "global"];
/// Parameters that send calls elsewhere than where a region says.
const ELSEWHERE: [&str; 6] =
    ["api_base", "base_url", "aws_bedrock_runtime_endpoint", "vertex_ai_location", "fallbacks", "region_name"];
/// Parts of `gateway.config` by which calls come to models that the description does not have.
const BESIDE: [&[&str]; 2] = [&["model_list"], &["litellm_settings", "model_alias_map"]];

/// The policy of a cluster.
pub(super) fn cluster(cluster: &Draft, index: &Index<'_>, found: &mut Vec<Diagnostic>) {
    let Some(policy) = cluster.node.get("policy").and_then(|policy| policy.entry("regions")) else { return };
    hold(cluster, policy, &index.of(&cluster.name, Kind::Model).collect::<Vec<_>>(), found);
    for path in BESIDE {
        let place = ["gateway", "config"].iter().chain(path).copied().collect::<Vec<_>>();
        let Some((last, above)) = place.split_last() else { continue };
        let Some(more) = cluster.node.at(above).and_then(|table| table.entry(last)) else { continue };
        let message =
            format!("calls come to models that nobody knows the regions of, and {} has a policy", cluster.called());
        let error = Diagnostic::error(Code::UnknownRegion, message).at(more.key, "").also(policy.key, "the policy");
        found.push(error.hint("describe them as `[models.NAME]` with `region`"));
    }
}

/// The policy of a team: what answers its members is what they may call, in the place of another one, too.
pub(super) fn team<'a>(team: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    let Some(policy) = team.node.entry("regions") else { return };
    for cluster in &team.clusters {
        let models = index.of(cluster, Kind::Model).filter(|model| team::may_call(team, model, (cluster, index)));
        hold(team, policy, &models.collect::<Vec<_>>(), found);
    }
}

fn hold(whose: &Draft, policy: &Entry, models: &[&Draft], found: &mut Vec<Diagnostic>) {
    let allowed: Vec<&str> = policy.node.items().iter().filter_map(Node::text).collect();
    for model in models {
        let (message, code, place, hint) = match region(model) {
            Ok((region, _)) if allowed.iter().any(|pattern| matches(pattern, &region)) => continue,
            Ok((region, place)) => (
                format!("{} answers in `{region}`, where {} has no calls answered", model.called(), whose.called()),
                Code::ForeignRegion,
                place,
                "take it out of the models that may be called, or choose one in an allowed region",
            ),
            Err((place, hint)) => (
                format!("nobody knows where {} answers, and {} has a policy", model.called(), whose.called()),
                Code::UnknownRegion,
                place,
                hint,
            ),
        };
        let error = Diagnostic::error(code, message).at(place, "").also(policy.key, "the policy");
        let path = models.iter().find_map(|from| falls_back(from, model));
        let error = match path {
            Some((from, span)) => error.also(span, format!("calls of {} come here, too", from.called())),
            None => error,
        };
        found.push(error.hint(hint));
    }
}

/// Where a model answers, and where that is written; or where it is written that nobody knows, and what to do.
fn region(model: &Draft) -> Result<(String, Span), (Span, &'static str)> {
    let params = model.node.get("params");
    if let Some(entry) = params.and_then(|params| ELSEWHERE.iter().find_map(|key| params.entry(key))) {
        return Err((entry.key, "leave it out: calls go where it says, and not where a region does"));
    }
    let provider = model.node.text_at(&["provider"]).or(model.node.text_at(&["litellmProvider"])).unwrap_or_default();
    let said = |key: &str, param: &str| {
        let written = params.and_then(|params| params.get(param)).or(model.node.get(key));
        written.and_then(|node| Some((node.text()?.to_owned(), node.span)))
    };
    let name = model.node.get("modelName");
    let text = name.and_then(Node::text).unwrap_or_default();
    let span = name.map_or(model.named, |node| node.span);
    let is_aws = ["bedrock", "sagemaker"].iter().any(|family| provider.starts_with(family));
    let is_vertex = matches!(provider, "vertex" | "vertex_ai" | "vertex_ai_beta");
    if (is_aws || is_vertex) && text == "*" {
        return Err((span, "name each model: of a whole catalogue, whoever calls chooses where it answers"));
    }
    if is_aws {
        return match geography(text) {
            Some(Ok(region)) => Ok((region, span)),
            Some(Err(())) => Err((span, "name a model or a profile that says its region")),
            None => said("region", "aws_region_name").ok_or((model.named, "write its `region`")),
        };
    }
    if is_vertex {
        // Models of others: `LiteLLM` 1.108.7 sends those that are not in a location elsewhere (`get_vertex_region`).
        if text.contains('/') || text.ends_with("-maas") {
            return Err((span, "choose one of Google's own: `LiteLLM` chooses another location for some of others"));
        }
        return said("location", "vertex_location").ok_or((model.named, "write its `location`"));
    }
    said("region", "region")
        .ok_or((model.named, "write its `region`: langop takes your word for it, where the provider has none"))
}

/// The region that the name of a model of Amazon's says by itself; nothing where it says none, an error where nobody can tell.
fn geography(name: &str) -> Option<Result<String, ()>> {
    let bare = name.rsplit('/').next().unwrap_or(name);
    if name.contains("arn:") {
        // arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic…
        let region =
            name.split("arn:").nth(1).and_then(|arn| arn.split(':').nth(2)).filter(|region| !region.is_empty());
        return Some(match (region, geography(bare)) {
            (_, Some(profile)) if !bare.contains("arn:") => profile,
            // A profile of one's own may spread over regions.
            (Some(region), None) if !name.contains("inference-profile") => Ok(region.to_owned()),
            _ => Err(()),
        });
    }
    let (first, rest) = bare.split_once('.')?;
    (GEOGRAPHIES.contains(&first) && rest.contains('.')).then(|| Ok(first.to_owned()))
}

/// A model whose calls another one answers when it fails, and where that is written.
fn falls_back<'a>(from: &'a Draft, to: &Draft) -> Option<(&'a Draft, Span)> {
    let names = [Some(to.name.as_str()), to.node.text_at(&["modelName"])];
    let aliases = to.node.items_of("aliases");
    let is_it = |node: &&Node| {
        let name = node.text();
        name.is_some() && (names.contains(&name) || aliases.iter().any(|alias| alias.text() == name))
    };
    let fallback = from.node.items_of("fallbacks").iter().find(is_it)?;
    (from.name != to.name).then_some((from, fallback.span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_amazons_models_may_say_where_they_answer() {
        let text = |region: &str| Some(Ok(region.to_owned()));
        for (name, wanted) in [
            ("anthropic.claude-v1:0", None),
            ("eu.anthropic.claude-v1:0", text("eu")),
            ("converse/global.anthropic.claude-v1:0", text("global")),
            ("us-gov.amazon.nova-pro-v1:0", text("us-gov")),
            ("arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude", text("eu-west-1")),
            ("arn:aws:bedrock:eu-west-1:1:inference-profile/us.anthropic.claude", text("us")),
            ("arn:aws:bedrock:eu-west-1:1:application-inference-profile/x1", Some(Err(()))),
        ] {
            assert_eq!(geography(name), wanted, "{name}");
        }
    }
}
