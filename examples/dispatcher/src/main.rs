//! `dispatcher INTERFACE [SECONDS]`: drops what comes in by UDP, and counts what comes in by TCP.

#![allow(clippy::print_stdout)] // it's what the program is for

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use aya::Ebpf;
use aya::maps::{Array, ProgramArray};
use aya::programs::{ProgramFd, Xdp, XdpMode};
use dispatcher::OBJECT;

/// The handler of each protocol, by its number.
const HANDLERS: [(u32, &str); 2] = [(6, "count"), (17, "drop_all")];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let interface = arguments.next().ok_or("usage: dispatcher INTERFACE [SECONDS]")?;
    let seconds = arguments.next().map_or(Ok(u64::MAX), |seconds| seconds.parse())?;

    let mut ebpf = Ebpf::load(OBJECT)?;
    // The array holds its programs for as long as it is open itself.
    let mut handlers = ProgramArray::try_from(ebpf.take_map("handlers").ok_or("no such map")?)?;
    for (protocol, name) in HANDLERS {
        let handler = loaded(&mut ebpf, name)?;
        handlers.set(protocol, &handler, 0)?;
    }
    loaded(&mut ebpf, "dispatch")?;
    let dispatch: &mut Xdp = ebpf.program_mut("dispatch").ok_or("no such program")?.try_into()?;
    dispatch.attach(&interface, XdpMode::default())?;
    println!("dispatching on {interface}");

    let handled = Array::<_, u64>::try_from(ebpf.map("handled").ok_or("no such map")?)?;
    for _ in 0..seconds {
        sleep(Duration::from_secs(1));
        println!("TCP: {}", handled.get(&0, 0)?);
    }
    Ok(())
}

/// Loads a program.
fn loaded(ebpf: &mut Ebpf, name: &str) -> Result<ProgramFd, Box<dyn Error>> {
    let program: &mut Xdp = ebpf.program_mut(name).ok_or("no such program")?.try_into()?;
    program.load()?;
    Ok(program.fd()?.try_clone()?)
}
