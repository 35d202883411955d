//! `rate-limiter INTERFACE [SECONDS]`: lets 100 IPv4 packets a second of each address in, and 20 at once.

#![allow(clippy::print_stdout)] // it's what the program is for

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use aya::Ebpf;
use aya::maps::HashMap;
use aya::programs::{Xdp, XdpMode};
use rate_limiter::OBJECT;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let interface = arguments.next().ok_or("usage: rate-limiter INTERFACE [SECONDS]")?;
    let seconds = arguments.next().map_or(Ok(u64::MAX), |seconds| seconds.parse())?;

    let mut ebpf = Ebpf::load(OBJECT)?;
    let program: &mut Xdp = ebpf.program_mut("limit_rate").ok_or("no such program")?.try_into()?;
    program.load()?;
    program.attach(&interface, XdpMode::default())?;
    println!("limiting on {interface}");

    let due = HashMap::<_, u32, u64>::try_from(ebpf.map("due").ok_or("no such map")?)?;
    for _ in 0..seconds {
        sleep(Duration::from_secs(1));
        println!("{} addresses seen", due.keys().count());
    }
    Ok(())
}
