//! `protocol-counter INTERFACE [SECONDS]`: prints each second how many IPv4 packets of which protocol have come in.

#![allow(clippy::print_stdout)] // it's what the program is for

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use aya::Ebpf;
use aya::maps::PerCpuArray;
use aya::programs::{Xdp, XdpMode};
use protocol_counter::OBJECT;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let interface = arguments.next().ok_or("usage: protocol-counter INTERFACE [SECONDS]")?;
    let seconds = arguments.next().map_or(Ok(u64::MAX), |seconds| seconds.parse())?;

    let mut ebpf = Ebpf::load(OBJECT)?;
    let program: &mut Xdp = ebpf.program_mut("count_protocols").ok_or("no such program")?.try_into()?;
    program.load()?;
    program.attach(&interface, XdpMode::default())?;
    println!("counting on {interface}");

    let counts = PerCpuArray::<_, u64>::try_from(ebpf.map("counts").ok_or("no such map")?)?;
    for _ in 0..seconds {
        sleep(Duration::from_secs(1));
        for protocol in 0..256 {
            let count: u64 = counts.get(&protocol, 0)?.iter().sum();
            if count > 0 {
                println!("protocol {protocol}: {count}");
            }
        }
    }
    Ok(())
}
