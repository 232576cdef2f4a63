//! An outage with every fate, for snapshots.

use std::io::Write as _;

use crate::ops::{Outage, OutageTerm};
use crate::render::needs;
use crate::stack::{LoadRequest, load};

const TEXT: &str = "stack = 's'\n[clusters.prod]\n[clusters.prod.gateway.auth]\nrestrictModels = true\n\
    [models.claude]\nprovider = 'anthropic'\napiKeySecretRef = { name = 'keys' }\nmodelName = 'claude-5'\naliases = ['smart']\nfallbacks = ['gpt']\n\
    [models.claude-eu]\nprovider = 'bedrock'\nregion = 'eu-west-1'\ncredentialsSecretRef = { name = 'aws' }\nmodelName = 'eu-5'\nfallbacks = ['claude']\n\
    [models.haiku]\nprovider = 'anthropic'\napiKeySecretRef = { name = 'keys' }\nmodelName = 'haiku-5'\n\
    [models.gpt]\nprovider = 'openai'\napiKeySecretRef = { name = 'keys' }\nmodelName = 'gpt-6'\n\
    [models.twin]\nprovider = 'anthropic'\napiKeySecretRef = { name = 'keys' }\nmodelName = 'gpt-6'\n\
    [models.local]\nprovider = 'openai-compatible'\nmodelName = 'llama'\nendpoint = 'http://vllm.models.svc'\n\
    [agents.scout]\nimage = 'scout:1'\nmodels = [{ name = 'claude' }, { name = 'gpt' }]\n\
    [agents.narrow]\nimage = 'narrow:1'\nmodels = [{ name = 'claude-eu' }, { name = 'claude' }, { name = 'local' }]\n\
    [agents.stopped]\nimage = 'stopped:1'\nblocked = true\nmodels = [{ name = 'local' }]\n";

/// Without two things.
pub(crate) fn sample() -> Outage {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    file.write_all(TEXT.as_bytes()).unwrap();
    let request = LoadRequest { paths: vec![file.path().to_owned()], ..LoadRequest::default() };
    let stack = load(&request).unwrap_or_else(|invalid| panic!("{invalid}")).stack;
    let terms = ["provider=anthropic", "region=eu-*"].map(|text| OutageTerm::parse(text).unwrap());
    crate::ops::outage(&stack, &needs(&stack).assumed_target(), &terms).unwrap()
}
