//! As `rate-limiter`, with libbpf-rs.

use std::error::Error;
use std::thread::sleep;
use std::time::Duration;

use libbpf_rs::MapCore as _;
use with_libbpf::{interface_index, load, map, program};

static OBJECT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rate_limiter.o"));

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let interface = arguments.next().ok_or("usage: rate-limiter INTERFACE [SECONDS]")?;
    let seconds = arguments.next().map_or(Ok(u64::MAX), |seconds| seconds.parse())?;

    let object = load(OBJECT)?;
    let _link = program(&object, "limit_rate")?.attach_xdp(interface_index(&interface)?)?;
    println!("limiting on {interface}");

    let due = map(&object, "due")?;
    for _ in 0..seconds {
        sleep(Duration::from_secs(1));
        println!("{} addresses seen", due.keys().count());
    }
    Ok(())
}
