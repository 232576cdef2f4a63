//! One deployment as a model: what langop has fields for, and the rest as `params`.

use serde_json::{Map, Number, Value, json};

use super::collected::Collected;
use super::credential::{is_referred, refer};
use super::deployment::Deployment;
use super::naming::{Names, Naming};
use super::settings::Settings;
use super::value::At;
use crate::api::LanguageModelSpec;
use crate::render::api_base;
use crate::stack::{Entry, Node};

/// Parameters that are fields, or are read elsewhere.
const FIELDS: [&str; 4] = ["custom_llm_provider", "model", "api_base", "base_url"];

/// What a provider of langop's own needs: the parameters, the field, and the variable in which `LiteLLM` looks for it.
const NEEDS: [(&str, &str, &str, &str); 6] = [
    ("azure", "api_base", "endpoint", "AZURE_API_BASE"),
    ("azure", "api_version", "apiVersion", "AZURE_API_VERSION"),
    ("bedrock", "aws_region_name", "region", "AWS_REGION_NAME"),
    ("vertex", "vertex_project", "project", "VERTEXAI_PROJECT"),
    ("vertex", "vertex_location", "location", "VERTEXAI_LOCATION"),
    ("openai-compatible", "api_base", "endpoint", "OPENAI_API_BASE"),
];

/// Limits: the parameter and the field.
const LIMITS: [(&str, &str); 2] = [("rpm", "requestsPerMinute"), ("tpm", "tokensPerMinute")];
/// Prices: the parameter and the field.
const PRICES: [(&str, &str); 2] =
    [("input_cost_per_token", "inputPerMillion"), ("output_cost_per_token", "outputPerMillion")];

/// The model of a deployment.
pub(super) fn model(
    deployment: &Deployment<'_>,
    names: &Names,
    naming: &Naming,
    settings: &Settings<'_>,
    collected: &mut Collected<'_>,
) -> Value {
    let mut reading = Reading { deployment, thing: &names.thing, model: Map::new(), params: Map::new(), collected };
    reading.name(names, naming, settings);
    reading.upstream(names);
    reading.limits();
    reading.prices();
    reading.patience(settings);
    refer(deployment, &names.thing, &mut reading.model, reading.collected);
    reading.rest();
    reading.info();
    let Reading { mut model, params, .. } = reading;
    if !params.is_empty() {
        model.insert("params".to_owned(), Value::Object(params));
    }
    Value::Object(model)
}

struct Reading<'r, 'a, 'f> {
    deployment: &'r Deployment<'a>,
    thing: &'r str,
    model: Map<String, Value>,
    params: Map<String, Value>,
    collected: &'r mut Collected<'f>,
}

impl<'a> Reading<'_, 'a, '_> {
    fn set(&mut self, field: &str, value: Value) {
        self.model.insert(field.to_owned(), value);
    }

    fn at(&self, parameter: &str) -> At {
        let path = format!("{}.litellm_params.{parameter}", self.deployment.path);
        At::new(path, parameter, &format!("{}_{parameter}", self.thing))
    }

    fn param(&self, parameter: &str) -> Option<&'a Entry> {
        self.deployment.params.get(parameter).copied()
    }

    /// A number that may stand among the parameters, beside them, or in `model_info`.
    fn number(&self, key: &str) -> Option<&'a Node> {
        let node = self.deployment.node;
        self.param(key).map(|entry| &entry.node).or_else(|| node.get(key)).or_else(|| node.at(&["model_info", key]))
    }

    fn name(&mut self, names: &Names, naming: &Naming, settings: &Settings<'_>) {
        self.set("modelName", crate::import::description::escaped(&names.model).into());
        if !names.is_upstream {
            self.params.insert("model".to_owned(), self.deployment.upstream.model().into());
        }
        if self.deployment.is_catalogue() {
            return;
        }
        let aliases = naming.aliases(self.deployment.group, settings);
        if !aliases.is_empty() {
            self.set("aliases", json!(aliases));
        }
        let fallbacks = settings.fallbacks(self.deployment.group, naming.groups());
        if !fallbacks.is_empty() {
            self.set("fallbacks", json!(fallbacks));
        }
    }

    /// Who serves it, where, and what that needs.
    fn upstream(&mut self, names: &Names) {
        let base = self.param("api_base").or_else(|| self.param("base_url"));
        let endpoint = base.and_then(|entry| self.collected.plain(&entry.node, &self.at("api_base")));
        let typed = match self.deployment.upstream.typed() {
            Some("openai") if base.is_some() => Some("openai-compatible"),
            typed => typed,
        };
        match typed {
            Some(provider) => self.set("provider", provider.into()),
            None => self.set("litellmProvider", self.deployment.upstream.prefix.clone().into()),
        }
        if let Some(endpoint) = endpoint {
            self.exact_base(&endpoint, names);
            self.set("endpoint", endpoint.into());
        }
        for (_, parameter, field, variable) in NEEDS.iter().filter(|(provider, ..)| Some(*provider) == typed) {
            self.need(parameter, field, variable);
        }
    }

    /// A field that the provider cannot do without. `LiteLLM` looks for it in its environment.
    fn need(&mut self, parameter: &str, field: &str, variable: &str) {
        if self.model.contains_key(field) {
            return;
        }
        let written = self.param(parameter).and_then(|entry| self.collected.plain(&entry.node, &self.at(parameter)));
        let value = written.unwrap_or_else(|| {
            let path = format!("{}.litellm_params", self.deployment.path);
            let message = format!("has no `{parameter}`, which langop needs: the description has a variable for it");
            self.collected.remark(self.deployment.span, &path, message);
            self.collected.variable(variable)
        });
        self.set(field, value.into());
    }

    /// Where langop would complete the endpoint otherwise than it is written, it is sent as it is written.
    fn exact_base(&mut self, endpoint: &str, names: &Names) {
        let provider = self.model.get("provider").cloned().unwrap_or_default();
        let spec = LanguageModelSpec {
            provider: serde_json::from_value(provider).ok(),
            model_name: names.model.clone(),
            endpoint: Some(endpoint.to_owned()),
            ..LanguageModelSpec::default()
        };
        let completed = api_base(&spec).unwrap_or_default();
        if completed.trim_end_matches('/') != endpoint.trim_end_matches('/') {
            self.params.insert("api_base".to_owned(), endpoint.into());
        }
    }

    fn limits(&mut self) {
        let mut limits = Map::new();
        for (key, field) in LIMITS {
            let Some(node) = self.number(key) else { continue };
            match node.integer().filter(|count| (1..=i64::from(i32::MAX)).contains(count)) {
                Some(count) => drop(limits.insert(field.to_owned(), count.into())),
                None => self.as_param(key, node),
            }
        }
        if !limits.is_empty() {
            self.set("rateLimits", Value::Object(limits));
        }
    }

    fn prices(&mut self) {
        let mut cost = Map::new();
        for (key, field) in PRICES {
            let Some(node) = self.number(key) else { continue };
            let price = node.to_json().as_f64();
            // A price for a million that is the price for one again, to the last digit.
            let million = price.map(|price| (price * 1e12).round() / 1e6);
            let exact =
                million.filter(|million| Some((million / 1e6).to_bits()) == price.map(f64::to_bits) && *million >= 0.0);
            match exact.and_then(Number::from_f64) {
                Some(million) => drop(cost.insert(field.to_owned(), million.into())),
                None => self.as_param(key, node),
            }
        }
        if !cost.is_empty() {
            self.set("cost", Value::Object(cost));
        }
    }

    /// How long and how often it is tried.
    fn patience(&mut self, settings: &Settings<'_>) {
        let own = self.param("timeout").map(|entry| &entry.node);
        match own.or(settings.timeout()).map(duration) {
            Some(Some(timeout)) => self.set("timeout", timeout.into()),
            Some(None) if own.is_some() => self.carry("timeout"),
            _ => {}
        }
        match self.param("num_retries").map(|entry| entry.node.integer()) {
            Some(Some(count @ 0..=10)) => self.set("retries", count.into()),
            Some(_) => self.carry("num_retries"),
            None => {}
        }
    }

    fn as_param(&mut self, key: &str, node: &Node) {
        if let Some(value) = self.collected.carried(node, &self.at(key)) {
            self.params.insert(key.to_owned(), value);
        }
    }

    fn carry(&mut self, key: &str) {
        if let Some(entry) = self.param(key) {
            self.as_param(key, &entry.node);
        }
    }

    /// Every other parameter.
    fn rest(&mut self) {
        let needs: Vec<_> = NEEDS
            .iter()
            .filter(|(_, _, field, _)| self.model.contains_key(*field))
            .map(|(_, parameter, ..)| *parameter)
            .collect();
        let counted = LIMITS.iter().chain(&PRICES).map(|(key, _)| *key).chain(["timeout", "num_retries"]);
        let read: Vec<_> = counted.chain(FIELDS).chain(needs).collect();
        for (key, entry) in &self.deployment.params {
            if read.contains(key) || is_referred(key, entry) {
                continue;
            }
            if is_parameter(key) {
                self.as_param(key, &entry.node);
            } else {
                let path = format!("{}.litellm_params.{key}", self.deployment.path);
                self.collected.remark(entry.key, &path, "is not carried: it is no parameter of LiteLLM");
            }
        }
    }

    /// `model_info` is langop's own, but for the name by which prices are looked up.
    fn info(&mut self) {
        let Some(info) = self.deployment.node.entry("model_info") else { return };
        if let Some(base) = info.node.get("base_model") {
            self.as_param("base_model", base);
        }
        let counted = LIMITS.iter().chain(&PRICES).map(|(key, _)| *key);
        let read: Vec<_> = counted.chain(["base_model", "id"]).collect();
        let rest: Vec<_> = info.node.entries().map(|(key, _)| key).filter(|key| !read.contains(key)).collect();
        if !rest.is_empty() {
            let path = format!("{}.model_info", self.deployment.path);
            let message = format!("(`{}`) is not carried: langop writes it itself", rest.join("`, `"));
            self.collected.remark(info.key, &path, message);
        }
    }
}

/// A number of seconds as a duration; none of what is no such number.
fn duration(node: &Node) -> Option<String> {
    let written = node.to_json();
    let seconds = written.as_f64().or_else(|| written.as_str()?.trim().parse().ok())?;
    let millis = (seconds * 1000.0).round();
    let whole = (1.0..1e9).contains(&millis) && (millis - seconds * 1000.0).abs() < 1e-6;
    let seconds = format!("{:.0}", millis / 1000.0);
    let is_seconds = (millis / 1000.0).fract() == 0.0;
    whole.then(|| if is_seconds { format!("{seconds}s") } else { format!("{millis:.0}ms") })
}

/// Whether a name is one that `params` can hold.
fn is_parameter(key: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    key.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && key.chars().all(legal)
}
