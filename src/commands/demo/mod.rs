//! `demo`: the whole story on this machine.
//!
//! One file a scene: [`object`] assembles the firewall and shows what its object holds, [`verdict`] has it verified,
//! [`faults`] has two faulty programs rejected, [`network`] guards a port in namespaces of its own. A [`page`] is what they
//! write on.

mod faults;
mod log_excerpt;
mod network;
mod object;
mod page;
mod verdict;

use std::time::Instant;

use knockwright_loader::privilege;

use crate::cli::Demo;
use crate::failure::{Outcome, Status};
use crate::output;
use page::Page;
use verdict::Verifier;

pub(crate) fn run(_: &Demo) -> Outcome {
    let start = Instant::now();
    let mut page = Page::new(output::stdout());
    let kernel = privilege::kernel_release();
    page.title("knockwright", &format!("eBPF without a compiler, on Linux {kernel}"))?;

    page.heading("Assemble", "a port-knocking firewall for XDP, written in Rust")?;
    let knock = object::show(&mut page)?;

    let permitted = privilege::can_load();
    let (mut verifier, who) = match permitted {
        Ok(()) => (Verifier::kernel(), "the running kernel's verifier reads the program"),
        Err(_) => (Verifier::userspace(), "the verifier reads the program, here without the kernel"),
    };
    page.heading("Verify", who)?;
    verdict::show(&mut page, &mut verifier, &knock.program)?;
    page.heading("Reject", "two faults, and what the verifier says to the instruction")?;
    faults::show(&mut page, &mut verifier)?;
    match permitted {
        Ok(()) => {
            page.heading("Knock", "the program on a cable between two network namespaces")?;
            network::show(&mut page, &knock.object)?;
        }
        Err(reason) => {
            page.heading("Left out", "what only the kernel can show")?;
            page.text(&format!("The network: {reason}."))?;
            page.text("With root (`sudo`) the demo shows it too, and leaves nothing behind.")?;
        }
    }
    page.end(start.elapsed())?;
    Ok(Status::Done)
}
