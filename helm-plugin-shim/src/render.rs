//! How results look: Helm's tables, JSON, YAML, times and colours, byte for byte.

pub mod changes;
pub mod color;
pub mod go_time;
pub mod html;
pub mod json;
pub mod plan;
pub mod server_table;
pub mod table;
pub mod unified;
pub mod yaml;

use std::io::{self, Write};

use serde::Serialize;

use crate::args::OutputFormat;

/// Writes a value as JSON or YAML; a table is the caller's to write.
///
/// # Errors
/// What the writer says.
pub fn write_data<T: Serialize + ?Sized>(out: &mut dyn Write, format: OutputFormat, value: &T) -> io::Result<()> {
    match format {
        OutputFormat::Json => json::write(out, value),
        OutputFormat::Yaml | OutputFormat::Table => yaml::write(out, value),
    }
}
