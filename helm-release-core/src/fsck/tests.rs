//! Every class on releases that have it, and on ones that only look like it.

mod around;
mod plans;
mod records;
mod world;
