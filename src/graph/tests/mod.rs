//! What the graph promises.

mod edges;
mod order;
