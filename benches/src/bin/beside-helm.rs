//! Runs the plugin and Helm in turns on one control plane and prints a line per bar:
//! `cargo run --release -p benches --bin beside-helm`.
#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]

use std::path::PathBuf;
use std::process::ExitCode;

use benches::beside::{Bar, GROUPS, Place};
use clap::{Parser, ValueEnum};

/// Measures the plugin beside Helm.
#[derive(Debug, Parser)]
struct Args {
    /// how often each side of a measurement runs
    #[arg(long, default_value_t = 15)]
    runs: usize,
    /// only this group; can be repeated
    #[arg(long, value_parser = GROUPS.map(|group| group.name))]
    only: Vec<String>,
    /// an absolute path of a binary to measure, instead of building one
    #[arg(long, value_name = "PATH")]
    plugin: Option<PathBuf>,
    /// how the results are printed
    #[arg(long, short, default_value = "text")]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Text,
    Json,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if cfg!(debug_assertions) {
        eprintln!("Warning: without --release the decoding that is measured here is not what a user runs");
    }
    match measure(&args) {
        Ok(bars) if args.output == Output::Json => println!("{}", serde_json::json!({ "bars": bars })),
        Ok(_) => {}
        Err(error) => {
            eprintln!("Error: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn measure(args: &Args) -> Result<Vec<Bar>, String> {
    let place = Place::start(args.runs, args.plugin.clone())?;
    let mut bars = Vec::new();
    for group in GROUPS.iter().filter(|group| args.only.is_empty() || args.only.iter().any(|name| name == group.name)) {
        let measured = (group.measure)(&place);
        if args.output == Output::Text {
            for bar in &measured {
                println!("{bar}");
            }
        }
        bars.extend(measured);
    }
    Ok(bars)
}
