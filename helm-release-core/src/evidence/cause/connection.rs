//! A server that cannot be reached, or does not answer.

use super::{CauseKind, Words};
use crate::evidence::FirstError;
use crate::evidence::wording::in_a_sentence;
use crate::ports::ClusterErrorKind;

pub(super) fn of(error: &FirstError) -> Option<Words> {
    let text = in_a_sentence(&error.message);
    let said = match error.kind? {
        ClusterErrorKind::Unreachable => format!("the API server cannot be reached: {text}"),
        ClusterErrorKind::Ambiguous => format!("no answer came, so it is not known whether it was done: {text}"),
        ClusterErrorKind::Busy => format!("the API server has too much to do: {text}"),
        _ => return None,
    };
    Some(Words::new(CauseKind::Connection, said))
}
