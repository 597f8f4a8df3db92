//! Runs programs and measures them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// Runs a program to its end, which must be a good one, and tells how long it took.
#[must_use]
pub fn time(mut command: Command) -> Duration {
    let began = Instant::now();
    // Files would cost both sides disk, pipes a reader.
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let took = began.elapsed();
    assert!(output.expect("the program starts").success(), "{command:?} fails");
    took
}

/// Runs a program to its end, which must be a good one, and gives the most memory that it held, in bytes.
///
/// The high-water mark is read from `/proc` every half millisecond, so what a program takes in its last moment may be missed.
/// (`ru_maxrss` would count this process too, of which the program is a fork.)
#[must_use]
pub fn peak(mut command: Command) -> u64 {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    loop {
        // The fork itself, before it becomes the program, has this process's memory and name.
        if let Some(peak) = high_water(Path::new(&status)) {
            most = peak;
        }
        if let Some(exit) = child.try_wait().expect("a child can be waited for") {
            assert!(exit.success(), "{command:?} fails");
            return most;
        }
        thread::sleep(Duration::from_micros(500));
    }
}

/// Reads `VmHWM` of a process's `status` file, in bytes; `None` when the process is gone.
#[must_use]
pub fn high_water(status: &Path) -> Option<u64> {
    field(status, "VmHWM:")
}

/// Reads a field of a process's `status` file that is given in kB, in bytes.
#[must_use]
pub fn field(status: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// The median; of an even number the lower one of the middle two.
#[must_use]
pub fn median<T: Copy + Ord>(values: &[T]) -> T {
    let mut values = values.to_vec();
    values.sort_unstable();
    *values.get(values.len().saturating_sub(1) / 2).expect("there is at least one value")
}
