//! How results look: Helm's tables, JSON, YAML, times and colours, byte for byte.

pub(crate) mod changes;
pub(crate) mod color;
pub(crate) mod go_time;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod plan;
pub(crate) mod server_table;
pub(crate) mod table;
pub(crate) mod unified;
pub(crate) mod yaml;

use std::io::{self, Write};

use serde::Serialize;

use crate::args::OutputFormat;

/// Writes a value as JSON or YAML; a table is the caller's to write.
///
/// # Errors
/// What the writer says.
pub(crate) fn write_data<T: Serialize + ?Sized>(out: &mut dyn Write, format: OutputFormat, value: &T) -> io::Result<()> {
    match format {
        OutputFormat::Json => json::write(out, value),
        OutputFormat::Yaml | OutputFormat::Table => yaml::write(out, value),
    }
}
