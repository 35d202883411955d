//! The rows of contexts, past the running kernel: every access to every byte by every program type that shares the struct, as
//! every attach type that a load can name; and what the kernel takes a field for.

#[path = "support/probe.rs"]
mod probe;
mod support;

use knockwright_asm::linux::AttachType;
use knockwright_asm::linux::context::{Access, Context, Field, Holds, Machine, Sizes, Way};
use knockwright_asm::{Insn, ProgType, Reg, Size, SxSize};
use knockwright_kernels::HostEngine;
use knockwright_verifier::Engine;
use probe::{attempt, can_name, running};
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

/// How much of a context is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Every byte, but of long arrays only the ends.
    Whole,
    /// The start of each field.
    Starts,
}

/// The offsets that are asked for.
fn offsets(context: &Context, asked: Asked) -> Vec<i16> {
    const LONG: u32 = 256;
    let fields = context.fields.expect("fields");
    let end = fields.iter().map(Field::end).max().unwrap_or(0);
    let is_inside = |offset: u32| {
        let far = |field: &&Field| offset >= field.offset + LONG && offset + LONG < field.end();
        !fields.iter().any(|field| far(&field))
    };
    let is_start = |offset: u32| fields.iter().any(|field| field.offset == offset);
    let all = (0..=end + 8).filter(|&offset| match asked {
        Asked::Whole => is_inside(offset),
        Asked::Starts => is_start(offset),
    });
    // An instruction reaches no further.
    all.filter_map(|offset| i16::try_from(offset).ok()).collect()
}

/// The differences between the rows of a context and the running kernel, for programs of a type, attached as named.
fn differences(
    kernel: &mut HostEngine,
    prog_type: ProgType,
    context: &'static Context,
    attach: Option<AttachType>,
    asked: Asked,
) -> Vec<String> {
    let version = running();
    let mut wrong = Vec::new();
    for (access, insn) in offsets(context, asked).into_iter().flat_map(accesses) {
        let field = context.allows_attached(access, prog_type, attach, version);
        if attach.is_none() {
            assert_eq!(field, context.allows(access, prog_type, version));
        }
        let program = attempt(prog_type, attach, &[insn, Insn::mov64_imm(Reg::R0, 1), Insn::Exit]);
        let accepted = kernel.verdict(&program).outcome.accepts().unwrap();
        // Whether 6.18 lets them write depends on the build.
        let unsure = prog_type == ProgType::Kprobe && access.way == Way::Write;
        if accepted != field.is_some() && !unsure {
            wrong.push(format!("{prog_type} {attach:?} {}: {access:?}: kernel {accepted}", context.name));
        }
    }
    wrong
}

/// What the programs of a type are loaded with here and how much is asked: everything as each attach type that their rows or
/// sections name, less as the others.
fn attach_types(
    kernel: &mut HostEngine,
    prog_type: ProgType,
    context: &Context,
) -> Vec<(Option<AttachType>, Asked)> {
    let fields = context.fields.expect("fields");
    let by_rows = |attach: AttachType| {
        let sets = fields.iter().flat_map(|field| [field.read.attached, field.written.attached]);
        let by_sections = prog_type.facts().sections.iter().any(|section| section.attach == Some(attach));
        by_sections || sets.flatten().any(|attached| attached.contains(attach))
    };
    let all = [None].into_iter().chain(AttachType::ALL.iter().copied().map(Some));
    let named: Vec<_> = all.filter(|attach| can_name(kernel, prog_type, *attach)).collect();
    let asked = |attach: Option<AttachType>| {
        if attach.is_none_or(by_rows) { Asked::Whole } else { Asked::Starts }
    };
    named.into_iter().map(|attach| (attach, asked(attach))).collect()
}

/// The contexts of the program types that the running kernel loads without a target.
fn contexts() -> impl Iterator<Item = (ProgType, &'static Context)> {
    let machine = Machine::native();
    let without_target = ProgType::ALL.iter().copied().filter(|prog_type| !prog_type.facts().needs_target);
    without_target.filter_map(move |prog_type| {
        let context = match machine {
            Some(machine) => prog_type.context_on(machine),
            None => prog_type.context(),
        };
        Some((prog_type, context.filter(|context| context.fields.is_some())?))
    })
}

#[test]
fn the_running_kernel_allows_what_the_rows_allow() {
    if !may_load("the_running_kernel_allows_what_the_rows_allow") {
        return;
    }
    let mut kernel = HostEngine::new();
    let mut asked_as = 0;
    for (prog_type, context) in contexts() {
        for (attach, asked) in attach_types(&mut kernel, prog_type, context) {
            let wrong = differences(&mut kernel, prog_type, context, attach, asked);
            assert!(
                wrong.is_empty(),
                "{} differences, the first: {:#?}",
                wrong.len(),
                &wrong[..wrong.len().min(12)]
            );
            asked_as += 1;
        }
    }
    assert!(asked_as > 800, "{asked_as}");
}

/// How the log writes what a register holds.
fn in_log(holds: Holds) -> &'static str {
    match holds {
        Holds::Number => "scalar(",
        Holds::PacketStart => "pkt(",
        Holds::PacketEnd => "pkt_end(",
        Holds::PacketMeta => "pkt_meta(",
        Holds::SockCommonOrNull => "sock_common_or_null(",
        Holds::Sock => "sock(",
        Holds::SockOrNull => "sock_or_null(",
        Holds::FlowKeys => "flow_keys(",
        Holds::TracepointBuffer => "tp_buffer(",
        Holds::HookState => "trusted_ptr_nf_hook_state(",
        Holds::KernelSkBuff => "trusted_ptr_sk_buff(",
    }
}

/// What the running kernel says of a field that is loaded as a whole; `None` where it refuses.
fn held(
    kernel: &mut HostEngine,
    prog_type: ProgType,
    attach: Option<AttachType>,
    field: &Field,
) -> Option<String> {
    let sizes = [Size::U8, Size::U16, Size::U32, Size::U64];
    let size = sizes.into_iter().find(|size| size.bytes() == field.size).expect("a size");
    let off = i16::try_from(field.offset).expect("an offset");
    let load = Insn::Load { size, dst: Reg::R2, base: Reg::R1, off };
    let program = attempt(prog_type, attach, &[load, Insn::mov64_imm(Reg::R0, 1), Insn::Exit]).at_level(2);
    let verdict = kernel.verdict(&program);
    let state = verdict.log.split(" R2=").nth(1).or(verdict.log.split(" R2_w=").nth(1))?;
    verdict.outcome.accepts().filter(|accepted| *accepted)?;
    Some(state.lines().next().unwrap_or_default().to_owned())
}

#[test]
fn fields_hold_what_the_running_kernel_takes_them_for() {
    if !may_load("fields_hold_what_the_running_kernel_takes_them_for") {
        return;
    }
    let mut kernel = HostEngine::new();
    let version = running();
    let mut asked = 0;
    for (prog_type, context) in contexts() {
        for field in context.fields.into_iter().flatten().filter(|field| version >= field.since) {
            let attach = match field.read.attached {
                Some(attached) => attached.iter().find(|&one| can_name(&mut kernel, prog_type, Some(one))),
                None => prog_type.facts().usual_attach,
            };
            // Where two fields share a place, the later row is what a load as a whole gives.
            let (way, size) = (Way::Read, field.size);
            let access = Access { offset: field.offset as i32, size, way };
            let found = context.allows_attached(access, prog_type, attach, version);
            if field.size == 1 && field.sizes == Sizes::Any || found != Some(field) {
                continue;
            }
            let state = held(&mut kernel, prog_type, attach, field)
                .unwrap_or_else(|| panic!("{prog_type} doesn't read {} as {attach:?}", field.name));
            assert!(state.starts_with(in_log(field.holds)), "{prog_type} {}: {state}", field.name);
            asked += 1;
        }
    }
    assert!(asked > 300, "{asked}");
}
