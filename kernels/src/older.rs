//! BTF for kernels that don't know all of its kinds and tags: what libbpf puts in the place of those.
//!
//! Every type keeps its number and its size, so that what refers to it still can.

use knockwright_asm::{Endian, KernelVersion, ProgType};
use knockwright_btf::{Btf, Builder, Field, FuncRecord, IntEncoding, KernelRecords, Kind, Linkage, TypeId};
use knockwright_verifier::Attempt;

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

/// The first kernels that know what older ones don't: the commits that added the kind to `kernel/bpf/btf.c`.
const GLOBAL_FUNCTIONS: KernelVersion = v(5, 6);
const FLOATS: KernelVersion = v(5, 13);
const DECLARATION_TAGS: KernelVersion = v(5, 16);
const TYPE_TAGS: KernelVersion = v(5, 17);
const WIDE_ENUMS: KernelVersion = v(6, 0);

/// The tag `arg:ctx` of a parameter, which `btf_prepare_func_args` reads.
const CONTEXT_TAGS: KernelVersion = v(6, 8);

/// The newest of these: later kernels know all.
const ALL: KernelVersion = CONTEXT_TAGS;

/// The tag of a parameter that is the context, whatever type it has.
const CONTEXT_TAG: &str = "arg:ctx";

/// An attempt as libbpf makes it for a kernel; `None` if it stays as it is.
pub(crate) fn attempt_for(attempt: &Attempt, kernel: KernelVersion) -> Option<Attempt> {
    if kernel >= ALL {
        return None;
    }
    let records = attempt.btf.as_ref()?;
    // Damaged BTF is for the kernel to refuse.
    let btf = Btf::parse(&records.btf, Endian::NATIVE).ok()?;
    if kernel >= WIDE_ENUMS && !btf.iter().any(|(_, kind)| is_context_tag(kind)) {
        return None;
    }
    let mut out = Builder::of(&btf);
    if kernel < WIDE_ENUMS {
        put_stand_ins(&mut out, &btf, kernel);
    }
    let functions = FuncRecord::read_all(&records.func_info, Endian::NATIVE);
    name_contexts(&mut out, &btf, &functions, attempt.program.prog_type);
    let types = out.finish(Endian::NATIVE);
    if types == records.btf {
        return None;
    }
    let mut attempt = attempt.clone();
    attempt.btf = Some(KernelRecords { btf: types, ..records.clone() });
    Some(attempt)
}

/// Gives tagged parameters of the program's global functions the type of its context, where they are pointers to something
/// else. A program type whose context has no name here keeps them.
fn name_contexts(out: &mut Builder, btf: &Btf, functions: &[FuncRecord], prog_type: ProgType) {
    let Some(context) = prog_type.context() else { return };
    // The first is the program itself.
    for function in functions.iter().skip(1) {
        let Some(Kind::Func { name, proto, linkage: Linkage::Global }) = btf.get(function.ty) else {
            continue;
        };
        let Some(Kind::FuncProto { result, params }) = btf.get(*proto) else { continue };
        let mut params = params.clone();
        for place in tagged(btf, function.ty) {
            if let Some(param) = params.get_mut(place)
                && is_pointer_to_another(btf, param.ty, context.name)
            {
                let members = Vec::new();
                let to = out.add(Kind::Struct { name: context.name.to_owned(), size: 0, members });
                param.ty = out.add(Kind::Ptr { to });
            }
        }
        let proto = out.add(Kind::FuncProto { result: *result, params });
        out.replace(function.ty, Kind::Func { name: name.clone(), proto, linkage: Linkage::Global });
    }
}

fn is_context_tag(kind: &Kind) -> bool {
    matches!(kind, Kind::DeclTag { name, .. } if name == CONTEXT_TAG)
}

/// Which parameters of a function are tagged as the context.
fn tagged(btf: &Btf, function: TypeId) -> impl Iterator<Item = usize> + '_ {
    btf.iter().filter(|(_, kind)| is_context_tag(kind)).filter_map(move |(_, kind)| match kind {
        Kind::DeclTag { to, component: Some(component), .. } if *to == function => Some(*component as usize),
        _ => None,
    })
}

/// Whether a parameter is a pointer, and none to a struct of that name.
fn is_pointer_to_another(btf: &Btf, param: TypeId, context: &str) -> bool {
    match btf.get(btf.resolve(param)) {
        Some(Kind::Ptr { to }) => {
            !matches!(btf.get(btf.resolve(*to)), Some(Kind::Struct { name, .. }) if name == context)
        }
        _ => false,
    }
}

/// Puts what a kernel knows in the place of what it doesn't; the strings stay where they were.
fn put_stand_ins(out: &mut Builder, btf: &Btf, kernel: KernelVersion) {
    let mut placeholder = None;
    for (id, kind) in btf.iter() {
        if let Kind::Enum64 { .. } = kind {
            placeholder.get_or_insert_with(|| out.add_int("enum64_placeholder", 1, IntEncoding::UNSIGNED));
        }
        if let Some(other) = instead(kind, kernel, placeholder) {
            out.replace(id, other);
        }
    }
}

/// What stands for a kind that a kernel doesn't know. `placeholder` is the type of members that have no size.
fn instead(kind: &Kind, kernel: KernelVersion, placeholder: Option<TypeId>) -> Option<Kind> {
    Some(match kind {
        Kind::Func { name, proto, linkage: Linkage::Global } if kernel < GLOBAL_FUNCTIONS => {
            Kind::Func { name: name.clone(), proto: *proto, linkage: Linkage::Static }
        }
        Kind::Float { size, .. } if kernel < FLOATS => {
            Kind::Struct { name: String::new(), size: *size, members: Vec::new() }
        }
        Kind::DeclTag { name, .. } if kernel < DECLARATION_TAGS => {
            let encoding = IntEncoding::UNSIGNED;
            Kind::Int { name: name.clone(), size: 1, encoding, bit_offset: 0, bits: 8 }
        }
        Kind::TypeTag { to, .. } if kernel < TYPE_TAGS => Kind::Const { to: *to },
        Kind::Enum { name, size, signed: true, values } if kernel < WIDE_ENUMS => {
            Kind::Enum { name: name.clone(), size: *size, signed: false, values: values.clone() }
        }
        Kind::Enum64 { name, size, values, .. } if kernel < WIDE_ENUMS => {
            let member = |name: &String| Field {
                name: name.clone(),
                ty: placeholder.unwrap_or(TypeId::VOID),
                bit_offset: 0,
                bit_width: 0,
            };
            let members = values.iter().map(|value| member(&value.name)).collect();
            Kind::Union { name: name.clone(), size: *size, members }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use knockwright_asm::Program;
    use knockwright_btf::{Enumerator, Param};

    #[test]
    fn every_kind_that_a_kernel_does_not_know_gets_a_stand_in() {
        let mut btf = Builder::new();
        let int = btf.add_int("int", 4, IntEncoding::SIGNED);
        let float = btf.add(Kind::Float { name: "double".into(), size: 8 });
        let tag = btf.add(Kind::TypeTag { name: "kptr".into(), to: int });
        let values = vec![Enumerator { name: "A".into(), value: 1 << 40 }];
        let wide = btf.add(Kind::Enum64 { name: "wide".into(), size: 8, signed: false, values });
        let btf = btf.build();
        let made = |kernel| {
            let mut out = Builder::of(&btf);
            put_stand_ins(&mut out, &btf, kernel);
            Btf::parse(&out.finish(Endian::NATIVE), Endian::NATIVE).unwrap()
        };
        let old = made(v(5, 10));
        assert_eq!(old.get(tag), Some(&Kind::Const { to: int }));
        assert_eq!((old.size(float), old.size(wide)), (Some(8), Some(8)));
        assert!(matches!(old.get(wide), Some(Kind::Union { members, .. }) if members.len() == 1));
        assert_eq!(made(v(5, 15)).get(float), btf.get(float));
    }

    /// A program with a global function that takes the context as `void *`, by a tag.
    fn tagged_attempt(prog_type: ProgType) -> Attempt {
        let mut btf = Builder::new();
        let int = btf.add_int("int", 4, IntEncoding::SIGNED);
        let pointer = btf.add(Kind::Ptr { to: TypeId::VOID });
        let param = |name: &str, ty| Param { name: name.into(), ty };
        let params = vec![param("number", int), param("ctx", pointer)];
        let proto = btf.add(Kind::FuncProto { result: int, params });
        let entry = btf.add(Kind::Func { name: "entry".into(), proto, linkage: Linkage::Global });
        let called = btf.add(Kind::Func { name: "called".into(), proto, linkage: Linkage::Global });
        btf.add(Kind::DeclTag { name: CONTEXT_TAG.into(), to: called, component: Some(1) });
        let func_info = [0, entry.0, 4, called.0].into_iter().flat_map(u32::to_ne_bytes).collect();
        let records = KernelRecords { btf: btf.finish(Endian::NATIVE), func_info, line_info: Vec::new() };
        Attempt::new(Program::new("p", prog_type)).with_btf(records)
    }

    #[test]
    fn a_tagged_context_gets_its_type_for_older_kernels() {
        let attempt = tagged_attempt(ProgType::Xdp);
        assert_eq!(attempt_for(&attempt, v(6, 8)), None);
        let made = attempt_for(&attempt, v(6, 1)).and_then(|attempt| attempt.btf).unwrap();
        let btf = Btf::parse(&made.btf, Endian::NATIVE).unwrap();
        let function = |name: &str| {
            let is_it =
                |(_, kind): &(TypeId, &Kind)| matches!(kind, Kind::Func { name: its, .. } if its == name);
            let kind = btf.iter().find(is_it).map(|(_, kind)| kind).unwrap();
            btf.c_declaration(kind)
        };
        assert!(function("entry").contains("void *ctx"), "{}", function("entry"));
        let called = function("called");
        assert!(called.contains("struct xdp_md *ctx") && called.contains("int number"), "{called}");
    }
}
