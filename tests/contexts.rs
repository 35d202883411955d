//! The rows of contexts, past the running kernel: every access to every byte by every program type that shares the struct.

mod support;

use std::process::Command;

use knockwright_asm::linux::context::{Access, Context, Way};
use knockwright_asm::linux::{AttachType, KernelVersion};
use knockwright_asm::{Code, Endian, Insn, ProgType, Reg, Size, SxSize, encode};
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Attempt, Engine};
use support::may_load;

/// Loads and stores of all sizes at an offset.
fn accesses(offset: i16) -> impl Iterator<Item = (Access, Insn)> {
    let (dst, base, off) = (Reg::R2, Reg::R1, offset);
    let sizes = [Size::U8, Size::U16, Size::U32, Size::U64].into_iter();
    let plain = sizes.flat_map(move |size| {
        [
            (size.bytes(), Way::Read, Insn::Load { size, dst, base, off }),
            (size.bytes(), Way::Write, Insn::StoreImm { size, base, off, imm: 0 }),
        ]
    });
    let signed = [(1, SxSize::S8), (2, SxSize::S16), (4, SxSize::S32)].into_iter();
    let signed =
        signed.map(move |(bytes, size)| (bytes, Way::ReadSigned, Insn::LoadSx { size, dst, base, off }));
    plain.chain(signed).map(move |(size, way, insn)| (Access { offset: i32::from(off), size, way }, insn))
}

fn program(prog_type: ProgType, attach: Option<AttachType>, insn: Insn) -> Attempt {
    let code = [insn, Insn::mov64_imm(Reg::R0, 1), Insn::Exit].map(Code::Insn);
    let code = encode(&code, Endian::NATIVE);
    let mut attempt = Attempt::of_code("access", prog_type, &code, Endian::NATIVE, Vec::new()).at_level(0);
    attempt.attach_type = attach.map(AttachType::number);
    attempt
}

/// The version of the running kernel.
fn running() -> KernelVersion {
    let release = Command::new("uname").arg("-r").output().unwrap().stdout;
    let release = String::from_utf8(release).unwrap();
    let series: Vec<&str> = release.trim().splitn(3, '.').take(2).collect();
    series.join(".").parse().unwrap()
}

/// The differences between the rows of a context and the running kernel, for programs of a type, attached as named.
fn differences(prog_type: ProgType, context: &Context, attach: Option<AttachType>) -> Vec<String> {
    let mut kernel = HostEngine::new();
    let version = running();
    let end = context.fields.into_iter().flatten().map(|field| field.end()).max().unwrap_or(0);
    let offsets = (0..=i16::try_from(end).unwrap()).flat_map(accesses);
    offsets
        .filter_map(|(access, insn)| {
            let field = context.field_at(access.offset).filter(|field| {
                let attached = field.attached.is_none() || field.attached == attach;
                attached && version >= field.since && field.allows(access, prog_type)
            });
            if attach.is_none() {
                assert_eq!(field, context.allows(access, prog_type, version));
            }
            let accepted = kernel.verdict(&program(prog_type, attach, insn)).outcome.accepts().unwrap();
            (accepted != field.is_some())
                .then(|| format!("{prog_type} {}: {access:?}: kernel {accepted}", context.name))
        })
        .collect()
}

#[test]
fn the_running_kernel_allows_what_the_rows_allow() {
    if !may_load("the_running_kernel_allows_what_the_rows_allow") {
        return;
    }
    let mut asked = 0;
    for &prog_type in ProgType::ALL {
        let Some(context) = prog_type.context().filter(|context| context.fields.is_some()) else {
            continue;
        };
        let usual = prog_type.facts().usual_attach;
        let named = context.fields.into_iter().flatten().filter_map(|field| field.attached.map(Some));
        for attach in [usual].into_iter().chain(named) {
            let wrong = differences(prog_type, context, attach);
            assert!(
                wrong.is_empty(),
                "{} differences, the first: {:#?}",
                wrong.len(),
                &wrong[..wrong.len().min(12)]
            );
            asked += 1;
        }
    }
    assert!(asked >= 11, "{asked}");
}
