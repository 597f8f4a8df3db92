//! Tests of the public interface, mostly on what real Helm wrote.

#[cfg(test)]
mod findings;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod large;
#[cfg(test)]
mod seal;
