//! Types as values: compared by what they are, and copied from one BTF into another.

use std::sync::Arc;

use knockwright_btf::{Btf, Builder, Endian, Field, IntEncoding, Kind, Param, TypeId, TypeRef};

fn field(name: &str, ty: TypeId, bit_offset: u32) -> Field {
    Field { name: name.to_owned(), ty, bit_offset, bit_width: 0 }
}

fn pointer(to: TypeId) -> Kind {
    Kind::Ptr { to }
}

fn structure(name: &str, size: u32, members: Vec<Field>) -> Kind {
    Kind::Struct { name: name.to_owned(), size, members }
}

/// Types in the order given. They may name types that come later, as those of clang do.
fn section(kinds: &[Kind]) -> Arc<Btf> {
    let mut builder = Builder::new();
    for (index, kind) in kinds.iter().enumerate() {
        assert_eq!(builder.add(kind.clone()), TypeId(index as u32 + 1), "{kind:?} stands there twice");
    }
    Arc::new(Btf::parse(&builder.finish(Endian::Little), Endian::Little).unwrap())
}

/// `struct node { struct node *next; struct bpf_spin_lock lock; }`, with types before it that shift the numbers.
fn list(before: usize, tags: &[&str]) -> TypeRef {
    let mut kinds: Vec<Kind> = (0..before).map(|n| structure(&format!("s{n}"), 0, vec![])).collect();
    let first = before as u32 + 1;
    let members = vec![field("next", TypeId(first + 1), 0), field("lock", TypeId(first + 2), 64)];
    kinds.push(structure("node", 16, members));
    kinds.push(pointer(TypeId(first)));
    kinds.push(structure("bpf_spin_lock", 4, vec![field("val", TypeId(first + 3), 0)]));
    kinds.push(Kind::Int {
        name: "unsigned int".to_owned(),
        size: 4,
        encoding: IntEncoding::default(),
        bit_offset: 0,
        bits: 32,
    });
    let tag = |name: &&str| Kind::DeclTag { name: (*name).to_owned(), to: TypeId(first), component: Some(0) };
    kinds.extend(tags.iter().map(tag));
    TypeRef::new(section(&kinds), TypeId(first))
}

#[test]
fn types_are_the_same_wherever_they_stand() {
    assert_eq!(list(0, &[]), list(3, &[]));
    assert_eq!(list(0, &["contains:node:next"]), list(2, &["contains:node:next"]));
    assert_ne!(list(0, &[]), list(0, &["contains:node:next"]));
    let lock = list(0, &[]).at(TypeId(3));
    assert_ne!(list(0, &[]), lock);
    assert_eq!(lock.size(), Some(4));
    assert_eq!(lock, list(1, &[]).at(TypeId(4)));
}

#[test]
fn a_type_that_leads_back_to_itself_is_copied_with_its_tags() {
    for tags in [&[][..], &["contains:node:next"]] {
        let source = list(5, tags);
        let mut builder = Builder::new();
        builder.add_int("int", 4, IntEncoding::SIGNED);
        let id = builder.add_from(&source);
        let copy = Btf::parse(&builder.finish(Endian::Big), Endian::Big).unwrap();
        assert_eq!(TypeRef::new(Arc::new(copy), id), source);
        assert_eq!(TypeRef::new(Arc::new(builder.clone().build()), id), source);
        assert_eq!(builder.build().iter().count(), 1 + 4 + tags.len(), "nothing else was copied");
    }
}

#[test]
fn what_is_there_already_is_not_copied_again() {
    let mut source = Builder::new();
    let int = source.add_kernel_int("__u32", 4, IntEncoding::UNSIGNED);
    let array = source.add_array(int, 7);
    let params = vec![Param { name: "a".to_owned(), ty: array }];
    let proto = source.add(Kind::FuncProto { result: int, params });
    let source = Arc::new(source.build());
    let mut builder = Builder::new();
    let copy = builder.add_from(&TypeRef::new(Arc::clone(&source), array));
    let count = builder.clone().build().iter().count();
    assert_eq!(builder.add_from(&TypeRef::new(Arc::clone(&source), array)), copy);
    assert_eq!(builder.clone().build().iter().count(), count);
    builder.add_from(&TypeRef::new(source, proto));
    assert_eq!(builder.build().iter().count(), count + 1);
}

#[test]
fn depth_and_damage_are_no_danger() {
    // Pointers to pointers, 50,000 deep, and one to itself.
    let mut kinds: Vec<Kind> = (0..50_000).map(|n| pointer(TypeId(n + 2))).collect();
    kinds.push(pointer(TypeId(4_000_000)));
    let deep = TypeRef::new(section(&kinds), TypeId(1));
    let mut builder = Builder::new();
    let id = builder.add_from(&deep);
    assert_eq!(TypeRef::new(Arc::new(builder.build()), id).kind().map(Kind::label), Some("PTR"));
    let circle = TypeRef::new(section(&[pointer(TypeId(1))]), TypeId(1));
    let mut builder = Builder::new();
    assert_eq!(builder.add_from(&circle), TypeId(1));
    assert_eq!(builder.build().get(TypeId(1)), Some(&pointer(TypeId(1))));
    assert_eq!(circle, circle.clone());
    let typedef = Kind::Typedef { name: "t".to_owned(), to: TypeId(1) };
    assert_eq!(TypeRef::new(section(&[typedef]), TypeId(1)).size(), None);
}

#[test]
fn plain_types_are_integers_in_arrays_and_structs() {
    let mut builder = Builder::new();
    let int = builder.add_kernel_int("__u16", 2, IntEncoding::UNSIGNED);
    let ports = builder.add_array(int, 10);
    let plain = builder.add(structure("s", 22, vec![field("ports", ports, 0), field("n", int, 160)]));
    let bits = Field { bit_width: 3, ..field("b", int, 0) };
    let bits = builder.add(structure("bits", 2, vec![bits]));
    let ptr = builder.add(pointer(plain));
    let float = builder.add(Kind::Float { name: "float".to_owned(), size: 4 });
    let mut twice = plain;
    for n in 0..14 {
        let members = vec![field("a", twice, 0), field("b", twice, 176)];
        twice = builder.add(structure(&format!("twice{n}"), 44, members));
    }
    let btf = Arc::new(builder.build());
    let is_plain = |id| TypeRef::new(Arc::clone(&btf), id).is_plain();
    assert!([int, ports, plain].into_iter().all(is_plain));
    assert!(![bits, ptr, float, twice, TypeId::VOID].into_iter().any(is_plain));
}
