//! Sealed plans: whatever a plan rests on is changed between `plan --out` and `apply`, which refuses and names it; what it
//! does not rest on may change.

mod bench;
pub(crate) mod moved;
pub(crate) mod place;
pub(crate) mod unmoved;
