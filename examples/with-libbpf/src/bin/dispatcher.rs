//! As `dispatcher`, with libbpf-rs.

use std::error::Error;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::thread::sleep;
use std::time::Duration;

use libbpf_rs::{MapCore as _, MapFlags};
use with_libbpf::{interface_index, load, map, program};

static OBJECT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/dispatcher.o"));

/// The handler of each protocol, by its number.
const HANDLERS: [(u32, &str); 2] = [(6, "count"), (17, "drop_all")];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let interface = arguments.next().ok_or("usage: dispatcher INTERFACE [SECONDS]")?;
    let seconds = arguments.next().map_or(Ok(u64::MAX), |seconds| seconds.parse())?;

    let object = load(OBJECT)?;
    let handlers = map(&object, "handlers")?;
    for (protocol, name) in HANDLERS {
        let handler = program(&object, name)?.as_fd().as_raw_fd();
        handlers.update(&protocol.to_ne_bytes(), &handler.to_ne_bytes(), MapFlags::ANY)?;
    }
    let _link = program(&object, "dispatch")?.attach_xdp(interface_index(&interface)?)?;
    println!("dispatching on {interface}");

    let handled = map(&object, "handled")?;
    for _ in 0..seconds {
        sleep(Duration::from_secs(1));
        let count = handled.lookup(&0_u32.to_ne_bytes(), MapFlags::ANY)?.unwrap_or_default();
        println!("TCP: {}", count.first_chunk().map_or(0, |count| u64::from_ne_bytes(*count)));
    }
    Ok(())
}
