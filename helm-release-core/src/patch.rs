//! Client-side patches as Helm computes them.
mod schema;
pub use schema::Schemas;
