//! The readers take any bytes: what is damaged or foreign gives an error, never a panic.

mod support;

use std::mem::offset_of;
use std::sync::Arc;

use goblin::elf::header::header64::Header;
use goblin::elf::header::{EI_CLASS, ELFCLASS32, EM_X86_64, ET_EXEC};
use goblin::elf::section_header::SHF_ALLOC;
use goblin::elf::section_header::section_header64::SectionHeader;
use knockwright_asm::text::{Listing, parse_program};
use knockwright_asm::{Endian, Program};
use knockwright_codegen::btf::{self, Btf, KernelTypes};
use knockwright_codegen::read::{
    Choice, Disassembly, KernelFacts, ReadError, programs, readings, readings_on,
};
use knockwright_codegen::{Object, Report};
use proptest::prelude::*;
use support::{knock, pass};

/// Reads bytes in every way; what can be read can be shown and written again, or refused.
fn read(bytes: &[u8]) {
    if let Ok(report) = Report::read(bytes) {
        let _ = report.to_string();
    }
    for program in programs(bytes).iter().flatten() {
        let _ = Object::new().program(program).finish();
    }
    // Made for a kernel whose types are as damaged as its own.
    if let Some(kernel) = types_of(bytes).map(KernelFacts::from) {
        for reading in readings_on(bytes, &Choice::default(), Some(&kernel)).iter().flatten() {
            let _ = (reading.whole(), reading.poisoned.iter().map(ToString::to_string).collect::<String>());
        }
    }
    for reading in readings(bytes, None).iter().flatten() {
        let _ = reading.whole();
    }
    let Ok(object) = Disassembly::read(bytes) else { return };
    for shown in object.programs(&Choice::default()).into_iter().flatten().flatten() {
        let listing = Listing::new(&shown.program)
            .with_sources()
            .with_section(&shown.section)
            .with_endian(object.endian())
            .with_notes(&shown.notes)
            .with_comments(&shown.comments)
            .to_string();
        match parse_program("listing", &listing) {
            Ok(back) => {
                assert_eq!(back.bytes(Endian::Little), shown.program.bytes(Endian::Little), "{listing}")
            }
            Err(errors) => panic!("{errors}\n{listing}"),
        }
    }
}

/// Objects of clang's, with all kinds of sections, functions and maps.
const FOREIGN: [&[u8]; 3] = [
    include_bytes!("objects/clang.o"),
    include_bytes!("objects/dropped.o"),
    include_bytes!("objects/core/kinds.o"),
];

/// The types of an object, as those of a kernel.
fn types_of(bytes: &[u8]) -> Option<KernelTypes> {
    let elf = goblin::elf::Elf::parse(bytes).ok()?;
    let is_types =
        |header: &&goblin::elf::SectionHeader| elf.shdr_strtab.get_at(header.sh_name) == Some(".BTF");
    let header = elf.section_headers.iter().find(is_types)?;
    let start = usize::try_from(header.sh_offset).ok()?;
    let section = bytes.get(start..start.checked_add(usize::try_from(header.sh_size).ok()?)?)?;
    Btf::parse(section, btf::Endian::Little).ok().map(|btf| KernelTypes::new(Arc::new(btf)))
}

#[test]
fn an_object_is_the_same_for_a_kernel_of_its_own_types() {
    let object = FOREIGN[2];
    let kernel = types_of(object).unwrap().into();
    let compiled = Disassembly::read(object).unwrap();
    let compiled = compiled.programs(&Choice::default()).unwrap().map(|shown| shown.unwrap().program);
    let made = readings_on(object, &Choice::default(), Some(&kernel)).unwrap();
    // Compilers choose which bytes they load a bit field from.
    let has_choice = |program: &Program| program.name.ends_with("bits");
    for (program, reading) in compiled.zip(&made).filter(|(program, _)| !has_choice(program)) {
        let codes = |program: &Program| program.items.iter().map(|item| item.code).collect::<Vec<_>>();
        let made = reading.program.as_ref().unwrap();
        assert_eq!((codes(&program), reading.poisoned.len()), (codes(made), 0), "{}", program.name);
    }
}

fn object() -> Vec<u8> {
    Object::new().program(&knock()).finish().unwrap()
}

#[test]
fn every_prefix_is_refused() {
    let object = object();
    for len in 0..object.len() {
        // The table of sections stands at the end, so nothing less than the whole can be read.
        let error = Report::read(&object[..len]).unwrap_err();
        assert_eq!(programs(&object[..len]).unwrap_err(), error);
        assert!(matches!(error, ReadError::NotElf | ReadError::Truncated { .. }), "{len}: {error}");
    }
}

#[test]
fn every_single_byte_may_be_anything() {
    let object = object();
    for at in 0..object.len() {
        for value in [0xff, object[at] ^ 1] {
            let mut bytes = object.clone();
            bytes[at] = value;
            read(&bytes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn several_bytes_may_be_anything(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut bytes = object();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        read(&bytes);
    }

    #[test]
    fn several_bytes_of_foreign_objects_may_be_anything(
        which in 0..FOREIGN.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        copied in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..40_usize), 0..3),
    ) {
        let mut bytes = FOREIGN[which].to_vec();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        for (from, to, len) in copied {
            let (from, to) = (from.index(bytes.len() - len), to.index(bytes.len() - len));
            bytes.copy_within(from..from + len, to);
        }
        read(&bytes);
    }

    #[test]
    fn noise_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Report::read(&bytes).is_err());
        prop_assert!(Report::read(&[b"\x7fELF\x02\x01\x01", &bytes[..]].concat()).is_err());
    }
}

/// The object with two bytes of its header changed.
fn with_header(at: usize, value: u16) -> Vec<u8> {
    let mut bytes = object();
    bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
    bytes
}

#[test]
fn foreign_files_are_named() {
    let message = |bytes: &[u8]| Report::read(bytes).unwrap_err().to_string();
    assert!(message(b"#!/bin/sh").starts_with("this is no ELF file"));
    assert!(
        message(&with_header(offset_of!(Header, e_machine), EM_X86_64)).contains("for X86_64 (machine 62)")
    );
    assert!(message(&with_header(offset_of!(Header, e_type), ET_EXEC)).contains("of type EXEC"));
    let mut bytes = object();
    bytes[EI_CLASS] = ELFCLASS32;
    assert_eq!(Report::read(&bytes), Err(ReadError::Class));
    let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    assert!(matches!(Report::read(&own), Err(ReadError::Machine { .. })));
}

#[test]
fn an_object_without_programs_is_named() {
    let mut bytes = Object::new().program(&pass("pass")).finish().unwrap();
    // The only section of code loses its flag for code.
    let elf = goblin::elf::Elf::parse(&bytes).unwrap();
    let index = elf.section_headers.iter().position(|header| header.is_executable()).unwrap();
    let at = elf.header.e_shoff as usize
        + index * size_of::<SectionHeader>()
        + offset_of!(SectionHeader, sh_flags);
    bytes[at..at + 8].copy_from_slice(&u64::from(SHF_ALLOC).to_le_bytes());
    assert_eq!(programs(&bytes), Err(ReadError::NoPrograms));
}
