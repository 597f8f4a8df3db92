//! Tests of the public interface on what real Helm wrote.

#[cfg(test)]
mod golden;
#[cfg(test)]
mod large;
