//! How fast logs are explained, and how much memory that takes.
//!
//! `cargo bench -p knockwright-explain --bench explain`. The log is one of level 2: a loop of six instructions with a state
//! after each, and precision lines in every tenth round. It's made while it is read, so that the memory is the explainer's.

#![allow(clippy::print_stdout)] // figures are what it is for

use std::fmt::Write as _;
use std::io::{self, BufReader, Read};
use std::time::Instant;

use knockwright_explain::Explainer;

/// A log of a loop, as long as wanted.
struct Loop {
    rounds: u64,
    round: u64,
    text: String,
    at: usize,
}

impl Loop {
    /// A log of about so many bytes.
    fn of_bytes(bytes: u64) -> Self {
        Self { rounds: bytes / 590, round: 0, text: "func#0 @0\n0: R1=ctx() R10=fp0\n".to_owned(), at: 0 }
    }

    fn refill(&mut self) {
        self.text.clear();
        self.at = 0;
        let n = self.round;
        self.round += 1;
        if n > self.rounds {
            return;
        }
        if n == self.rounds {
            self.text.push_str(
                "8: (61) r0 = *(u32 *)(r3 +0)\nR3 invalid mem access 'scalar'\n\
                 processed 360003 insns (limit 1000000) max_states_per_insn 4 total_states 3531 peak_states 3531 mark_read 0\n",
            );
            return;
        }
        let counter = n & 0xffff;
        let _ = write!(
            self.text,
            "; r1 += 1 @ big.bpf:5\n\
             2: (07) r1 += 1                       ; R1={counter:#x}\n\
             3: (0f) r2 += r1                      ; R1={counter:#x} R2={counter:#x}\n\
             4: (57) r2 &= 1023                    ; R2={}\n\
             5: (bf) r3 = r2                       ; R2={0} R3={0}\n\
             6: (67) r3 <<= 2                      ; R3=scalar(smin=smin32=0,smax=umax=smax32=umax32={counter},var_off=(0x0; 0xffff))\n\
             7: (55) if r1 != 0xea60 goto pc-6     ; R1={counter:#x}\n",
            counter & 1023
        );
        if n.is_multiple_of(10) {
            for before in [6, 5, 4, 3, 2] {
                let _ = writeln!(
                    self.text,
                    "mark_precise: frame0: regs=r1 stack= before {before}: (67) r3 <<= 2"
                );
            }
        }
    }
}

impl Read for Loop {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() {
            self.refill();
        }
        let count = buffer.len().min(self.text.len() - self.at);
        buffer[..count].copy_from_slice(&self.text.as_bytes()[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn explain(bytes: u64) {
    let mut times = Vec::new();
    let mut size = 0;
    for _ in 0..if bytes > 100_000_000 { 1 } else { 7 } {
        let mut made = 0;
        let mut measure = Loop::of_bytes(bytes);
        // Making the text costs time too, which is measured by itself and taken away.
        let making = Instant::now();
        let mut sink = vec![0; 1 << 18];
        loop {
            let count = measure.read(&mut sink).unwrap_or(0);
            if count == 0 {
                break;
            }
            made += count;
        }
        let making = making.elapsed();
        let start = Instant::now();
        let explained = Explainer::new().explain(BufReader::with_capacity(1 << 18, Loop::of_bytes(bytes)));
        let elapsed = start.elapsed().saturating_sub(making);
        assert_eq!(explained.map(|explained| explained.logs.len()).ok(), Some(1));
        times.push(elapsed);
        size = made;
    }
    times.sort_unstable();
    let median = times[times.len() / 2];
    println!(
        "{:8.1} MB  {:8.3} s  {:6.0} MB/s  peak {} MiB",
        size as f64 / 1e6,
        median.as_secs_f64(),
        size as f64 / 1e6 / median.as_secs_f64(),
        peak()
    );
}

fn main() {
    for bytes in [1_000_000, 20_000_000, 200_000_000, 1_000_000_000] {
        explain(bytes);
    }
}
