//! What the firewall costs: to build, to verify, and for each packet.
//!
//! `cargo bench --bench figures`, as root. Packets go through `BPF_PROG_TEST_RUN`, a million a round; in each round the empty
//! program `r0 = 2; exit` runs beside them, so that a round's noise hits both. The medians of the rounds are printed.

#![allow(clippy::print_stdout)] // figures are what it is for

#[path = "../tests/support/frame.rs"]
#[allow(dead_code)] // this takes a part of the tests' frames
mod frame;

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use knockwright_codegen::{Object, kernel_records};
use knockwright_firewall::door::{Door, Sequence};
use knockwright_loader::load::{Load, Loaded, Loader, LogLevel};
use knockwright_loader::sys::{TestRun, Update};
use knockwright_loader::value::to_bytes;
use knockwright_programs::knock::{self, IpState, KnockConfig};
use knockwright_programs::{examples, net};

use frame::{
    ETHERNET_LEN, Ipv4, MORE_FRAGMENTS, TARGET, datagram, ether_type, ethernet, ipv6, options, protocol, syn,
    tagged, tcp, udp,
};

const ROUNDS: usize = 11;
const PACKETS: u32 = 1_000_000;
/// A source with a session, one that was never there, and one that has knocked and whose session is over.
const FRIEND: [u8; 4] = [10, 0, 0, 2];
const STRANGER: [u8; 4] = [10, 0, 0, 3];
const ACQUAINTANCE: [u8; 4] = [10, 0, 0, 4];

fn main() -> Result<(), Box<dyn Error>> {
    let program = knock::program();
    let builds = times(201, || {
        let program = knock::program();
        black_box(Object::new().program(&program).finish())
    });
    println!("build in the process     {:8.3} ms (median of {})", ms(median(&builds)), builds.len());

    let records = kernel_records(&program);
    let load = Load::new(&program).with_btf(&records).at_level(LogLevel::None);
    let mut loader = Loader::new();
    let (answer, firewall) = loader.load(&load)?;
    let firewall = firewall.ok_or("the kernel rejects the program")?;
    let verifications = times(21, || loader.try_load(&load));
    println!(
        "verify and load          {:8.3} ms (median of {})",
        ms(median(&verifications)),
        verifications.len()
    );
    println!(
        "instructions             {:8}, {} slots, {} processed\n",
        program.items.len(),
        program.slot_count(),
        answer.verified_insns.unwrap_or_default()
    );

    configure(&firewall)?;
    let pass = examples::pass();
    let (_, empty) = loader.load(&Load::new(&pass).at_level(LogLevel::None))?;
    let empty = empty.ok_or("the kernel rejects the empty program")?;
    packets(&firewall, &empty)
}

fn times<T>(count: usize, mut f: impl FnMut() -> T) -> Vec<Duration> {
    let time = |_| {
        let start = Instant::now();
        black_box(f());
        start.elapsed()
    };
    (0..count).map(time).collect()
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Fills the maps: three knocks, and one source with a session that outlasts the run.
fn configure(firewall: &Loaded) -> Result<(), Box<dyn Error>> {
    const LONG: Duration = Duration::from_secs(1 << 30);
    let mut door = Door::new("figures", TARGET, Sequence::new([7001, 9003, 8002])?);
    door.session = LONG;
    let write = |map: &str, key: Vec<u8>, value: Vec<u8>| {
        let map = firewall.map(map).ok_or("a map of the program")?;
        map.update(&key, &value, Update::Any).map_err(Box::<dyn Error>::from)
    };
    write("config_map", to_bytes(&0u32)?, to_bytes::<KnockConfig>(&door.knock_config())?)?;
    for (source, opened_at) in [(FRIEND, 1), (ACQUAINTANCE, 0)] {
        let state = IpState { progress: 0, opened_at };
        write("ip_tracking_map", source.to_vec(), to_bytes(&state)?)?;
    }
    Ok(())
}

fn packets(firewall: &Loaded, empty: &Loaded) -> Result<(), Box<dyn Error>> {
    use net::XdpAction::{Drop, Pass};
    let fragment = Ipv4 { fragment: MORE_FRAGMENTS, ..Ipv4::new(STRANGER, protocol::TCP, tcp(TARGET)) };
    let paths = [
        ("ARP", ethernet(&[], ether_type::ARP, &[0; 46]), Pass),
        ("TCP to another port", syn(STRANGER, TARGET + 1), Pass),
        ("TCP to the door, no session", syn(STRANGER, TARGET), Drop),
        ("TCP to the door, session over", syn(ACQUAINTANCE, TARGET), Drop),
        ("TCP to the door, session", syn(FRIEND, TARGET), Pass),
        (
            "the same with 2 VLAN tags",
            tagged(
                7,
                &[ether_type::VLAN_OUTER, ether_type::VLAN],
                ether_type::IPV4,
                &syn(STRANGER, TARGET)[ETHERNET_LEN..],
            ),
            Drop,
        ),
        ("a first fragment to the door", fragment.frame(), Drop),
        ("UDP, unknown source", datagram(STRANGER, 53), Pass),
        ("UDP, known source, no knock", datagram(FRIEND, 53), Pass),
        ("IPv6 UDP", ethernet(&[], ether_type::IPV6, &ipv6(&[], protocol::UDP, &udp(53))), Pass),
        (
            "IPv6 TCP to the door",
            ethernet(&[], ether_type::IPV6, &ipv6(&[], protocol::TCP, &tcp(TARGET))),
            Drop,
        ),
        (
            "IPv6 TCP, 2 extension headers",
            ethernet(
                &[],
                ether_type::IPV6,
                &ipv6(
                    &[(protocol::HOP_BY_HOP, options(0)), (protocol::DESTINATION, options(1))],
                    protocol::TCP,
                    &tcp(TARGET),
                ),
            ),
            Drop,
        ),
    ];
    println!("ns a packet                      all  empty   net   (medians of {ROUNDS} rounds of {PACKETS})");
    let mut rounds: Vec<Vec<(Duration, Duration)>> = vec![Vec::new(); paths.len()];
    for _ in 0..ROUNDS {
        for ((name, packet, action), rounds) in paths.iter().zip(&mut rounds) {
            let run = TestRun::packet(packet.as_slice()).repeated(PACKETS);
            let result = firewall.test_run(&run)?;
            assert_eq!(result.return_value, *action as u32, "{name}");
            rounds.push((result.duration, empty.test_run(&run)?.duration));
        }
    }
    for ((name, ..), rounds) in paths.iter().zip(rounds) {
        let (all, empty): (Vec<Duration>, Vec<Duration>) = rounds.into_iter().unzip();
        let (all, empty) = (median(&all).as_nanos(), median(&empty).as_nanos());
        println!("{name:30} {all:5}  {empty:5} {:5}", all.saturating_sub(empty));
    }
    Ok(())
}
