//! The binary itself: how large it is and how fast it starts.

use super::bar::megabytes;
use super::place::{Place, Program};
use super::{Bar, Limit};
use crate::child::{median, time};

pub(super) fn measure(place: &Place) -> Vec<Bar> {
    let starts: Vec<_> = (0..50).map(|_| time(place.command(Program::Plugin, "default", &["--version"]))).collect();
    let start = median(&starts).as_secs_f64() * 1000.0;
    let size = std::fs::metadata(place.plugin()).expect("the binary is there").len();
    vec![
        Bar::alone("--version", start, "ms", Limit::AtMost(10.0)),
        Bar::alone("size of the binary", megabytes(size), "MB", Limit::AtMost(12.0)),
    ]
}
