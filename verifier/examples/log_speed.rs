#![allow(missing_docs, clippy::print_stdout)]
use knockwright_verifier::log::{self, Dialect, Line, Reader};
use std::time::Instant;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mb = text.len() as f64 / 1e6;
    let mut best = [f64::MAX; 5];
    let mut sum = 0_u64;
    for _ in 0..7 {
        let t = Instant::now();
        for line in log::lines(&text) {
            if let Line::Insn(i) = line {
                sum += u64::from(i.slot);
            } else {
                sum += 1;
            }
        }
        best[0] = best[0].min(t.elapsed().as_secs_f64());
        let t = Instant::now();
        let mut r = Reader::new(text.as_bytes());
        while let Some(line) = r.next_line().unwrap() {
            if let Line::Insn(i) = line {
                sum += u64::from(i.slot);
            } else {
                sum += 1;
            }
        }
        best[1] = best[1].min(t.elapsed().as_secs_f64());
        let t = Instant::now();
        for line in log::lines(&text) {
            if let Some(s) = line.state() {
                sum += s.parts(&Dialect::V6_18).count() as u64;
            }
        }
        best[2] = best[2].min(t.elapsed().as_secs_f64());
        let t = Instant::now();
        for line in log::lines(&text) {
            if let Some(s) = line.state() {
                sum += s.parse(&Dialect::V6_18).regs.len() as u64;
            }
        }
        best[3] = best[3].min(t.elapsed().as_secs_f64());
        let t = Instant::now();
        for line in text.split('\n') {
            sum += line.len() as u64;
        }
        best[4] = best[4].min(t.elapsed().as_secs_f64());
    }
    for (n, b) in ["lines", "reader", "parts", "states", "split"].iter().zip(best) {
        println!("{n} {:.0} MB/s", mb / b);
    }
    println!("{sum}");
}
