//! `port-marker INTERFACE SECONDS PORT=MARK…`: gives the packets that come in for a port its mark, for `ip rule` or nftables.

#![allow(clippy::print_stdout)] // it's what the program is for

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use aya::Ebpf;
use aya::maps::HashMap;
use aya::programs::{SchedClassifier, TcAttachType, tc};
use port_marker::OBJECT;

const USAGE: &str = "usage: port-marker INTERFACE SECONDS PORT=MARK…";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let interface = arguments.next().ok_or(USAGE)?;
    let seconds = arguments.next().ok_or(USAGE)?.parse()?;

    let mut ebpf = Ebpf::load(OBJECT)?;
    let mut marks = HashMap::<_, u16, u32>::try_from(ebpf.map_mut("marks").ok_or("no such map")?)?;
    for pair in arguments {
        let (port, mark) = pair.split_once('=').ok_or(USAGE)?;
        marks.insert(port.parse::<u16>()?, mark.parse::<u32>()?, 0)?;
    }
    // Kernels before 6.6 attach classifiers to this queue; newer ones need none, and one that is there already will do.
    let _ = tc::qdisc_add_clsact(&interface);
    let program: &mut SchedClassifier =
        ebpf.program_mut("mark_ports").ok_or("no such program")?.try_into()?;
    program.load()?;
    program.attach(&interface, TcAttachType::Ingress)?;
    println!("marking on {interface}");
    sleep(Duration::from_secs(seconds));
    Ok(())
}
