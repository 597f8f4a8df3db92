//! The plugin and Helm in turns on one control plane.

mod bar;
mod decode;
mod guarded;
mod place;
mod plan;
mod program;
mod reading;
mod rollback;

pub use bar::{Bar, Limit};
pub use place::Place;

/// One group of measurements, by the name that `--only` takes.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Group {
    /// Its name.
    pub name: &'static str,
    /// Measures each of its bars.
    pub measure: fn(&Place) -> Vec<Bar>,
}

/// Every group, in the order in which they run.
pub const GROUPS: [Group; 9] = [
    Group { name: "program", measure: program::measure },
    Group { name: "decode", measure: decode::measure },
    Group { name: "history", measure: reading::history },
    Group { name: "list", measure: reading::list },
    Group { name: "rollback-10", measure: rollback::of_ten },
    Group { name: "rollback-100", measure: rollback::of_a_hundred },
    Group { name: "plan-100", measure: plan::of_a_hundred },
    Group { name: "plan-1000", measure: plan::of_a_thousand },
    Group { name: "guarded", measure: guarded::measure },
];
