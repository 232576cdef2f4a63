//! Measures `langop` beside the least that the API server could be asked: a bare client that sends the same writes in the
//! same run. Absolute times say something of a machine, the ratios of the program.
//!
//! `cargo bench` starts a control plane of its own, and prints a table in Markdown. After `--`: `--objects 100,1000`,
//! `--clusters 1,20`, `--ways straight,slow,throttled`, `--requests` (count them by verb, in a life of their own: what
//! counts is in the way of what measures), `--save FILE` (JSON), `--against FILE` (a file that `--save` wrote, of another
//! commit).
// `cfg(test)` is not set for a benchmark without a harness: unwrapping is how it fails.
#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers, which nothing imports: it prints what it measures and ends where something is wrong"
)]

mod floor;
mod ladder;
mod link;
mod meter;
mod objects;
mod plane;
mod table;
mod tally;
mod throttle;
mod way;

use std::path::PathBuf;

use clap::Parser;

use crate::objects::Kind;
use crate::way::Way;

/// What to measure.
#[derive(Parser)]
struct Wish {
    /// Sizes of stacks of plain manifests, in objects.
    #[arg(long, value_delimiter = ',', default_value = "100,1000")]
    objects: Vec<usize>,
    /// Sizes of stacks of language clusters with ten models each.
    #[arg(long, value_delimiter = ',', default_value = "1,20")]
    clusters: Vec<usize>,
    /// On which ways to the API server.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "straight")]
    ways: Vec<Way>,
    /// Count the requests of each step, in another life of each stack.
    #[arg(long)]
    requests: bool,
    /// Where to write the results as JSON.
    #[arg(long)]
    save: Option<PathBuf>,
    /// Results to compare with.
    #[arg(long)]
    against: Option<PathBuf>,
    /// `cargo bench` says so.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    // The benchmark measures a program by running itself around it: what the system tells of ended children is then
    // that of one.
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == meter::WORD) {
        return meter::run(words);
    }
    let wish = Wish::parse();
    let plane = plane::Plane::start();
    let stacks = wish.objects.iter().map(|count| (Kind::Manifests, *count));
    let stacks = stacks.chain(wish.clusters.iter().map(|count| (Kind::LanguageClusters, *count)));
    let mut rows = Vec::new();
    let ways: Vec<_> = wish.ways.iter().map(|way| way.open(&plane)).collect();
    let counting = wish.requests.then(|| way::Open::counting(&plane));
    for (kind, count) in stacks {
        let mut of_stack: Vec<_> = ways.iter().flat_map(|way| ladder::climb(&plane, way, kind, count)).collect();
        if let Some(way) = &counting {
            let counted = ladder::climb(&plane, way, kind, count);
            for row in &mut of_stack {
                row.learn_requests(&counted);
            }
        }
        rows.extend(of_stack);
    }
    let before = wish.against.map(|file| serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap());
    println!("{}", table::markdown(&rows, before.as_ref()));
    if let Some(file) = wish.save {
        std::fs::write(file, serde_json::to_vec_pretty(&table::json(&rows)).unwrap()).unwrap();
    }
}
