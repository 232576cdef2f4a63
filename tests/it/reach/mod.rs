//! Network isolation, judged by the engines of others over the policies as the API server stored them.

mod by_name;
mod explained;
mod laws;
mod meaning;
mod page;
mod protocols;
mod random;
mod scene;
mod tables;
mod words;
