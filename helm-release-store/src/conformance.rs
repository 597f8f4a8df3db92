//! What every implementation of a port must do, as functions that anybody's tests can call.

pub mod cluster;
pub mod storage;
