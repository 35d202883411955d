//! A filter of tcpdump's as an eBPF program, in the kernel's syntax: `tcpdump -ddd -y EN10MB arp | classic xdp`.
//!
//! What matches is dropped (`xdp`, `tc`) or kept for the socket (`socket`). `knockwright asm` makes an object of the text.

use std::io::Read as _;
use std::process::ExitCode;

use knockwright_asm::linux::uapi::TcAction;
use knockwright_asm::text::Listing;
use knockwright_programs::classic::{Answer, Filter, Hook};
use knockwright_programs::net::XdpAction;

fn translate(hook: &str) -> Result<String, String> {
    let hook = match hook {
        "xdp" => Hook::Xdp(Answer { hit: XdpAction::Drop, miss: XdpAction::Pass }),
        "tc" => Hook::Tc(Answer { hit: TcAction::Shot, miss: TcAction::Ok }),
        "socket" => Hook::SocketFilter,
        _ => return Err("name a hook: xdp, tc or socket".to_owned()),
    };
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
    let filter: Filter = text.parse().map_err(|error| format!("{error}"))?;
    let program = filter.program("filter", hook).map_err(|error| error.to_string())?;
    Ok(Listing::new(&program).to_string())
}

#[expect(clippy::print_stdout, reason = "an example's output")]
fn main() -> ExitCode {
    match translate(&std::env::args().nth(1).unwrap_or_default()) {
        Ok(listing) => {
            print!("{listing}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
