//! Whether the price of a model is known: written in the description, or in the list of the gateway's release. Of a
//! catalogue it is not for a plan to say: the gateway looks at each name that is called.

use crate::stack::tree::Node;

/// The models whose price the release of `LiteLLM` knows that langop was made for, a line each as `provider/name`.
/// `tests/it/gateway/prices.rs` holds them against the real one.
const NAMES: &str = include_str!("price/names.txt");

/// Whether the gateway can say what calls of a model cost. An endpoint that is anyone's has the prices of nobody.
pub(super) fn is_known(model: &Node) -> bool {
    let Some(name) = model.text_at(&["modelName"]) else { return true };
    let has = |table: &str, keys: [&str; 2]| keys.iter().any(|key| model.at(&[table, key]).is_some());
    let is_written = has("cost", WRITTEN) || has("params", PARAMS);
    // Another model is called than the description names.
    let is_other = model.at(&["params", "model"]).is_some();
    let base = model.text_at(&["params", "base_model"]);
    is_written
        || name == "*"
        || !is_other && prefix(model).is_some_and(|prefix| is_listed(prefix, base.unwrap_or(name)))
}

/// Prices as the description has them.
const WRITTEN: [&str; 2] = ["inputPerMillion", "outputPerMillion"];
/// The same as `params` may have them.
const PARAMS: [&str; 2] = ["input_cost_per_token", "output_cost_per_token"];

fn is_listed(prefix: &str, name: &str) -> bool {
    let name = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
    let is_it = |line: &str| line.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/')) == Some(name);
    NAMES.lines().any(is_it)
}

/// What `LiteLLM` writes before the names of a provider; nothing where the endpoint says who it is.
fn prefix(model: &Node) -> Option<&str> {
    match model.text_at(&["provider"]) {
        Some("vertex") => Some("vertex_ai"),
        Some("openai-compatible" | "custom") => None,
        Some(same) => Some(same),
        None => model.text_at(&["litellmProvider"]),
    }
}
