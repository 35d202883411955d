//! The report as text for a terminal.

use std::fmt;

use knockwright_asm::text::visible;

use super::{ByteOrder, MapStyle, Relocation, Report};
use crate::btf::Kind;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = match self.endian {
            ByteOrder::Little => "little",
            ByteOrder::Big => "big",
        };
        let license = self.license.as_deref().unwrap_or("none");
        writeln!(f, "BPF object, {order} endian, license {}", visible(license))?;
        self.write_programs(f)?;
        self.write_maps(f)?;
        self.write_sections(f)?;
        self.write_symbols(f)?;
        self.write_relocations(f)?;
        self.write_types(f)?;
        self.write_ext(f)
    }
}

impl Report {
    fn write_programs(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.programs.iter().map(|function| {
            [
                function.section.clone(),
                function.name.clone(),
                match &function.prog_type {
                    Some(prog_type) => prog_type.clone(),
                    None if function.section == ".text" => "subprogram".to_owned(),
                    None => "unknown".to_owned(),
                },
                function.instructions.to_string(),
                function.slots.to_string(),
                function.signature.clone().unwrap_or_default(),
            ]
        });
        table(f, "Programs", ["section", "function", "type", ">insns", ">slots", "declaration"], rows)
    }

    fn write_maps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extent = |size: u32, ty: &Option<String>| match (size, ty) {
            (0, None) => "-".to_owned(),
            (size, None) => bytes(size),
            (size, Some(ty)) => format!("{ty} ({size})"),
        };
        let rows = self.maps.iter().map(|map| {
            let mut notes = Vec::new();
            match map.definition {
                MapStyle::Btf => {}
                MapStyle::Legacy => {
                    notes.push("legacy definition, refused by libbpf 1.0 and later".to_owned())
                }
                MapStyle::Data => notes.push("section of data".to_owned()),
            }
            if map.pinned {
                notes.push("pinned by name".to_owned());
            }
            if !map.other_members.is_empty() {
                notes.push(format!("also {}", map.other_members.join(", ")));
            }
            [
                map.name.clone(),
                map.map_type.clone(),
                extent(map.key_size, &map.key_type),
                extent(map.value_size, &map.value_type),
                map.max_entries.to_string(),
                format!("{:#x}", map.flags),
                notes.join("; "),
            ]
        });
        table(f, "Maps", ["name", "type", "key", "value", ">entries", "flags", "notes"], rows)
    }

    fn write_sections(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.sections.iter().map(|section| {
            [
                section.index.to_string(),
                section.name.clone(),
                section.kind.clone(),
                section.flags.clone(),
                format!("{:#x}", section.offset),
                section.size.to_string(),
                section.align.to_string(),
            ]
        });
        table(f, "Sections", [">#", "name", "type", "flags", "offset", ">bytes", ">align"], rows)
    }

    fn write_symbols(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.symbols.iter().map(|symbol| {
            [
                symbol.index.to_string(),
                symbol.name.clone(),
                symbol.kind.clone(),
                symbol.binding.clone(),
                symbol.visibility.clone(),
                symbol.section.clone().unwrap_or_else(|| "-".to_owned()),
                format!("{:#x}", symbol.value),
                symbol.size.to_string(),
            ]
        });
        table(
            f,
            "Symbols",
            [">#", "name", "type", "binding", "visibility", "section", "value", ">bytes"],
            rows,
        )
    }

    fn write_relocations(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Compilers relocate their debugging information too, which no loader looks at: a line says so.
        let of_code = |relocation: &&Relocation| relocation.instruction.is_some();
        let rows = self.relocations.iter().filter(of_code).map(|relocation| {
            [
                relocation.section.clone(),
                format!("{:#x}", relocation.offset),
                relocation.kind.clone(),
                relocation.symbol.clone(),
                relocation.instruction.clone().unwrap_or_default(),
            ]
        });
        table(f, "Relocations", ["section", "offset", "type", "symbol", "instruction"], rows)?;
        let others = self.relocations.iter().filter(|relocation| !of_code(relocation)).count();
        if others > 0 {
            writeln!(f, "  and {others} of sections without code")?;
        }
        let rows = self.core_relocations.iter().map(|core| [core.section.clone(), core.count.to_string()]);
        table(f, "CO-RE relocations", ["section", ">count"], rows)
    }

    fn write_types(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.types.iter().map(|ty| {
            [
                ty.id.to_string(),
                ty.kind.label().to_owned(),
                match ty.kind.name() {
                    "" => "-".to_owned(),
                    name => name.to_owned(),
                },
                details(&ty.kind),
            ]
        });
        table(f, "Types", [">id", "kind", "name", "details"], rows)
    }

    fn write_ext(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.func_info.iter().map(|func| {
            [func.section.clone(), func.slot.to_string(), func.name.clone(), func.type_id.to_string()]
        });
        table(f, "Function info", ["section", ">slot", "function", "type"], rows)?;
        let rows = self.line_info.iter().map(|line| {
            [
                line.section.clone(),
                line.slot.to_string(),
                format!("{}:{}:{}", line.file, line.line, line.column),
                line.text.clone(),
            ]
        });
        table(f, "Line info", ["section", ">slot", "place", "source"], rows)
    }
}

/// The parts of a type, in one line.
fn details(kind: &Kind) -> String {
    let fields = |size: u32, members: &[crate::btf::Field]| {
        let members: Vec<String> = members
            .iter()
            .map(|member| match (member.bit_width, member.bit_offset % 8) {
                (0, 0) => format!("{} +{} {}", member.name, member.bit_offset / 8, member.ty),
                (width, _) => format!("{}:{width} bit {} {}", member.name, member.bit_offset, member.ty),
            })
            .collect();
        format!("{} {{ {} }}", bytes(size), members.join(", "))
    };
    let values = |size: u32, values: &[crate::btf::Enumerator]| {
        let values: Vec<String> =
            values.iter().map(|value| format!("{} = {}", value.name, value.value)).collect();
        format!("{} {{ {} }}", bytes(size), values.join(", "))
    };
    match kind {
        Kind::Int { encoding, bits, .. } => {
            let sign = match (encoding.bool, encoding.char, encoding.signed) {
                (true, ..) => "boolean",
                (_, true, _) => "text",
                (_, _, true) => "signed",
                _ => "unsigned",
            };
            format!("{bits} {}, {sign}", if *bits == 1 { "bit" } else { "bits" })
        }
        Kind::Array { element, len, .. } => format!("{len} of {element}"),
        Kind::Struct { size, members, .. } | Kind::Union { size, members, .. } => fields(*size, members),
        Kind::Enum { size, values: list, .. } | Kind::Enum64 { size, values: list, .. } => {
            values(*size, list)
        }
        Kind::Fwd { union, .. } => if *union { "union" } else { "struct" }.to_owned(),
        Kind::Ptr { to }
        | Kind::Typedef { to, .. }
        | Kind::Volatile { to }
        | Kind::Const { to }
        | Kind::Restrict { to }
        | Kind::TypeTag { to, .. } => format!("of {to}"),
        Kind::DeclTag { to, component: Some(component), .. } => format!("of {to}, component {component}"),
        Kind::DeclTag { to, component: None, .. } => format!("of {to}"),
        Kind::Func { proto, linkage, .. } => format!("{proto}, {}", linkage.label()),
        Kind::FuncProto { result, params } => {
            let params: Vec<String> =
                params.iter().map(|param| format!("{} {}", param.name, param.ty)).collect();
            format!("({}) to {result}", params.join(", "))
        }
        Kind::Var { ty, linkage, .. } => format!("{ty}, {}", linkage.label()),
        Kind::DataSec { size, vars, .. } => {
            let vars: Vec<String> =
                vars.iter().map(|var| format!("{} +{} {}", var.var, var.offset, bytes(var.size))).collect();
            format!("{} {{ {} }}", bytes(*size), vars.join(", "))
        }
        Kind::Float { size, .. } => bytes(*size),
        _ => "of a kind that isn't shown".to_owned(),
    }
}

/// Writes a table with a heading, aligned in columns; nothing if it has no rows. A `>` in front of a column's title aligns
/// it to the right.
fn table<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    heading: &str,
    titles: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> fmt::Result {
    let rows: Vec<[String; N]> = rows.map(|row| row.map(|cell| visible(&cell).into_owned())).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let right = titles.map(|title| title.starts_with('>'));
    let titles = titles.map(|title| title.trim_start_matches('>').to_owned());
    let mut widths = [0; N];
    for row in rows.iter().chain([&titles]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    writeln!(f, "\n{heading}")?;
    for row in [&titles].into_iter().chain(&rows) {
        let mut line = String::new();
        for ((cell, &width), right) in row.iter().zip(&widths).zip(right) {
            line.push_str("  ");
            match right {
                true => line.push_str(&format!("{cell:>width$}")),
                false => line.push_str(&format!("{cell:<width$}")),
            }
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

fn bytes(count: u32) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}
