//! Kubernetes' protobuf, as far as answers are read in it (`generated.proto` of `k8s.io/apimachinery`).

use prost::Message;
use prost::bytes::Bytes;

use super::failure::{Cause, Details, Failure, Status};

/// Protobuf, or JSON from a server or a gateway that speaks nothing else.
pub(crate) const PROTOBUF: &str = "application/vnd.kubernetes.protobuf, application/json";

/// What stands before each object in protobuf.
const MAGIC: &[u8] = b"k8s\0";

/// `runtime.Unknown`: the wrapping of every object.
#[derive(Clone, PartialEq, Message)]
struct Envelope {
    #[prost(bytes = "bytes", tag = "2")]
    raw: Bytes,
}

#[derive(Clone, PartialEq, Message)]
struct WireStatus {
    #[prost(string, tag = "3")]
    message: String,
    #[prost(string, tag = "4")]
    reason: String,
    #[prost(message, optional, tag = "5")]
    details: Option<WireDetails>,
    #[prost(int32, tag = "6")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct WireDetails {
    #[prost(message, repeated, tag = "4")]
    causes: Vec<WireCause>,
    #[prost(int32, tag = "5")]
    retry_after_seconds: i32,
}

#[derive(Clone, PartialEq, Message)]
struct WireCause {
    #[prost(string, tag = "1")]
    reason: String,
}

/// Whether an answer is protobuf.
pub(crate) fn is_protobuf(answer: &[u8]) -> bool {
    answer.starts_with(MAGIC)
}

/// Reads the object in an answer that [`is_protobuf`]. Fields that the message does not name are skipped.
pub(crate) fn read<T: Message + Default>(answer: Vec<u8>) -> Result<T, Failure> {
    let mut wrapped = Bytes::from(answer);
    let wrapped = wrapped.split_off(MAGIC.len().min(wrapped.len()));
    let object = Envelope::decode(wrapped).and_then(|envelope| T::decode(envelope.raw));
    object.map_err(|error| Failure::unusable(&error))
}

/// Reads a `Status`; what is none gives an empty one.
pub(super) fn read_status(answer: &[u8]) -> Status {
    let status: WireStatus = read(answer.to_vec()).unwrap_or_default();
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let details = status.details.map(|details| Details {
        causes: Some(details.causes.into_iter().map(|cause| Cause { reason: filled(cause.reason) }).collect()),
        retry_after_seconds: u64::try_from(details.retry_after_seconds).ok(),
    });
    Status {
        kind: "Status".to_owned(),
        message: filled(status.message),
        reason: filled(status.reason),
        details,
        code: u16::try_from(status.code).ok(),
    }
}

#[cfg(test)]
pub(crate) fn wrap(object: &impl Message) -> Vec<u8> {
    let envelope = Envelope { raw: object.encode_to_vec().into() };
    [MAGIC, &envelope.encode_to_vec()].concat()
}

#[cfg(test)]
mod tests;
