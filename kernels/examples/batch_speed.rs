//! Times 10,000 small programs through the batch, every second one with a map.
//!
//! `cargo run --release -p knockwright-kernels --example batch_speed`

use std::error::Error;
use std::fmt::Write as _;
use std::time::Instant;

use knockwright_kernels::HostEngine;
use knockwright_verifier::batch::{Wish, run_batch};

fn main() -> Result<(), Box<dyn Error>> {
    const PROGRAMS: u32 = 10_000;
    let mut input = String::new();
    for n in 0..PROGRAMS {
        let (insns, maps) = if n % 2 == 0 {
            (format!("b7000000{}9500000000000000", hex::encode((n % 5).to_le_bytes())), String::new())
        } else {
            (
                "7a0af8ff00000000bfa200000000000007020000f8ffffff1851000000000000000000000000000085000000010000007100000000000000b7000000020000009500000000000000".to_owned(),
                format!(
                    r#", "maps": [{{"name": "m", "type": "hash", "key_size": 4, "value_size": {}, "max_entries": 16}}]"#,
                    8 + n % 20 * 8
                ),
            )
        };
        writeln!(input, r#"{{"name": "p{n}", "prog_type": "xdp", "insns": "{insns}"{maps}}}"#)?;
    }
    for with_log in [false, true] {
        let mut output = Vec::new();
        let mut engine = if with_log { HostEngine::new() } else { HostEngine::new().without_logs() };
        let start = Instant::now();
        let counts = run_batch(input.as_bytes(), &mut output, &mut engine, Wish { level: 2, with_log })?;
        let time = start.elapsed();
        eprintln!(
            "{} programs ({} accepted, {} rejected, {} errors) in {:.2} s, {:.0} µs each, {} bytes written, log {}",
            counts.total(),
            counts.accepted,
            counts.rejected,
            counts.errors,
            time.as_secs_f64(),
            time.as_secs_f64() * 1e6 / f64::from(PROGRAMS),
            output.len(),
            if with_log { "kept" } else { "dropped" },
        );
    }
    Ok(())
}
