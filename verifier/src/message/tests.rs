//! The table, both ways.

use std::collections::BTreeSet;

use super::*;
use crate::log::Dialect;

/// The kernels on which rows are tried: the first of each dialect, every measured one, and the borders of every text.
fn kernels() -> BTreeSet<KernelVersion> {
    let dialects = Dialect::ALL.iter().map(|dialect| dialect.name.parse().unwrap());
    let releases = ROWS.iter().flat_map(|row| row.texts).filter_map(|text| text.releases);
    let borders = releases.flat_map(|releases| {
        releases.text().split("..").map(|border| border.trim_matches(['=', ' ']).parse().ok())
    });
    let measured = knockwright_linux::SERIES;
    dialects
        .chain(measured)
        .chain(borders.flatten())
        .filter(|kernel| *kernel >= KernelVersion::new(5, 10))
        .collect()
}

#[test]
fn every_row_prints_and_parses_on_every_kernel() {
    for message in Message::samples() {
        let row = message.kind().row();
        for kernel in kernels() {
            let Some(text) = row.text_on(kernel) else { continue };
            let printed = message.on(kernel).to_string();
            let read = Read::of_any(&printed).unwrap_or_else(|| panic!("{kernel}: `{printed}` isn't read"));
            assert_eq!(read.kind, row.kind, "{kernel}: `{printed}`");
            // The fields that this text has, and no others, each with the value printed.
            for (name, value) in read.fields.iter() {
                assert!(row.fields.iter().any(|field| field.name == name), "{}: {name}", text.template);
                let alone = format!("{{{name}}}");
                let filled = fmt::from_fn(|f| message.fill(f, &alone)).to_string();
                assert_eq!(value, filled, "{kernel}: `{printed}`");
            }
            assert!(!printed.contains(['{', '}', '\n']), "{printed}");
        }
    }
}

/// What only parses: texts of kernels that aren't recorded.
#[test]
fn every_text_is_read_as_its_own_row() {
    for row in ROWS {
        for Text { template, .. } in row.texts {
            let mut text = String::new();
            let mut rest = *template;
            while let Some((literal, after)) = rest.split_once('{') {
                let (name, after) = after.split_once('}').unwrap();
                text.push_str(literal);
                let hole = row.fields.iter().find(|field| field.name == name).map(|field| field.hole);
                text.push_str(match hole {
                    _ if name == "unended" => "",
                    _ if name == "reg" => "7",
                    Some(Hole::Register | Hole::Number) => "12",
                    Some(Hole::Text) | None => "x",
                });
                rest = after;
            }
            text.push_str(rest);
            let found = Read::of_any(&text).unwrap_or_else(|| panic!("{template}: `{text}`"));
            assert_eq!(found.kind, row.kind, "`{text}` is taken for another message");
        }
    }
}

#[test]
fn a_kernel_has_one_text_of_a_message() {
    for row in ROWS {
        assert!(!row.texts.is_empty(), "{:?} says nothing", row.kind);
        for kernel in kernels() {
            let texts = row.texts.iter().filter(|text| text.is_of(kernel)).count();
            assert!(texts <= 1, "{:?} has {texts} texts on {kernel}", row.kind);
        }
    }
}

#[test]
fn registers_and_numbers() {
    let message = Read::of("invalid access to packet, off=14 size=1, R2(id=0,off=14,r=14)").unwrap();
    assert_eq!((message.kind, message.register()), (Kind::PacketAccess, Some(Reg::R2)));
    assert_eq!(message.fields.number("range"), Some(14));
    assert_eq!(Read::of("R11 is invalid").unwrap().register(), None);
    assert_eq!(Read::of("something new"), None);
    // What is said on the way is no reason.
    assert_eq!(Read::of("frame0 bpf_loop iteration limit reached"), None);
}
