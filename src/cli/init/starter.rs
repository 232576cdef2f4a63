//! The first description of a stack: one cluster, one model, and comments that say what else there is. Holds no secret:
//! keys are named by where they come from. Knows no terminal and no file.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::provider::{Credentials, Field, Provider};
use crate::cli::format::Format;
use crate::import::escaped;

/// What the description is to say.
#[derive(Clone, Debug)]
pub(super) struct Starter {
    /// Name of the stack and of its cluster.
    pub(super) name: String,
    /// Who serves the model.
    pub(super) provider: Provider,
    /// The model, by the provider's name.
    pub(super) model: String,
    /// What the provider asks for beside that.
    pub(super) fields: Vec<(Field, String)>,
}

/// A table of the description, with what could stand in it as comments.
struct Block {
    comments: &'static [&'static str],
    section: &'static str,
    name: String,
    fields: Vec<(&'static str, Value)>,
    ideas: Vec<(&'static str, Value, &'static str)>,
}

impl Starter {
    /// The description.
    pub(super) fn text(&self, format: Format) -> String {
        let mut text = format.schema_line();
        text.push_str("#\n# `langop plan` shows what would change on the cluster, `langop apply` makes it so.\n");
        text.push_str(
            "# `langop explain field NAME` says what a field means, `langop validate` whether all is right.\n\n",
        );
        let stack = inline(&self.name.clone().into(), format);
        let _ = writeln!(text, "# What langop keeps its record and its lock under.\nstack{}{stack}", format.sign());
        for block in self.blocks() {
            match format {
                Format::Toml => toml(&mut text, &block),
                Format::Yaml => yaml(&mut text, &block),
            }
        }
        text
    }

    /// What has to be there for an apply.
    pub(super) fn needs(&self) -> Vec<String> {
        match &self.provider.credentials {
            Credentials::Unneeded => Vec::new(),
            Credentials::ApiKey(variable) => vec![format!("the variable `{variable}`")],
            Credentials::Keys(keys) => keys.iter().map(|key| format!("the variable `{key}`")).collect(),
            Credentials::File { file, .. } => vec![format!("the file `{file}`")],
        }
    }

    fn blocks(&self) -> Vec<Block> {
        let blocks = [self.cluster(), self.described_model()].into_iter();
        blocks.chain(self.secret()).collect()
    }

    fn cluster(&self) -> Block {
        Block {
            comments: &[
                "A language cluster: a namespace of this name with a gateway to all its models, and agents that",
                "reach nothing else unless a rule says so.",
            ],
            section: "clusters",
            name: self.name.clone(),
            // In YAML a cluster of comments alone is none.
            fields: vec![("gateway", json!({"deployment": {"replicas": 1}}))],
            ideas: vec![
                ("capacity", json!({"maxAgents": 20, "maxCPU": "16"}), "hard limits; none when left out"),
                ("domain", json!("agents.example.com"), "an address for the gateway, with `ingress.enabled`"),
            ],
        }
    }

    fn described_model(&self) -> Block {
        let mut fields =
            vec![(self.provider.key, json!(self.provider.name)), ("modelName", json!(escaped(&self.model)))];
        fields.extend(self.fields.iter().map(|(field, value)| (field.key(), json!(escaped(value)))));
        let reference = json!({"name": self.secret_name()});
        match self.provider.credentials {
            Credentials::Unneeded => {}
            Credentials::ApiKey(_) => fields.push(("apiKeySecretRef", reference)),
            Credentials::Keys(_) | Credentials::File { .. } => fields.push(("credentialsSecretRef", reference)),
        }
        Block {
            comments: &["A model that the gateway serves under its `modelName`."],
            section: "models",
            name: label(&self.model),
            fields,
            ideas: vec![
                ("aliases", json!(["smart"]), "more names for it"),
                ("rateLimits", json!({"requestsPerMinute": 600}), "of all callers together"),
            ],
        }
    }

    fn secret(&self) -> Option<Block> {
        let (source, keys) = match &self.provider.credentials {
            Credentials::Unneeded => return None,
            Credentials::ApiKey(variable) => ("fromEnv", json!({"api-key": variable})),
            Credentials::Keys(names) => {
                ("fromEnv", names.iter().map(|name| ((*name).to_owned(), json!(name))).collect::<Map<_, _>>().into())
            }
            Credentials::File { key, file } => ("fromFile", Map::from_iter([((*key).to_owned(), json!(file))]).into()),
        };
        Some(Block {
            comments: &[
                "Where the Secret's values come from when this is applied. They go to the API server and nowhere else;",
                "`langop plan` does without them. A Secret that others made needs no table here.",
            ],
            section: "secrets",
            name: self.secret_name(),
            fields: vec![(source, keys)],
            ideas: Vec::new(),
        })
    }

    fn secret_name(&self) -> String {
        label(&self.provider.name)
    }
}

/// The name of a thing after what it stands for: a DNS label.
pub(super) fn label(text: &str) -> String {
    let fit = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let label: String = text.chars().map(fit).take(63).collect();
    let label = label.trim_matches('-');
    if label.is_empty() { "model".to_owned() } else { label.to_owned() }
}

fn toml(text: &mut String, block: &Block) {
    text.push('\n');
    text.extend(block.comments.iter().map(|line| format!("# {line}\n")));
    let _ = writeln!(text, "[{}.{}]", block.section, block.name);
    for (key, value) in &block.fields {
        let _ = writeln!(text, "{key} = {}", inline(value, Format::Toml));
    }
    for (key, value, about) in &block.ideas {
        let _ = writeln!(text, "# {key} = {}   # {about}", inline(value, Format::Toml));
    }
}

fn yaml(text: &mut String, block: &Block) {
    text.push('\n');
    text.extend(block.comments.iter().map(|line| format!("# {line}\n")));
    let _ = writeln!(text, "{}:\n  {}:", block.section, inline(&block.name.clone().into(), Format::Yaml));
    for (key, value) in &block.fields {
        let _ = writeln!(text, "    {key}: {}", inline(value, Format::Yaml));
    }
    for (key, value, about) in &block.ideas {
        let _ = writeln!(text, "    # {key}: {}   # {about}", inline(value, Format::Yaml));
    }
}

/// A value on one line. A string of JSON is one of TOML and of YAML.
fn inline(value: &Value, format: Format) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| inline(item, format)).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields =
                fields.iter().map(|(key, value)| format!("{}{}{}", bare(key), format.sign(), inline(value, format)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn bare(key: &str) -> String {
    let is_bare = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_bare { key.to_owned() } else { Value::from(key).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::init::provider::NAMED;
    use crate::stack::{LoadRequest, load};

    fn starter(provider: &str) -> Starter {
        let provider = Provider::parse(provider).unwrap();
        let value = |field| match field {
            Field::Endpoint => "https://example.com".to_owned(),
            _ => "some-where".to_owned(),
        };
        let fields = provider.fields.iter().map(|field| (*field, value(*field))).collect();
        let model = provider.example.unwrap_or("Some/Model:1").to_owned();
        Starter { name: "first".to_owned(), provider, model, fields }
    }

    /// What a description says, and of what it warns.
    fn read(text: &str) -> (crate::stack::Stack, Vec<String>) {
        let request =
            LoadRequest { paths: vec!["-".into()], stdin: Some(text.as_bytes().to_vec()), ..LoadRequest::default() };
        let loaded = load(&request).unwrap_or_else(|invalid| panic!("{:#?}\n{text}", invalid.diagnostics));
        (loaded.stack, loaded.warnings.iter().map(|warning| warning.message.clone()).collect())
    }

    /// The same with everything in it that is only a suggestion.
    fn with_ideas(text: &str) -> String {
        let is_idea = |line: &str| line.trim_start().strip_prefix("# ").is_some_and(|rest| rest.contains("   # "));
        let lines = text.lines().map(|line| if is_idea(line) { line.replacen("# ", "", 1) } else { line.to_owned() });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_written_is_right_for_every_provider_in_both_languages_with_and_without_its_suggestions() {
        for name in NAMED.into_iter().chain(["groq", "openrouter"]) {
            let starter = starter(name);
            let (toml, yaml) = (starter.text(Format::Toml), starter.text(Format::Yaml));
            let (stack, warnings) = read(&toml);
            assert_eq!(warnings, [""; 0], "{name}");
            assert_eq!(
                format!("{:?}", read(&yaml).0.models.values().next().unwrap().spec),
                format!("{:?}", stack.models.values().next().unwrap().spec)
            );
            assert!(with_ideas(&toml).contains("\ncapacity = {") && with_ideas(&yaml).contains("\n    aliases: ["));
            read(&with_ideas(&toml));
            read(&with_ideas(&yaml));
        }
    }

    #[test]
    fn the_first_description() {
        insta::assert_snapshot!("toml", starter("anthropic").text(Format::Toml));
        insta::assert_snapshot!("yaml", starter("openai-compatible").text(Format::Yaml));
    }

    #[test]
    fn a_name_is_made_of_whatever_a_model_is_called() {
        assert_eq!(
            (label("llama3.2"), label("Qwen/Qwen2.5:7B")),
            ("llama3-2".to_owned(), "qwen-qwen2-5-7b".to_owned())
        );
        assert_eq!((label("*"), label(&"x".repeat(99)).len()), ("model".to_owned(), 63));
    }
}
