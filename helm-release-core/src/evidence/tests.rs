//! Evidence is collected from a cluster that is put together by hand and answers at once.

mod causes;
mod forms;
mod hooks;
mod limits;
mod masking;
mod scripted;
mod timeline;
