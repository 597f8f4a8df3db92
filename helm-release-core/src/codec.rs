//! Helm's bytes: gzip of JSON in base64 (`pkg/storage/driver/util.go`).
//!
//! ```
//! use helm_release_core::codec::{DecodeOptions, decode, encode};
//! use helm_release_core::ports::Storage as _;
//!
//! # examples::run(async {
//! # let shop = examples::Shop::open().await?;
//! let stored = shop.storage.get(&shop.key(3)?).await?;
//! assert!(stored.payload.0.starts_with(b"H4sI"), "gzip in base64");
//! let record = decode(&stored.payload.0, DecodeOptions::default())?;
//! assert_eq!(record.info()?.status.as_str(), "failed");
//! assert_eq!(encode(&record), stored.payload, "nothing is lost on the way");
//! # Ok(()) });
//! ```

mod head;

pub use head::{Summary, summary};

use std::io::Write;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use flate2::{Compression, Decompress, FlushDecompress, GzBuilder, Status};

use crate::Record;
use crate::ports::Payload;
use crate::release::RecordError;

/// The largest payload that Kubernetes stores in a Secret or ConfigMap, in bytes of base64 text.
///
/// ```
/// use helm_release_core::Record;
/// use helm_release_core::codec::{MAX_PAYLOAD, encode};
///
/// let size = |notes: &str| {
///     let json = format!(r#"{{"info":{{"notes":"{notes}"}}}}"#);
///     Record::parse(json.as_bytes()).map(|record| encode(&record).0.len())
/// };
/// // Of repetitions gzip leaves next to nothing, of digits without an order more than half.
/// assert!(size(&"0".repeat(2 * MAX_PAYLOAD))? < MAX_PAYLOAD);
/// let digits: String = (0..130_000_u64).map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
/// assert!(size(&digits)? > MAX_PAYLOAD, "no storage would take it");
/// # Ok::<(), helm_release_core::release::RecordError>(())
/// ```
pub const MAX_PAYLOAD: usize = 1_048_576;

/// How far decoding may go.
///
/// ```
/// use helm_release_core::Record;
/// use helm_release_core::codec::{DecodeOptions, decode_json, encode};
///
/// // A small payload may stand for much JSON.
/// let json = format!(r#"{{"manifest":"{}"}}"#, " ".repeat(1 << 20));
/// let payload = encode(&Record::parse(json.as_bytes())?);
/// assert!(payload.0.len() < 2_000);
///
/// let options = DecodeOptions::default();
/// assert_eq!(options.inflate_limit, 64 << 20);
/// assert_eq!(decode_json(&payload.0, options)?.len(), json.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// The most bytes of JSON that are inflated; a Secret at its limit can hold several hundred MiB.
    pub inflate_limit: u64,
}

impl Default for DecodeOptions {
    /// 64 MiB.
    fn default() -> Self {
        Self { inflate_limit: 64 << 20 }
    }
}

impl DecodeOptions {
    /// Sets the most bytes of JSON that are inflated.
    ///
    /// ```
    /// use helm_release_core::Record;
    /// use helm_release_core::codec::{DecodeOptions, decode, encode};
    ///
    /// let payload = encode(&Record::parse(br#"{"name":"web","version":3}"#)?);
    /// let tight = DecodeOptions::default().with_inflate_limit(16);
    /// assert_eq!(decode(&payload.0, tight).unwrap_err().to_string(), "payload inflates to more than 16 bytes");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_inflate_limit(mut self, bytes: u64) -> Self {
        self.inflate_limit = bytes;
        self
    }
}

/// A payload that is no record. Texts never hold payload bytes.
///
/// ```
/// use helm_release_core::Record;
/// use helm_release_core::codec::{CodecError, DecodeOptions, decode, encode};
///
/// let refusal = |payload: &[u8]| decode(payload, DecodeOptions::default().with_inflate_limit(20)).unwrap_err();
/// assert!(matches!(refusal(b"?"), CodecError::Base64(_)));
/// assert!(matches!(refusal(b"H4sIAAAA"), CodecError::Gzip(_)), "cut off behind the header's first bytes");
/// let large = encode(&Record::parse(br#"{"name":"web","namespace":"shop"}"#)?);
/// assert!(matches!(refusal(&large.0), CodecError::TooLarge { limit: 20 }));
/// // `[]`, which is JSON and no record.
/// assert!(matches!(refusal(b"W10="), CodecError::Record(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// Not base64 text.
    #[error("payload is not base64: {0}")]
    Base64(String),
    /// Begins like gzip and is none, or is cut off.
    #[error("payload is not readable gzip: {0}")]
    Gzip(#[source] std::io::Error),
    /// More JSON than allowed.
    #[error("payload inflates to more than {limit} bytes")]
    TooLarge {
        /// The limit that was set.
        limit: u64,
    },
    /// Inflated, but no record.
    #[error("payload is no release record: {0}")]
    Record(#[from] RecordError),
}

/// Reads base64 as Go's standard encoding does: padded, line breaks skipped, loose last bits allowed.
const GO_BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];

fn decode_base64(payload: &[u8]) -> Result<Vec<u8>, CodecError> {
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    GO_BASE64.decode(payload).or_else(|error| {
        // Looked for only here: what Helm writes has no line breaks.
        if !payload.iter().any(is_break) {
            return Err(CodecError::Base64(describe_base64(error)));
        }
        let text: Vec<u8> = payload.iter().copied().filter(|byte| !is_break(byte)).collect();
        GO_BASE64.decode(text).map_err(|error| CodecError::Base64(describe_base64(error)))
    })
}

/// The decoder's complaint without the byte that it met, which belongs to the payload.
fn describe_base64(error: base64::DecodeError) -> String {
    match error {
        base64::DecodeError::InvalidByte(offset, _) => format!("invalid character at byte {offset}"),
        base64::DecodeError::InvalidLastSymbol { .. } => "invalid last character".to_owned(),
        other => other.to_string(),
    }
}

/// Whether the bytes inside the base64 are gzip; records from before compression are plain JSON.
fn is_gzip(bytes: &[u8]) -> bool {
    bytes.len() > GZIP_MAGIC.len() && bytes.starts_with(&GZIP_MAGIC)
}

/// How much room to make for what the bytes inflate to: what the last gzip member says of itself, and one byte to see the end.
/// That may be a lie, so no more than deflate can make of that many bytes; pages that are never written to cost nothing.
fn first_guess(bytes: &[u8], limit: u64) -> usize {
    const MOST_PER_BYTE: usize = 1032;
    let said = bytes.last_chunk().map_or(0, |size| u32::from_le_bytes(*size));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    usize::try_from(said).unwrap_or(usize::MAX).min(bytes.len().saturating_mul(MOST_PER_BYTE)).min(limit).saturating_add(1)
}

/// Decodes a payload to JSON text.
///
/// # Errors
/// Every [`CodecError`] but `Record`.
///
/// ```
/// use base64::Engine as _;
/// use base64::engine::general_purpose::STANDARD;
/// use helm_release_core::codec::{DecodeOptions, decode_json};
///
/// // Records from before Helm compressed them are read too.
/// let json = br#"{"name":"web","version":1}"#;
/// assert_eq!(decode_json(STANDARD.encode(json).as_bytes(), DecodeOptions::default())?, json);
/// # Ok::<(), helm_release_core::codec::CodecError>(())
/// ```
pub fn decode_json(payload: &[u8], options: DecodeOptions) -> Result<Vec<u8>, CodecError> {
    let bytes = decode_base64(payload)?;
    if !is_gzip(&bytes) {
        return Ok(bytes);
    }
    inflate(&bytes, options.inflate_limit)
}

/// Inflates gzip members to their end.
fn inflate(mut bytes: &[u8], limit: u64) -> Result<Vec<u8>, CodecError> {
    const WINDOW_BITS: u8 = 15;
    let most = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
    let mut json = Vec::with_capacity(first_guess(bytes, limit));
    while !bytes.is_empty() {
        let mut member = Decompress::new_gzip(WINDOW_BITS);
        loop {
            if json.len() == json.capacity() {
                if json.len() >= most {
                    return Err(CodecError::TooLarge { limit });
                }
                json.reserve_exact(json.len().max(64 << 10).min(most - json.len()));
            }
            let (read, written) = (member.total_in(), json.len());
            // Large steps: after each that is not the last the decoder keeps a copy of the last 32 KiB.
            let status = member.decompress_vec(bytes, &mut json, FlushDecompress::Finish);
            let status = status.map_err(|error| CodecError::Gzip(error.into()))?;
            let read = usize::try_from(member.total_in() - read).unwrap_or(bytes.len());
            bytes = &bytes[read..];
            if status == Status::StreamEnd {
                break;
            }
            if read == 0 && written == json.len() && json.len() < json.capacity() {
                return Err(CodecError::Gzip(std::io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }
    if json.len() >= most { Err(CodecError::TooLarge { limit }) } else { Ok(json) }
}

/// Decodes a payload.
///
/// # Errors
/// [`CodecError`] when it is no record.
///
/// # Examples
/// ```
/// use helm_release_core::codec::{self, DecodeOptions};
/// let record = helm_release_core::Record::parse(br#"{"name":"web","version":3}"#)?;
/// let payload = codec::encode(&record);
/// let again = codec::decode(&payload.0, DecodeOptions::default())?;
/// assert_eq!(again.version()?, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decode(payload: &[u8], options: DecodeOptions) -> Result<Record, CodecError> {
    Ok(Record::parse_owned(decode_json(payload, options)?)?)
}

/// Encodes a record as Helm does: gzip level 9 with Go's header, standard base64.
///
/// ```
/// use helm_release_core::Record;
/// use helm_release_core::codec::{self, DecodeOptions};
///
/// let json = r#"{"name":"web","future":{"big":12345678901234567890123}}"#;
/// let payload = codec::encode(&Record::parse(json.as_bytes())?);
/// assert!(payload.0.starts_with(b"H4sI"), "base64 of gzip");
/// assert_eq!(codec::decode_json(&payload.0, DecodeOptions::default())?, json.as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn encode(record: &Record) -> Payload {
    let json = record.to_json();
    let best = encode_at(Compression::best(), &json);
    if best.len() <= MAX_PAYLOAD {
        return Payload(best);
    }
    // Of binary files in base64 zlib-rs makes 3 % more at level 9 than Go does, and as much at level 8:
    // without this a record that Helm could store would not fit any more.
    let second = encode_at(Compression::new(8), &json);
    Payload(if second.len() < best.len() { second } else { best })
}

/// How many bytes a part of a record takes of its payload, on its own.
pub(crate) fn compressed_size(json: &str) -> usize {
    encode_at(Compression::fast(), json).len()
}

fn encode_at(level: Compression, json: &str) -> Vec<u8> {
    // Go names the unknown operating system (255) and no time in its header.
    let mut gzip = GzBuilder::new().operating_system(255).write(Vec::new(), level);
    let compressed = gzip.write_all(json.as_bytes()).and_then(|()| gzip.finish()).unwrap_or_default();
    STANDARD.encode(compressed).into_bytes()
}

#[cfg(test)]
mod tests;
