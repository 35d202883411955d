//! As `latency-histogram`, with libbpf-rs.

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use libbpf_rs::{Link, MapCore as _, MapFlags, Object, UprobeOpts};
use with_libbpf::{load, map, program};

static OBJECT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/latency_histogram.o"));

const USAGE: &str = "usage: latency-histogram kernel|FILE FUNCTION [SECONDS]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let place = arguments.next().ok_or(USAGE)?;
    let function = arguments.next().ok_or(USAGE)?;
    let seconds = arguments.next().map_or(Ok(10), |seconds| seconds.parse())?;

    let object = load(OBJECT)?;
    let _links = attach(&object, &place, &function)?;
    println!("measuring {function}");
    sleep(Duration::from_secs(seconds));

    let taken = map(&object, "taken")?;
    for slot in 0..64_u32 {
        let count = taken.lookup(&slot.to_ne_bytes(), MapFlags::ANY)?.unwrap_or_default();
        let count = count.first_chunk().map_or(0, |count| u64::from_ne_bytes(*count));
        if count > 0 {
            println!("{:>12} ns {count:>8}", 1_u64 << slot);
        }
    }
    Ok(())
}

fn attach(object: &Object, place: &str, function: &str) -> Result<[Link; 2], Box<dyn Error>> {
    if place == "kernel" {
        let begins = program(object, "kernel_begins")?.attach_kprobe(false, function)?;
        return Ok([begins, program(object, "kernel_ends")?.attach_kprobe(true, function)?]);
    }
    let probe = |name: &str, retprobe: bool| -> Result<Link, Box<dyn Error>> {
        let options = UprobeOpts { retprobe, func_name: Some(function.to_owned()), ..UprobeOpts::default() };
        Ok(program(object, name)?.attach_uprobe_with_opts(-1, place, 0, options)?)
    };
    Ok([probe("user_begins", false)?, probe("user_ends", true)?])
}
