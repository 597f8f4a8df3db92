//! What every implementation of a port must do, as functions that anybody's test can call.

pub mod cluster;
