//! The firewall assembled, and what its object holds, read back from the bytes.

use std::io::Write;

use knockwright_asm::{Code, Imm64, Insn, Names, Program};
use knockwright_codegen::Report;
use knockwright_codegen::inspect::Map;
use knockwright_programs::knock;

use super::page::Page;
use crate::commands::build::build;
use crate::failure::Failure;

/// The firewall in both forms.
pub(super) struct Knock {
    pub(super) program: Program,
    pub(super) object: Vec<u8>,
}

pub(super) fn show(page: &mut Page<impl Write>) -> Result<Knock, Failure> {
    let (program, object, took) = build(knock::program)?;
    let report = Report::read(&object).map_err(Failure::internal)?;
    page.item(
        "program",
        &format!("{}: {} instructions in {} slots", program.name, program.items.len(), program.slot_count()),
    )?;
    page.item(
        "object",
        &format!(
            "{} bytes of ELF, assembled and written in {:.1} ms",
            object.len(),
            took.as_secs_f64() * 1e3
        ),
    )?;
    let sections = ["xdp", "license", ".maps", ".BTF", ".BTF.ext"];
    let sections: Vec<String> = report
        .sections
        .iter()
        .filter(|section| sections.contains(&section.name.as_str()))
        .map(|section| format!("{} {}", section.name, section.size))
        .collect();
    page.item("sections", &format!("{} bytes", sections.join(", ")))?;
    for (index, map) in report.maps.iter().enumerate() {
        page.item(if index == 0 { "maps" } else { "" }, &describe(map))?;
    }
    listing(page, &program)?;
    Ok(Knock { program, object })
}

fn describe(map: &Map) -> String {
    let kind = format!("{:16} {:9}", map.name, map.map_type);
    match (&map.key_type, &map.value_type) {
        (Some(key), Some(value)) => {
            let entries = if map.max_entries == 1 { "entry" } else { "entries" };
            format!("{kind} {key} -> {value} ({} bytes), {} {entries}", map.value_size, map.max_entries)
        }
        _ => format!("{kind} {} bytes", map.max_entries),
    }
}

/// The names of maps in instructions.
struct MapNames<'a>(&'a Program);

impl Names for MapNames<'_> {
    fn target(&self, _: i32) -> Option<&str> {
        None
    }

    fn map(&self, index: i32) -> Option<&str> {
        self.0.maps.get(usize::try_from(index).ok()?).map(|map| map.name.as_str())
    }
}

/// Shows the lookup of the configuration, from its key on the stack to the NULL check: the instructions beside the lines
/// of Rust that they come from.
fn listing(page: &mut Page<impl Write>, program: &Program) -> Result<(), Failure> {
    let is_map = |code: &Code| matches!(code, Code::Insn(Insn::LoadImm64 { value: Imm64::MapIdx(_), .. }));
    let Some(at) = program.items.iter().position(|item| is_map(&item.code)) else { return Ok(()) };
    let around = at.saturating_sub(3)..program.items.len().min(at + 3);
    let mut last = None;
    for (index, (slot, item)) in program.slots().enumerate().filter(|(index, _)| around.contains(index)) {
        let mut text = format!("{slot}: ({:02x}) ", item.code.encode().0[0].opcode);
        if let Code::Insn(insn) = &item.code {
            insn.write_with(&mut text, &MapNames(program)).map_err(Failure::internal)?;
        }
        let source = match &item.source {
            same if *same == last => "",
            Some(line) => line.text.as_ref(),
            None => "",
        };
        last.clone_from(&item.source);
        let line = format!("{text:38} {source}");
        page.item(if index == around.start { "code" } else { "" }, line.trim_end())?;
    }
    Ok(())
}
