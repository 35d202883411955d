//! `latency-histogram kernel FUNCTION [SECONDS]` or `latency-histogram FILE FUNCTION [SECONDS]`: how long calls of a function of
//! the kernel, or of a program or library, take.

#![allow(clippy::print_stdout)] // it's what the program is for

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use aya::Ebpf;
use aya::maps::Array;
use aya::programs::{KProbe, UProbe, uprobe::UProbeScope};
use latency_histogram::{OBJECT, program::SLOTS};

const USAGE: &str = "usage: latency-histogram kernel|FILE FUNCTION [SECONDS]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let place = arguments.next().ok_or(USAGE)?;
    let function = arguments.next().ok_or(USAGE)?;
    let seconds = arguments.next().map_or(Ok(10), |seconds| seconds.parse())?;

    let mut ebpf = Ebpf::load(OBJECT)?;
    if place == "kernel" {
        for name in ["kernel_begins", "kernel_ends"] {
            let probe: &mut KProbe = ebpf.program_mut(name).ok_or("no such program")?.try_into()?;
            probe.load()?;
            probe.attach(&function, 0)?;
        }
    } else {
        for name in ["user_begins", "user_ends"] {
            let probe: &mut UProbe = ebpf.program_mut(name).ok_or("no such program")?.try_into()?;
            probe.load()?;
            probe.attach(function.as_str(), &place, UProbeScope::AllProcesses)?;
        }
    }
    println!("measuring {function}");
    sleep(Duration::from_secs(seconds));

    let taken = Array::<_, u64>::try_from(ebpf.map("taken").ok_or("no such map")?)?;
    let counts: Vec<u64> = (0..SLOTS).map(|slot| taken.get(&slot, 0)).collect::<Result<_, _>>()?;
    let most = counts.iter().copied().max().unwrap_or(0);
    let first = counts.iter().position(|count| *count > 0).unwrap_or(0);
    let end = counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
    for (slot, count) in counts[..end].iter().enumerate().skip(first) {
        let bar = "#".repeat((count * 40).div_ceil(most) as usize);
        println!("{:>12} ns {count:>8} {bar}", 1_u64 << slot);
    }
    Ok(())
}
