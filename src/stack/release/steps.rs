//! What a step from one release of `LiteLLM` to another needs: the notes "action required" of the releases between, as far
//! as they touch what a description uses. A table; knows no images.

use super::Release;
use super::uses::Uses;

/// Something that a release needs of whoever comes to it from below.
struct Step {
    /// The release since which it is needed.
    since: Release,
    /// What is needed, after "since `LiteLLM` X"; nothing when the description does not touch it.
    needed: fn(&Uses) -> Option<String>,
}

const fn release(line: u32, patch: u32) -> Release {
    Release::new(1, line, patch)
}

/// In their order. Sources: the release notes of 1.108.1 (docs.litellm.ai/release_notes/v1.108.1/v1-108-1), 1.108.7
/// (BerriAI/litellm#48655) and 1.108.15 (#50819); of the weak keys #42019, absent in 1.103.11 and there in 1.105.7.
const STEPS: [Step; 4] = [
    Step { since: release(105, 0), needed: master_key },
    Step { since: release(108, 1), needed: fallbacks },
    Step { since: release(108, 7), needed: parameters },
    Step { since: release(108, 15), needed: keys },
];

/// Early patches of lines that end at their start where prices cannot be fetched (BerriAI/litellm#46711).
const WANT_PRICES: [(Release, Release); 3] =
    [(release(104, 0), release(104, 6)), (release(105, 0), release(105, 4)), (release(106, 0), release(106, 3))];

/// What the step needs, in the order of the releases. Nothing of a step down.
pub(super) fn needed(from: Release, to: Release, uses: &Uses) -> Vec<String> {
    let between = STEPS.iter().filter(|step| from < step.since && step.since <= to);
    let needed = between.filter_map(|step| Some(format!("since LiteLLM {}, {}", step.since, (step.needed)(uses)?)));
    let prices = WANT_PRICES.iter().any(|(first, last)| *first <= to && to <= *last) && uses.remote_prices;
    let prices = prices.then(|| {
        format!("LiteLLM {to} ends at its start where prices cannot be fetched: leave `LITELLM_LOCAL_MODEL_COST_MAP` to langop")
    });
    needed.chain(prices).collect()
}

fn master_key(uses: &Uses) -> Option<String> {
    let needed =
        "a gateway does not start with a weak master key, and this one has one of its own: make it long and random";
    uses.master_key.then(|| needed.to_owned())
}

fn fallbacks(uses: &Uses) -> Option<String> {
    let needed = "a gateway does not start with a fallback that is a text: make it a list, `[{ NAME = [\"OTHER\"] }]`";
    uses.text_fallbacks.then(|| needed.to_owned())
}

fn parameters(uses: &Uses) -> Option<String> {
    let needed = "calls with fields that only the Responses API has are refused unless `drop_params` is true, and this \
                  gateway says false";
    uses.keeps_params.then(|| needed.to_owned())
}

fn keys(uses: &Uses) -> Option<String> {
    let models: Vec<_> = uses.keyless.iter().map(|name| format!("`{name}`")).collect();
    let needed = |models: &str| {
        format!(
            "models without a key are answered with 401 where their provider is one that a file of JSON describes: give {models} an `apiKeySecretRef`"
        )
    };
    (!models.is_empty()).then(|| needed(&models.join(", ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn uses(gateway: &serde_json::Value) -> Uses {
        let model = json!({ "litellmProvider": "poe", "modelName": "m" });
        let other = json!({ "litellmProvider": "groq", "modelName": "m" });
        let keyed = json!({ "litellmProvider": "poe", "modelName": "m", "apiKeySecretRef": { "name": "k" } });
        Uses::of(gateway, [("open", &model), ("groq", &other), ("keyed", &keyed)].into_iter())
    }

    #[test]
    fn a_step_needs_what_touches_what_is_used() {
        let all = json!({
            "config": {
                "general_settings": { "master_key": "os.environ/MINE" },
                "router_settings": { "fallbacks": [{ "a": "b" }] },
                "litellm_settings": { "drop_params": false },
            },
            "deployment": { "env": [{ "name": "LITELLM_LOCAL_MODEL_COST_MAP", "value": "False" }] },
        });
        let all = uses(&all);
        let since = |from, to| {
            let needed = needed(from, to, &all);
            needed.iter().map(|text| text.split([',', ':']).next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let every = ["1.105.0", "1.108.1", "1.108.7", "1.108.15"].map(|release| format!("since LiteLLM {release}"));
        assert_eq!(since(release(103, 1), release(108, 15)), every);
        assert_eq!(since(release(108, 7), release(110, 2)), every[3..]);
        assert_eq!(since(release(108, 1), release(108, 14)), every[2..3]);
        assert_eq!(since(release(108, 15), release(108, 7)), [""; 0], "a step down");
        let prices = since(release(103, 1), release(104, 6));
        assert_eq!(prices, ["LiteLLM 1.104.6 ends at its start where prices cannot be fetched"]);
    }

    #[test]
    fn a_step_needs_nothing_of_what_is_not_used() {
        let none = Uses::of(&json!({}), std::iter::empty());
        assert_eq!(needed(release(84, 0), release(110, 2), &none), [""; 0]);
        let one = uses(&json!({ "config": { "router_settings": { "fallbacks": [{ "a": ["b"] }] } } }));
        let needed = needed(release(108, 14), release(108, 15), &one);
        assert!(needed.len() == 1 && needed[0].contains("give `open` an"), "{needed:?}");
    }
}
