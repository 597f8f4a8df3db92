//! Weighs decoding and reading: `cargo run --release -p benches --bin peak-memory`.
//!
//! Each measurement is a process of its own, whose high-water mark the kernel keeps. The input is read from a file first; what
//! the process holds then is not counted, so the input itself is not.
#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]
#![expect(clippy::expect_used, reason = "what goes wrong ends the program")]

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::{env, fs};

use benches::child::{field, high_water};
use benches::data::{self, Identity};
use benches::survey;
use helm_release_core::codec::{self, DecodeOptions};
use helm_release_core::plan::Contents;

/// How much more memory than the input a reading may take.
const BAR: f64 = 3.0;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [work, file] = args.as_slice() {
        weigh(work, Path::new(file));
        return ExitCode::SUCCESS;
    }
    let home = tempfile::tempdir().expect("a temporary folder can be made");
    let identity = Identity { name: "web", namespace: "default", revision: 1, status: "deployed" };
    let mut reached = true;
    for bytes in [2_000_000, 20_000_000] {
        let record = data::record(identity, bytes);
        let payload = codec::encode(&record).0;
        reached &= measure(home.path(), "decode", &payload, record.to_json().len());
        let manifest = data::manifest(bytes, 1);
        reached &= measure(home.path(), "manifest", manifest.as_bytes(), manifest.len());
    }
    if reached { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs this program again to do one work, and prints how much it took.
fn measure(home: &Path, work: &str, input: &[u8], size: usize) -> bool {
    let file = home.join(work);
    fs::write(&file, input).expect("the input can be written");
    let program = env::current_exe().expect("this program has a path");
    let output = Command::new(program).arg(work).arg(&file).output().expect("this program starts again");
    assert!(output.status.success(), "{work} fails");
    let text = String::from_utf8(output.stdout).expect("it prints a number");
    let taken: u32 = text.trim().parse().expect("it prints a number of kB");
    let size = u32::try_from(size).expect("inputs are small");
    let ratio = f64::from(taken) * 1024.0 / f64::from(size);
    let verdict = if ratio <= BAR { "reached" } else { "MISSED" };
    println!("{work:<10} {:>6.1} MB  peak {ratio:.2} times the input, at most {BAR}  {verdict}", f64::from(size) / 1e6);
    ratio <= BAR
}

/// Reads all objects of a manifest and holds them, as a plan does.
fn read_and_hold(manifest: &str) -> Contents {
    let contents = Contents::read(manifest, &survey::kinds(), &survey::namespace());
    assert!(contents.unreadable.is_empty() && contents.unplaced.is_empty(), "some objects are not held");
    contents
}

/// Does one work and prints by how many kB the most memory held exceeds what was held before.
fn weigh(work: &str, file: &Path) {
    let status = Path::new("/proc/self/status");
    let input = fs::read(file).expect("the input can be read");
    let text = String::from_utf8(input).expect("the input is text");
    let before = field(status, "VmRSS:").expect("the kernel tells");
    match work {
        "decode" => drop(black_box(codec::decode(text.as_bytes(), DecodeOptions::default()).expect("it is a record"))),
        _ => drop(black_box(read_and_hold(&text))),
    }
    let most = high_water(status).expect("the kernel tells");
    println!("{}", (most - before) / 1024);
}
