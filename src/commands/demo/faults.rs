//! Two programs that the verifier rejects, and their repairs.

use std::io::Write;

use knockwright_asm::Program;
use knockwright_programs::article;

use super::log_excerpt::excerpt;
use super::page::Page;
use super::verdict::{Verifier, accepted};
use crate::failure::Failure;
use crate::output;
use crate::style;

/// The width of the log's lines where there is no terminal; with what stands before them they fit 100 columns.
const WIDTH: usize = 94;

/// The columns that stand before a line of the log, and those kept free after it.
const MARGIN: usize = 6;

/// A faulty program and its repair by one instruction.
struct Fault {
    name: &'static str,
    about: &'static str,
    /// The slot that the excerpt of the log begins with.
    from: usize,
    faulty: fn() -> Program,
    guard: &'static str,
    repaired: fn() -> Program,
}

const FAULTS: [Fault; 2] = [
    Fault {
        name: "article-null",
        about: "a lookup may find nothing, and its result is used unchecked",
        from: 67,
        faulty: article::null,
        guard: "if r0 == 0x0 goto",
        repaired: article::null_fixed,
    },
    Fault {
        name: "article-bounds",
        about: "an index is compared with another byte, and with nothing that the verifier knows",
        from: 110,
        faulty: article::bounds,
        guard: "if r1 > 0x9 goto",
        repaired: article::bounds_fixed,
    },
];

pub(super) fn show(page: &mut Page<impl Write>, verifier: &mut Verifier) -> Result<(), Failure> {
    for (index, fault) in FAULTS.iter().enumerate() {
        if index > 0 {
            page.gap()?;
        }
        page.item(fault.name, fault.about)?;
        let verdict = verifier.ask(&(fault.faulty)())?;
        if verdict.is_accepted() {
            let kernel = verifier.kernel_name();
            return Err(Failure::not_possible(format!("{kernel} accepts `{}`", fault.name)));
        }
        let width = output::columns().map_or(WIDTH, |columns| columns.saturating_sub(MARGIN));
        for line in excerpt(&verdict.log, fault.from, width) {
            if line.key { page.marked(&line.text)? } else { page.aside(&line.text)? }
        }
        let repaired = verifier.ask(&(fault.repaired)())?;
        if repaired.is_rejected() {
            return Err(Failure::not_possible(format!("the repair is rejected here: {}", repaired.message)));
        }
        let text = format!("with `{} …`: ", fault.guard);
        page.end_of("repaired", &text, &accepted(&repaired), style::GOOD)?;
    }
    page.gap()?;
    page.text("`knockwright cases show article-null` has the article's lines beside the kernel's.")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_repair_is_its_guard() {
        for fault in FAULTS {
            let (faulty, repaired) = ((fault.faulty)(), (fault.repaired)());
            assert_eq!(repaired.items.len(), faulty.items.len() + 1, "{}", fault.name);
            let guards = |program: &Program| {
                let texts = program.items.iter().map(|item| item.code.to_string());
                texts.filter(|text| text.starts_with(fault.guard)).count()
            };
            assert_eq!(guards(&repaired), guards(&faulty) + 1, "{}", fault.name);
        }
    }
}
