//! As `port-marker`, with libbpf-rs.

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use libbpf_rs::{MapCore as _, MapFlags, TC_INGRESS, TcHookBuilder};
use std::os::fd::AsFd as _;
use with_libbpf::{interface_index, load, map, program};

static OBJECT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/port_marker.o"));

const USAGE: &str = "usage: port-marker INTERFACE SECONDS PORT=MARK…";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let interface = arguments.next().ok_or(USAGE)?;
    let seconds = arguments.next().ok_or(USAGE)?.parse()?;

    let object = load(OBJECT)?;
    let marks = map(&object, "marks")?;
    for pair in arguments {
        let (port, mark) = pair.split_once('=').ok_or(USAGE)?;
        let (port, mark) = (port.parse::<u16>()?, mark.parse::<u32>()?);
        marks.update(&port.to_ne_bytes(), &mark.to_ne_bytes(), MapFlags::ANY)?;
    }
    let program = program(&object, "mark_ports")?;
    let mut hook = TcHookBuilder::new(program.as_fd())
        .ifindex(interface_index(&interface)?)
        .replace(true)
        .handle(1)
        .priority(1)
        .hook(TC_INGRESS);
    hook.create()?;
    let mut hook = hook.attach()?;
    println!("marking on {interface}");
    sleep(Duration::from_secs(seconds));
    hook.detach()?;
    Ok(())
}
