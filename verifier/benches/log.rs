//! How fast a log is read: `cargo bench -p knockwright-verifier --bench log`.
//!
//! The log is made of the recordings of one kernel at level 2, repeated up to 20 MB. The best of seven runs counts.

#![expect(clippy::print_stdout, reason = "the figures are the purpose")]

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use knockwright_verifier::log::{self, Dialect, Reader};

const SIZE: usize = 20_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    for kernel in ["5.10", "6.12", "6.18", "7.3"] {
        let log = recording(kernel)?;
        let dialect = Dialect::for_version(kernel).ok_or("no dialect")?;
        let speed = |name, read: &dyn Fn() -> usize| {
            let best = (0..7).map(|_| time(read)).min().unwrap_or_default();
            println!("{kernel:5} {name:30} {:6.0} MB/s", log.len() as f64 / best.as_secs_f64() / 1e6);
        };
        speed("lines in memory", &|| log::lines(&log).filter(|line| line.message().is_none()).count());
        speed("lines from a stream", &|| {
            let mut reader = Reader::new(log.as_bytes());
            let mut count = 0;
            while let Ok(Some(line)) = reader.next_line() {
                count += usize::from(line.message().is_none());
            }
            count
        });
        speed("lines and the parts of states", &|| {
            log::lines(&log).filter_map(|line| line.state()).map(|state| state.parts(dialect).count()).sum()
        });
        speed("lines and whole states", &|| {
            log::lines(&log)
                .filter_map(|line| line.state())
                .map(|state| state.parse(dialect).regs.len())
                .sum()
        });
        speed("lines, read and printed", &|| {
            let mut out = String::with_capacity(log.len());
            for line in log::lines(&log) {
                use std::fmt::Write as _;
                let _ = writeln!(out, "{line}");
            }
            out.len()
        });
    }
    Ok(())
}

fn time(read: &dyn Fn() -> usize) -> Duration {
    let start = Instant::now();
    black_box(read());
    start.elapsed()
}

/// A kernel's logs of level 2, one after the other, again and again.
fn recording(kernel: &str) -> Result<String, Box<dyn Error>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../verifier-cases/logs");
    let mut text = String::new();
    GzDecoder::new(File::open(folder.join(format!("{kernel}.jsonl.gz")))?).read_to_string(&mut text)?;
    let mut once = String::new();
    for line in text.lines().skip(1) {
        let value: serde_json::Value = serde_json::from_str(line)?;
        if value["level"] == 2 {
            once.push_str(value["observation"]["log"].as_str().unwrap_or_default());
        }
    }
    Ok(once.repeat(SIZE.div_ceil(once.len().max(1))))
}
