//! The alerts: each is on something that the description declares, and none on what it does not.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::promql::{rise, series};
use crate::api::{LanguageModelSpec, MetricsRules, RateLimits};
use crate::object::names::deployment_id;
use crate::render::gateway::{called, certificate, fallbacks};
use crate::render::scope::Scope;

const WARNING: &str = "warning";
const CRITICAL: &str = "critical";

/// One alert.
struct Alert {
    name: &'static str,
    severity: &'static str,
    expr: String,
    /// A label that tells it from others of its name.
    own: Option<(&'static str, String)>,
    /// How long it is so before it is told.
    lasts: &'static str,
    summary: String,
    description: &'static str,
}

/// The groups of a `PrometheusRule`.
pub(super) fn groups(scope: &Scope<'_>, settings: &MetricsRules) -> Value {
    let alerts = [
        presence(scope),
        budgets(scope, settings),
        store(scope),
        limits(scope, settings),
        substitutes(scope),
        deployments(scope),
        certificates(scope, settings),
        keys(scope, settings),
    ];
    let rules: Vec<_> = alerts.into_iter().flatten().map(|alert| rule(scope, settings, alert)).collect();
    json!([{ "name": format!("langop-{}", scope.cluster), "rules": rules }])
}

fn rule(scope: &Scope<'_>, settings: &MetricsRules, alert: Alert) -> Value {
    let mut labels = settings.labels.clone();
    labels.insert("severity".to_owned(), alert.severity.to_owned());
    labels.extend(alert.own.map(|(name, value)| (name.to_owned(), value)));
    // Not `cluster`: that is what a Prometheus calls the cluster of Kubernetes that it runs in.
    labels.insert("langop_cluster".to_owned(), scope.cluster.to_owned());
    json!({
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.lasts,
        "labels": labels,
        "annotations": { "summary": alert.summary, "description": alert.description },
    })
}

fn presence(scope: &Scope<'_>) -> Vec<Alert> {
    vec![Alert {
        name: "LangopGatewayAbsent",
        severity: CRITICAL,
        expr: format!("absent({})", series("litellm_in_flight_requests", scope.cluster, "")),
        own: None,
        lasts: "10m",
        summary: format!("No pod of the gateway of {} shows metrics", scope.cluster),
        description: "It is down, or Prometheus may not read it: see `gateway.metrics.from` of the description.",
    }]
}

fn budgets(scope: &Scope<'_>, settings: &MetricsRules) -> Vec<Alert> {
    let of_agents = scope.agents().any(|(_, agent)| agent.budget.is_some());
    let of_models = scope.models().any(|(_, model)| model.budget.is_some());
    let of_teams = scope.teams().any(|(_, team)| team.budget.is_some());
    if scope.spec().budget.is_none() && !of_agents && !of_teams && !of_models {
        return Vec::new();
    }
    // Each pod shows the same.
    let one = |metric: &str| format!("max by (namespace, of) ({})", series(metric, scope.cluster, ""));
    let spent = format!("{} / {}", one("langop_budget_spent_usd"), one("langop_budget_limit_usd"));
    let percent = settings.budget_percent();
    // What is spent wholly has the other alert.
    let nearly = (percent < 100).then(|| Alert {
        name: "LangopBudgetNearlySpent",
        severity: WARNING,
        expr: format!("{spent} >= {} < 1", share(percent)),
        own: None,
        lasts: "1m",
        summary: "{{ $value | humanizePercentage }} of the budget of {{ $labels.of }} are spent".to_owned(),
        description: "When all of it is spent, calls are refused until it resets: `langop status` shows when.",
    });
    let wholly = Alert {
        name: "LangopBudgetSpent",
        severity: CRITICAL,
        expr: format!("{spent} >= 1"),
        own: None,
        lasts: "1m",
        summary: "The budget of {{ $labels.of }} is spent, and its calls are refused".to_owned(),
        description: "Raise it in the description, or `langop budget reset`; `langop spend` shows who spent it.",
    };
    nearly.into_iter().chain([wholly]).collect()
}

fn store(scope: &Scope<'_>) -> Vec<Alert> {
    if scope.gateway.store.is_none() {
        return Vec::new();
    }
    vec![Alert {
        name: "LangopStoreDown",
        severity: CRITICAL,
        expr: format!("min by (namespace) ({}) == 0", series("langop_store_up", scope.cluster, "")),
        own: None,
        lasts: "2m",
        summary: format!("The store of the gateway of {} does not answer", scope.cluster),
        description: "What becomes of calls under limits and budgets meanwhile says `gateway.store.onOutage`.",
    }]
}

/// Limits whose use of some minutes comes near to them: with a store that of all pods, without one that of each.
fn limits(scope: &Scope<'_>, settings: &MetricsRules) -> Vec<Alert> {
    let of_model = |(_, model): (&str, &LanguageModelSpec)| model.rate_limits.clone();
    let models: Vec<_> = scope.models().filter_map(of_model).collect();
    let agents: Vec<_> = scope.agents().filter_map(|(_, agent)| agent.rate_limits.clone()).collect();
    let teams: Vec<_> = scope.teams().filter_map(|(_, team)| team.rate_limits.clone()).collect();
    let requests = |all: &[RateLimits]| all.iter().any(|limits| limits.requests_per_minute.is_some());
    let tokens = |all: &[RateLimits]| all.iter().any(|limits| limits.tokens_per_minute.is_some());
    let (of_requests, of_tokens) = ("litellm_deployment_total_requests_total", "litellm_total_tokens_metric_total");
    let of_calls = "litellm_proxy_total_requests_metric_total";
    let kinds = [
        (requests(&models), "model_id", of_requests, "langop_model_requests_limit"),
        (tokens(&models), "model_id", of_tokens, "langop_model_tokens_limit"),
        (requests(&agents), "user", of_calls, "langop_agent_requests_limit"),
        (tokens(&agents), "user", of_tokens, "langop_agent_tokens_limit"),
        (requests(&teams), "team", of_calls, "langop_team_requests_limit"),
        (tokens(&teams), "team", of_tokens, "langop_team_tokens_limit"),
    ];
    let pod = if scope.gateway.store.is_some() { "" } else { ", pod" };
    let alert = |(_, label, used, limit): (bool, &str, &str, &str)| {
        let kind = if limit.contains("tokens") { "tokens" } else { "requests" };
        let (used, limit) = (series(used, scope.cluster, ""), series(limit, scope.cluster, ""));
        let by = format!("by (namespace, {label}{pod})");
        let share = share(settings.limit_percent());
        let (of, what) = match label {
            "user" => ("agent", "agent {{ $labels.user }}"),
            "team" => ("team", "team {{ $labels.team }}"),
            _ => ("model", "{{ $labels.model_id }}"),
        };
        let expr = format!("sum {by} (increase({used}[5m])) / 5 / max {by} ({limit}) >= {share}");
        // `team` is a label by which people tell an Alertmanager whom to call: another one keeps teams apart.
        let expr = match label {
            "team" => format!("label_replace({expr}, \"of\", \"team/$1\", \"team\", \"(.+)\")"),
            _ => expr,
        };
        Alert {
            name: "LangopLimitNearlyReached",
            severity: WARNING,
            expr,
            own: Some(("limit", format!("{of}-{kind}"))),
            lasts: "5m",
            summary: format!("{what} uses {{{{ $value | humanizePercentage }}}} of a limit a minute"),
            description: "Beyond it calls are refused with 429: raise `rateLimits`, or spread the calls.",
        }
    };
    kinds.into_iter().filter(|(is_declared, ..)| *is_declared).map(alert).collect()
}

fn substitutes(scope: &Scope<'_>) -> Vec<Alert> {
    if fallbacks(scope).is_empty() {
        return Vec::new();
    }
    let calls = rise(("litellm_deployment_successful_fallbacks", scope.cluster, ""), 10);
    vec![Alert {
        name: "LangopFallbackInUse",
        severity: WARNING,
        expr: format!("sum by (namespace, requested_model, fallback_model) {calls} > 0"),
        own: None,
        lasts: "5m",
        summary: "Calls of {{ $labels.requested_model }} are answered by {{ $labels.fallback_model }}".to_owned(),
        description: "The first one fails, is rested, or has no budget or limit left: `langop logs` says why.",
    }]
}

/// One for each name that is served: all deployments of it failed when they were called last, and one did of late.
fn deployments(scope: &Scope<'_>) -> Vec<Alert> {
    let mut by_name: BTreeMap<String, Vec<(&str, &LanguageModelSpec)>> = BTreeMap::new();
    for (name, model) in scope.models() {
        by_name.entry(called(name, model)).or_default().push((name, model));
    }
    let alert = |(served, models): (String, Vec<(&str, &LanguageModelSpec)>)| {
        let ids: Vec<_> = models.iter().map(|(name, _)| deployment_id(name)).collect();
        let matcher = format!("model_id=~\"{}\"", ids.join("|"));
        let state = series("litellm_deployment_state", scope.cluster, &matcher);
        let failures = rise(("litellm_deployment_failure_responses", scope.cluster, &matcher), 15);
        let has_substitute = models.iter().any(|(_, model)| !model.fallbacks.is_empty());
        Alert {
            name: "LangopNoHealthyDeployment",
            severity: if has_substitute { WARNING } else { CRITICAL },
            expr: format!("min by (namespace) ({state}) > 0 and on (namespace) sum by (namespace) {failures} > 0"),
            own: Some(("model", served.clone())),
            lasts: "5m",
            summary: format!("No deployment of {served} in {} answers", scope.cluster),
            description: "All that serve it failed at their last call: `langop check` calls it, `langop logs` says why.",
        }
    };
    by_name.into_iter().map(alert).collect()
}

fn certificates(scope: &Scope<'_>, settings: &MetricsRules) -> Vec<Alert> {
    if certificate(scope).is_none() {
        return Vec::new();
    }
    let ends = series("langop_certificate_end_timestamp_seconds", scope.cluster, "");
    vec![Alert {
        name: "LangopCertificateEnds",
        severity: WARNING,
        expr: format!("min by (namespace, secret) ({ends}) - time() < {} * 86400", settings.certificate_days()),
        own: None,
        lasts: "1h",
        // Of what has ended the rest is less than nothing.
        summary: "The certificate in Secret {{ $labels.secret }} \
                  {{ if lt $value 0.0 }}has ended{{ else }}ends in {{ $value | humanizeDuration }}{{ end }}"
            .to_owned(),
        description: "It is the one under which the gateway is reached from outside; cert-manager renews its own.",
    }]
}

fn keys(scope: &Scope<'_>, settings: &MetricsRules) -> Vec<Alert> {
    let Some(days) = settings.key_days else { return Vec::new() };
    let seen = series("langop_key_seen_timestamp_seconds", scope.cluster, "");
    vec![Alert {
        name: "LangopKeyOld",
        severity: WARNING,
        expr: format!("time() - min by (namespace, key) ({seen}) > {days} * 86400"),
        own: None,
        lasts: "1h",
        summary: "The gateway has known the key {{ $labels.key }} for {{ $value | humanizeDuration }}".to_owned(),
        description: "Make another where it comes from; those of `gateway-auth` with `langop rotate`.",
    }]
}

/// A percentage as a part of one.
fn share(percent: i32) -> String {
    format!("{}.{:02}", percent / 100, percent % 100)
}
