//! What a stack costs grows with it and no faster: with four times as many clusters four times as much is rendered, and what
//! waits for what is four times as much. Counted, never timed; requests are counted in `requests`.

use crate::bench::Bench;

const FEW: usize = 4;
const TIMES: usize = 4;

/// Clusters with a few models each, all names of one length.
fn stack(clusters: usize) -> String {
    use std::fmt::Write as _;

    let mut text = "stack = \"growth\"\n".to_owned();
    for cluster in 100..100 + clusters {
        let _ = writeln!(text, "[clusters.c{cluster}]\ncapacity = {{ maxAgents = 5 }}");
        for model in 0..5 {
            let _ = writeln!(
                text,
                "[models.c{cluster}-m{model}]\nclusters = [\"c{cluster}\"]\nprovider = \"openai-compatible\"\n\
                 endpoint = \"https://models.example.com/v1\"\nmodelName = \"m{model}\"",
            );
        }
    }
    text
}

/// What a command prints of a stack of so many clusters, without what it prints of none.
fn printed(bench: &Bench, command: &[&str], clusters: usize) -> usize {
    let length = |clusters: usize| {
        bench.write("langop.toml", &stack(clusters));
        bench.langop(command).exits(0).out.len()
    };
    // The kinds themselves come once.
    length(clusters + 1) - length(1)
}

#[test]
fn four_times_the_clusters_are_four_times_the_bytes() {
    let bench = Bench::offline("growth");
    for command in [&["render"][..], &["graph", "--json"]] {
        let (few, many) = (printed(&bench, command, FEW), printed(&bench, command, FEW * TIMES));
        assert_eq!(many, few * TIMES, "{command:?}: {few} bytes for {FEW} clusters");
    }
}
