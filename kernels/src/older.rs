//! BTF for kernels that don't know all of its kinds: what libbpf puts in the place of those.
//!
//! Every type keeps its number and its size, so that what refers to it still can.

use knockwright_asm::{Endian, KernelVersion};
use knockwright_btf::{Btf, Builder, Field, IntEncoding, Kind, Linkage, TypeId};
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

/// The newest of these: later kernels know all kinds.
const ALL: KernelVersion = WIDE_ENUMS;

/// An attempt as libbpf makes it for a kernel; `None` if it stays as it is.
pub(crate) fn attempt_for(attempt: &Attempt, kernel: KernelVersion) -> Option<Attempt> {
    if kernel >= ALL {
        return None;
    }
    let records = attempt.btf.as_ref()?;
    // Damaged BTF is for the kernel to refuse.
    let btf = Btf::parse(&records.btf, Endian::NATIVE).ok()?;
    let mut attempt = attempt.clone();
    if let Some(records) = &mut attempt.btf {
        records.btf = btf_for(&btf, kernel);
    }
    Some(attempt)
}

/// The first kernel that reads the tag `arg:ctx` itself: libbpf gives older ones another type of the parameter.
const CONTEXT_TAGS: KernelVersion = v(6, 8);

/// What an attempt wants of a loader for a kernel that isn't done here.
pub(crate) fn beyond(attempt: &Attempt, kernel: KernelVersion) -> Option<String> {
    if kernel >= CONTEXT_TAGS {
        return None;
    }
    let btf = Btf::parse(&attempt.btf.as_ref()?.btf, Endian::NATIVE).ok()?;
    let is_tagged = |kind: &Kind| matches!(kind, Kind::DeclTag { name, .. } if name == "arg:ctx");
    btf.iter().any(|(_, kind)| is_tagged(kind)).then(|| {
        format!(
            "a parameter is tagged as the context (`arg:ctx`), which Linux {kernel} doesn't know: loaders give it another type, \
             which isn't done here"
        )
    })
}

/// BTF that a kernel takes, with the strings where they were.
fn btf_for(btf: &Btf, kernel: KernelVersion) -> Vec<u8> {
    let mut out = Builder::of(btf);
    let mut placeholder = None;
    for (id, kind) in btf.iter() {
        if let Kind::Enum64 { .. } = kind
            && kernel < WIDE_ENUMS
        {
            placeholder.get_or_insert_with(|| out.add_int("enum64_placeholder", 1, IntEncoding::UNSIGNED));
        }
        if let Some(other) = instead(kind, kernel, placeholder) {
            out.replace(id, other);
        }
    }
    out.finish(Endian::NATIVE)
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
    use knockwright_btf::Enumerator;

    #[test]
    fn every_kind_that_a_kernel_does_not_know_gets_a_stand_in() {
        let mut btf = Builder::new();
        let int = btf.add_int("int", 4, IntEncoding::SIGNED);
        let float = btf.add(Kind::Float { name: "double".into(), size: 8 });
        let tag = btf.add(Kind::TypeTag { name: "kptr".into(), to: int });
        let values = vec![Enumerator { name: "A".into(), value: 1 << 40 }];
        let wide = btf.add(Kind::Enum64 { name: "wide".into(), size: 8, signed: false, values });
        let btf = btf.build();
        let made = |kernel| Btf::parse(&btf_for(&btf, kernel), Endian::NATIVE).unwrap();
        let old = made(v(5, 10));
        assert_eq!(old.get(tag), Some(&Kind::Const { to: int }));
        assert_eq!((old.size(float), old.size(wide)), (Some(8), Some(8)));
        assert!(matches!(old.get(wide), Some(Kind::Union { members, .. }) if members.len() == 1));
        assert_eq!(made(v(6, 0)), btf);
        assert_eq!(made(v(5, 15)).get(float), btf.get(float));
    }

    #[test]
    fn contexts_that_are_tagged_are_for_loaders_of_older_kernels() {
        let mut btf = Builder::new();
        let int = btf.add_int("int", 4, IntEncoding::SIGNED);
        btf.add(Kind::DeclTag { name: "arg:ctx".into(), to: int, component: Some(0) });
        let records = knockwright_btf::KernelRecords {
            btf: btf.finish(Endian::NATIVE),
            ..knockwright_btf::KernelRecords::default()
        };
        let program = knockwright_asm::Program::new("p", knockwright_asm::ProgType::Xdp);
        let attempt = Attempt::new(program).with_btf(records);
        assert!(beyond(&attempt, v(6, 1)).is_some());
        assert_eq!(beyond(&attempt, v(6, 12)), None);
    }
}
