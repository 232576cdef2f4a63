//! The gateway as it is rendered: the real `LiteLLM` on it, between callers and an interceptor that stands for
//! every provider and sees the real host names.

mod agents;
mod answers;
mod behaviour;
mod budgets;
mod callers;
mod canary;
mod examples;
mod fields;
mod interceptor;
mod keys;
mod matrix;
mod metrics;
mod names;
mod outage;
mod own_names;
mod prices;
mod process;

mod protocols;
mod providers;
pub mod redis;
mod rendered;
mod shared_limits;
mod shutdown;
mod sockets;
mod store;
mod streams;
mod teams;
mod tokens;
mod unlisted;
