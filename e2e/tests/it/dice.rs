//! Chance for generated questions: the same on every run.

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Value;

/// Throws the same numbers on every run.
pub(crate) struct Dice(TestRng);

impl Dice {
    pub(crate) fn new() -> Self {
        Self(TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    }

    /// A number from 0 to `sides - 1`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        let sides = u64::try_from(sides).expect("a count fits 64 bits");
        usize::try_from(self.0.next_u64() % sides).expect("a number below a count fits")
    }

    /// True once in `sides` throws.
    pub(crate) fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    /// One of the choices.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// A small number, now and then negative.
    pub(crate) fn count(&mut self) -> i64 {
        let number = i64::try_from(self.below(5)).expect("below 5");
        if self.one_in(40) { -number } else { number }
    }

    /// Sets members of a mapping, each with a chance of 4 in 5.
    pub(crate) fn fill(&mut self, map: &mut Value, members: &[&str], mut value: impl FnMut(&mut Self) -> Value) {
        for member in members {
            if !self.one_in(5) {
                map[*member] = value(self);
            }
        }
    }
}
