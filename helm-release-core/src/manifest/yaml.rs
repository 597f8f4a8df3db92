//! Reads one YAML document into a JSON value, as `sigs.k8s.io/yaml` does.

mod anchors;
mod build;
mod error;
mod repair;
mod scalar;
mod scan;

use std::borrow::Cow;

use serde_json::Value;

pub use error::{YamlError, YamlProblem};

use build::Builder;
use repair::{Failure, MAX_REPAIRS};
pub(super) use scalar::machinery_number;
use scan::Scanner;

/// The deepest nesting that is read: mappings and sequences, counted together.
///
/// Go stops at 10,000. No Kubernetes object comes near either number, and values nested this deep can
/// still be compared, printed and dropped on the small stack of a worker thread.
///
/// ```
/// use helm_release_core::manifest::{MAX_DEPTH, YamlProblem, read_yaml};
///
/// let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
/// assert!(read_yaml(&nested(MAX_DEPTH)).is_ok());
/// assert_eq!(read_yaml(&nested(MAX_DEPTH + 1)).unwrap_err().problem, YamlProblem::Depth);
/// ```
pub const MAX_DEPTH: usize = 1_000;

/// How many bytes aliases and anchors may copy while one document is read.
///
/// Go limits how many nodes come out of aliases and so does the reader here; that alone would let one long
/// text be copied hundreds of thousands of times.
///
/// ```
/// use helm_release_core::manifest::{MAX_COPIED_BYTES, YamlProblem, read_yaml};
///
/// // 64 KiB, and many aliases of them
/// let text = "x".repeat(1 << 16);
/// let copied = |times| format!("text: &text {text}\ncopies: [{}]\n", vec!["*text"; times].join(", "));
/// assert!(read_yaml(&copied(100)).is_ok());
/// let error = read_yaml(&copied(MAX_COPIED_BYTES / text.len() + 1)).unwrap_err();
/// assert_eq!(error.problem, YamlProblem::Aliasing);
/// ```
pub const MAX_COPIED_BYTES: usize = 64 * 1024 * 1024;

/// Reads the first document of a YAML text as the API machinery does.
///
/// Plain scalars follow YAML 1.1 as Go reads it, keys included: `yes`, `on` and `y` are booleans, `0644` is 420,
/// `1_000` is 1000, `12e345` and dates are texts. Keys become texts (`y:` is the key `true`). Of equal keys the last
/// one wins. A merge key (`<<`) overrides what stands before it and is overridden by what stands after it.
/// Numbers come out as the API machinery holds them, either as `i64` or as `f64`: `1.0` and `1e3` are
/// whole numbers, whole numbers beyond `i64` are `f64`.
///
/// A text with no document in it is `null`. Documents after the first are not looked at. The text is read
/// as if it ended in a line break, which is how the API machinery hands over every document.
///
/// # Errors
/// [`YamlError`] with line and column when Go would refuse the text, and when it is nested
/// deeper than [`MAX_DEPTH`] or its aliases copy more than [`MAX_COPIED_BYTES`].
///
/// # Examples
/// ```
/// let value = helm_release_core::manifest::read_yaml("mode: 0644\nenabled: yes\nversion: '1.10'\n")?;
/// assert_eq!(value, serde_json::json!({ "mode": 420, "enabled": true, "version": "1.10" }));
/// # Ok::<(), helm_release_core::manifest::YamlError>(())
/// ```
pub fn read_yaml(text: &str) -> Result<Value, YamlError> {
    if text.ends_with('\n') {
        return read_terminated(text);
    }
    let mut terminated = String::with_capacity(text.len() + 1);
    terminated.push_str(text);
    terminated.push('\n');
    read_terminated(&terminated)
}

fn read_terminated(text: &str) -> Result<Value, YamlError> {
    scan::check_characters(text)?;
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_REPAIRS {
        match read_once(&text) {
            Ok(value) => return Ok(value),
            Err(Failure::Final(error)) => return Err(error),
            Err(Failure::Repairable(repair)) => repair.apply(text.to_mut()),
        }
    }
    read_once(&text).map_err(Failure::into_error)
}

fn read_once(text: &str) -> Result<Value, Failure> {
    let mut scanner = Scanner::new(text);
    let mut builder = Builder::new(text.contains('*'));
    while let Some((event, place)) = scanner.next()? {
        if let Some(value) = builder.take(event, place)? {
            // The end of the document has to be looked at: Go refuses a document that does not end properly.
            scanner.finish_document()?;
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

#[cfg(test)]
mod tests;
