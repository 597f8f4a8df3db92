//! Executes a plan through the ports; the only module that writes.

mod event;

pub use event::Event;
