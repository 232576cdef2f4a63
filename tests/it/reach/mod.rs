//! Network isolation, judged by the engines of others over the policies as the API server stored them.

mod added;
mod beside;
mod by_name;
mod explained;
mod laws;
mod meaning;
mod page;
mod pods;
mod protocols;
mod random;
mod random_policies;
mod readings;
mod scene;
mod tables;
mod words;
mod workloads;
