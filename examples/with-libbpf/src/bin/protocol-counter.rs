//! As `protocol-counter`, with libbpf-rs.

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use libbpf_rs::{MapCore as _, MapFlags};
use with_libbpf::{interface_index, load, map, program};

static OBJECT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/protocol_counter.o"));

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let interface = arguments.next().ok_or("usage: protocol-counter INTERFACE [SECONDS]")?;
    let seconds = arguments.next().map_or(Ok(u64::MAX), |seconds| seconds.parse())?;

    let object = load(OBJECT)?;
    let _link = program(&object, "count_protocols")?.attach_xdp(interface_index(&interface)?)?;
    println!("counting on {interface}");

    let counts = map(&object, "counts")?;
    for _ in 0..seconds {
        sleep(Duration::from_secs(1));
        for protocol in 0..256_u32 {
            let each = counts.lookup_percpu(&protocol.to_ne_bytes(), MapFlags::ANY)?.unwrap_or_default();
            let count: u64 =
                each.iter().filter_map(|count| Some(u64::from_ne_bytes(*count.first_chunk()?))).sum();
            if count > 0 {
                println!("protocol {protocol}: {count}");
            }
        }
    }
    Ok(())
}
