//! CO-RE relocations on types made by hand: what each kind gives, which types fit, and what is refused.

use std::sync::Arc;

use knockwright_btf::core::{
    CoreError, CoreKind, CoreRecord, KernelTypes, ModuleNames, Relocator, Resolution, SizeChange,
};
use knockwright_btf::{Btf, Builder, Endian, Enumerator, Field, IntEncoding, Kind, Param, TypeId};

/// Types under construction.
#[derive(Default)]
struct Types(Builder);

impl Types {
    fn int(&mut self, name: &str, size: u32) -> TypeId {
        self.0.add_int(name, size, IntEncoding::UNSIGNED)
    }

    fn signed(&mut self, name: &str, size: u32) -> TypeId {
        self.0.add_int(name, size, IntEncoding::SIGNED)
    }

    fn ptr(&mut self, to: TypeId) -> TypeId {
        self.0.add(Kind::Ptr { to })
    }

    fn array(&mut self, element: TypeId, len: u32) -> TypeId {
        self.0.add_array(element, len)
    }

    /// A struct of members at offsets in bytes.
    fn structure(&mut self, name: &str, size: u32, members: &[(&str, TypeId, u32)]) -> TypeId {
        let member = |&(name, ty, offset): &(&str, TypeId, u32)| bits(name, ty, offset * 8, 0);
        self.of_bits(name, size, members.iter().map(member).collect())
    }

    fn union(&mut self, name: &str, size: u32, members: &[(&str, TypeId)]) -> TypeId {
        let members = members.iter().map(|&(name, ty)| bits(name, ty, 0, 0)).collect();
        self.0.add(Kind::Union { name: name.to_owned(), size, members })
    }

    fn of_bits(&mut self, name: &str, size: u32, members: Vec<Field>) -> TypeId {
        self.0.add(Kind::Struct { name: name.to_owned(), size, members })
    }

    fn enumeration(&mut self, name: &str, values: &[(&str, i64)]) -> TypeId {
        let (name, values, size) = (name.to_owned(), enumerators(values), 4);
        self.0.add(Kind::Enum { name, size, signed: false, values })
    }

    fn enum64(&mut self, name: &str, values: &[(&str, i64)]) -> TypeId {
        let (name, values, size) = (name.to_owned(), enumerators(values), 8);
        self.0.add(Kind::Enum64 { name, size, signed: false, values })
    }

    fn typedef(&mut self, name: &str, to: TypeId) -> TypeId {
        self.0.add(Kind::Typedef { name: name.to_owned(), to })
    }

    fn btf(self) -> Btf {
        Btf::parse(&self.0.finish(Endian::Little), Endian::Little).unwrap()
    }

    fn kernel(self) -> KernelTypes {
        KernelTypes::new(Arc::new(self.btf()))
    }
}

fn bits(name: &str, ty: TypeId, bit_offset: u32, bit_width: u8) -> Field {
    Field { name: name.to_owned(), ty, bit_offset, bit_width }
}

fn enumerators(values: &[(&str, i64)]) -> Vec<Enumerator> {
    values.iter().map(|&(name, value)| Enumerator { name: name.to_owned(), value }).collect()
}

fn record(ty: TypeId, access: &str, kind: CoreKind) -> CoreRecord {
    CoreRecord { offset: 0, ty, access: access.to_owned(), kind: kind as u32 }
}

/// One relocation by itself.
fn resolve(
    local: &Btf,
    kernel: &KernelTypes,
    ty: TypeId,
    access: &str,
    kind: CoreKind,
) -> Result<Resolution, CoreError> {
    Relocator::new(local, kernel, Endian::Little).resolve(&record(ty, access, kind))
}

/// What the object has and what the kernel gives; of a relocation that can be applied.
fn values(
    local: &Btf,
    kernel: &KernelTypes,
    ty: TypeId,
    access: &str,
    kind: CoreKind,
) -> (Option<u64>, Option<u64>) {
    let found = resolve(local, kernel, ty, access, kind).unwrap();
    (found.compiled, found.value)
}

#[test]
fn members_are_found_by_name_inside_what_has_none() {
    let (mut local, mut kernel) = (Types::default(), Types::default());
    let int = local.int("unsigned int", 4);
    let array = local.array(int, 4);
    let pair = local.structure("pair", 8, &[("one", int, 0), ("two", int, 4)]);
    let whole = local.structure("whole___old", 28, &[("a", array, 0), ("p", pair, 16), ("gone", int, 24)]);
    let named = local.typedef("whole_t", whole);
    let local = local.btf();

    let int = kernel.int("unsigned int", 4);
    let array = kernel.array(int, 2);
    let pair = kernel.structure("pair", 16, &[("two", int, 4), ("one", int, 8)]);
    let inner = kernel.structure("", 24, &[("p", pair, 8)]);
    let either = kernel.union("", 24, &[("x", int), ("", inner)]);
    kernel.structure("whole", 64, &[("first", int, 0), ("", either, 8), ("a", array, 40)]);
    let kernel = kernel.kernel();

    use CoreKind::{FieldByteOffset, FieldByteSize, FieldExists};
    // 8 for the union, 8 for the pair in it, 8 for the member.
    assert_eq!(values(&local, &kernel, whole, "0:1:0", FieldByteOffset), (Some(16), Some(24)));
    assert_eq!(values(&local, &kernel, whole, "0:0:1", FieldByteOffset), (Some(4), Some(44)));
    assert_eq!(values(&local, &kernel, whole, "2:0:1", FieldByteOffset), (Some(60), Some(172)));
    assert_eq!(values(&local, &kernel, whole, "0:1", FieldByteSize), (Some(8), Some(16)));
    assert_eq!(values(&local, &kernel, whole, "0:0", FieldByteSize), (Some(16), Some(8)));
    assert_eq!(values(&local, &kernel, whole, "0", FieldByteSize), (Some(28), Some(64)));
    assert_eq!(values(&local, &kernel, whole, "0:2", FieldExists), (Some(1), Some(0)));
    assert_eq!(values(&local, &kernel, whole, "0:2", FieldByteOffset), (Some(24), None));
    // The kernel's array ends before.
    assert_eq!(values(&local, &kernel, whole, "0:0:3", FieldByteOffset), (Some(12), None));
    assert_eq!(values(&local, &kernel, whole, "0:0:3", FieldExists), (Some(1), Some(0)));
    // A typedef of the object's is looked for among typedefs.
    assert_eq!(values(&local, &kernel, named, "0:1:0", FieldByteOffset), (Some(16), None));

    let words = |access| Relocator::describe(&local, &record(whole, access, FieldByteOffset)).unwrap();
    assert_eq!(words("0:1:0"), format!("<byte_off> {whole} struct whole___old.p.one (0:1:0 @ offset 16)"));
    assert_eq!(words("2:0:1"), format!("<byte_off> {whole} struct whole___old[2].a[1] (2:0:1 @ offset 60)"));
}

#[test]
fn flexible_arrays_have_no_end_where_they_end_a_struct() {
    let (mut local, mut kernel) = (Types::default(), Types::default());
    let int = local.int("int", 4);
    let (open, closed) = (local.array(int, 0), local.array(int, 100));
    let tail = local.structure("tail", 4, &[("len", int, 0), ("rest", open, 4)]);
    let middle = local.structure("middle", 408, &[("rest", closed, 0), ("len", int, 400)]);
    let local = local.btf();
    let int = kernel.int("int", 4);
    let (open, closed) = (kernel.array(int, 0), kernel.array(int, 3));
    kernel.structure("tail", 8, &[("more", int, 0), ("len", int, 4), ("rest", closed, 8)]);
    kernel.structure("middle", 4, &[("rest", open, 0), ("len", int, 0)]);
    let kernel = kernel.kernel();
    let offset = |ty, access| values(&local, &kernel, ty, access, CoreKind::FieldByteOffset);
    assert_eq!(offset(tail, "0:1:2"), (Some(12), Some(16)));
    assert_eq!(offset(tail, "0:1:7"), (Some(32), None));
    assert_eq!(offset(middle, "0:0:7"), (Some(28), None));
}

#[test]
fn bit_fields_are_read_from_as_many_bytes_as_hold_them() {
    let (mut local, mut kernel) = (Types::default(), Types::default());
    let (byte, long) = (local.int("unsigned char", 1), local.int("unsigned long", 8));
    let flags =
        local.of_bits("flags", 8, vec![bits("a", byte, 0, 3), bits("b", byte, 3, 2), bits("c", long, 0, 0)]);
    let local = local.btf();
    let (byte, word) = (kernel.int("unsigned char", 1), kernel.signed("int", 4));
    kernel.of_bits(
        "flags",
        16,
        // `b` straddles two bytes: it's read from two. `c` has no 8 bytes that hold it.
        vec![bits("a", word, 70, 5), bits("b", byte, 30, 4), bits("c", word, 3, 64)],
    );
    let kernel = kernel.kernel();
    use CoreKind::{FieldByteOffset, FieldByteSize, FieldLshiftU64, FieldRshiftU64, FieldSigned};
    // What the compiler chose may be another: it isn't compared, but for the sign and the width.
    let of_a = |kind| values(&local, &kernel, flags, "0:0", kind);
    assert_eq!(of_a(FieldByteOffset), (None, Some(8)));
    assert_eq!(of_a(FieldByteSize), (None, Some(4)));
    assert_eq!(of_a(FieldLshiftU64), (None, Some(64 - (70 - 64 + 5))));
    assert_eq!(of_a(FieldRshiftU64), (Some(61), Some(59)));
    assert_eq!(of_a(FieldSigned), (Some(0), Some(1)));
    let of_b = |kind| values(&local, &kernel, flags, "0:1", kind);
    // 30 to 34 lies in none of bytes 3 and 4 alone, nor in 2 to 3, but in 0 to 7.
    assert_eq!((of_b(FieldByteOffset), of_b(FieldByteSize)), ((None, Some(0)), (None, Some(8))));
    assert_eq!(of_b(FieldLshiftU64), (None, Some(30)));
    let refused = resolve(&local, &kernel, flags, "0:2", FieldByteOffset).unwrap_err();
    assert_eq!(refused, CoreError::BitField);
    // Big-endian machines count bits from the other end.
    let mut big = Relocator::new(&local, &kernel, Endian::Big);
    let shift = big.resolve(&record(flags, "0:0", FieldLshiftU64)).unwrap();
    assert_eq!(shift.value, Some(32 + 6));
    // A load of a bit field isn't one of a number.
    let change = resolve(&local, &kernel, flags, "0:0", FieldByteOffset).unwrap().size;
    assert_eq!(change, None);
}

#[test]
fn sizes_change_where_what_is_read_stays_the_same() {
    let (mut local, mut kernel) = (Types::default(), Types::default());
    let (wide, pointer) = (local.int("unsigned long", 8), local.ptr(TypeId::VOID));
    let (signed, pair) = (local.signed("long", 8), local.array(wide, 2));
    let members = [("n", wide, 0), ("p", pointer, 8), ("s", signed, 16), ("a", pair, 24)];
    let root = local.structure("s", 40, &members);
    let local = local.btf();
    let (narrow, int) = (kernel.int("unsigned int", 4), kernel.signed("int", 4));
    let char = kernel.0.add(Kind::Int {
        name: "char".to_owned(),
        size: 1,
        encoding: IntEncoding { signed: true, char: true, bool: false },
        bit_offset: 0,
        bits: 8,
    });
    let trio = kernel.array(narrow, 3);
    kernel.structure("s", 64, &[("n", narrow, 4), ("p", int, 8), ("s", char, 16), ("a", trio, 20)]);
    let kernel = kernel.kernel();
    let size = |access| resolve(&local, &kernel, root, access, CoreKind::FieldByteOffset).unwrap().size;
    assert_eq!(size("0:0"), Some(SizeChange { compiled: 8, kernel: 4, is_safe: true }));
    // A number isn't a pointer at all.
    assert_eq!(values(&local, &kernel, root, "0:1", CoreKind::FieldByteOffset).1, None);
    assert_eq!(size("0:2"), Some(SizeChange { compiled: 8, kernel: 1, is_safe: false }));
    // Of an array one element is read; the array itself is no number.
    assert_eq!(size("0:3"), Some(SizeChange { compiled: 8, kernel: 4, is_safe: false }));
    assert_eq!(size("0:3:1"), Some(SizeChange { compiled: 8, kernel: 4, is_safe: true }));
}

#[test]
fn types_are_known_by_number_size_and_existence() {
    let (mut local, mut kernel) = (Types::default(), Types::default());
    let int = local.int("int", 4);
    let here = local.structure("here___mine", 4, &[("a", int, 0)]);
    let gone = local.structure("gone", 4, &[("a", int, 0)]);
    let alias = local.typedef("alias", int);
    let anonymous = local.structure("", 4, &[("b", int, 0)]);
    let local = local.btf();
    let int = kernel.int("int", 4);
    let id = kernel.structure("here", 12, &[("b", int, 0)]);
    kernel.typedef("alias", id);
    let kernel = kernel.kernel();
    use CoreKind::{TypeExists, TypeIdLocal, TypeIdTarget, TypeSize};
    let of = |ty, kind| values(&local, &kernel, ty, "0", kind);
    assert_eq!(of(here, TypeIdLocal), (None, Some(here.0.into())));
    assert_eq!(of(here, TypeIdTarget), (None, Some(id.0.into())));
    assert_eq!(of(here, TypeExists), (Some(1), Some(1)));
    assert_eq!(of(here, TypeSize), (Some(4), Some(12)));
    for kind in [TypeIdTarget, TypeExists, TypeSize] {
        assert_eq!(of(gone, kind).1, Some(0), "{kind:?}");
    }
    // A typedef of an integer isn't one of a struct.
    assert_eq!(of(alias, TypeExists), (Some(1), Some(0)));
    assert_eq!(of(anonymous, TypeIdLocal), (None, Some(anonymous.0.into())));
    let refused = resolve(&local, &kernel, anonymous, "0", TypeExists).unwrap_err();
    assert_eq!(refused, CoreError::Anonymous(anonymous));
}

/// Makes the type of a member with a name.
type Make = fn(&mut Types) -> (&'static str, TypeId);

#[test]
fn a_type_matches_if_the_kernel_has_all_of_it() {
    let kernel = || {
        let mut kernel = Types::default();
        let (int, long) = (kernel.int("unsigned int", 4), kernel.int("unsigned long", 8));
        let inner = kernel.structure("inner", 8, &[("x", int, 0), ("y", int, 4)]);
        let pointer = kernel.ptr(inner);
        let array = kernel.array(int, 3);
        let kind = kernel.enumeration("kind", &[("ONE", 1), ("TWO", 2)]);
        let params = vec![Param { name: String::new(), ty: int }, Param { name: String::new(), ty: pointer }];
        let proto = kernel.0.add(Kind::FuncProto { result: int, params });
        let call = kernel.ptr(proto);
        let members = [
            ("n", int, 0),
            ("p", pointer, 8),
            ("a", array, 16),
            ("e", kind, 28),
            ("f", call, 32),
            ("i", inner, 40),
            ("l", long, 48),
        ];
        kernel.structure("s", 56, &members);
        kernel.kernel()
    };
    let matches = |member: Make| {
        let mut local = Types::default();
        let (name, ty) = member(&mut local);
        let root = local.structure("s___mine", 8, &[(name, ty, 0)]);
        values(&local.btf(), &kernel(), root, "0", CoreKind::TypeMatches) == (Some(1), Some(1))
    };
    let yes: [Make; 8] = [
        |t| ("n", t.int("unsigned int", 4)),
        |t| {
            // Behind a pointer only the name counts; a declaration is enough.
            let to = t.0.add(Kind::Fwd { name: "inner".to_owned(), union: false });
            ("p", t.ptr(to))
        },
        |t| {
            let nothing = t.structure("inner___x", 0, &[]);
            ("p", t.ptr(nothing))
        },
        |t| {
            let int = t.int("unsigned int", 4);
            ("a", t.array(int, 3))
        },
        |t| ("e", t.enumeration("kind", &[("TWO___old", 7)])),
        |t| {
            let int = t.int("unsigned int", 4);
            let inner = t.structure("inner", 1, &[]);
            let pointer = t.ptr(inner);
            let param = |ty| Param { name: "any".to_owned(), ty };
            let proto = t.0.add(Kind::FuncProto { result: int, params: vec![param(int), param(pointer)] });
            ("f", t.ptr(proto))
        },
        |t| {
            let int = t.int("unsigned int", 4);
            ("i", t.structure("inner", 4, &[("y", int, 0)]))
        },
        |t| {
            let int = t.int("unsigned int", 4);
            ("n", t.typedef("word", int))
        },
    ];
    for (index, member) in yes.into_iter().enumerate() {
        assert!(matches(member), "{index}");
    }
    let no: [Make; 9] = [
        |t| ("n", t.signed("unsigned int", 4)),
        |t| ("n", t.int("int", 4)),
        |t| ("l", t.int("unsigned long", 4)),
        |t| ("absent", t.int("unsigned int", 4)),
        |t| {
            let other = t.structure("other", 8, &[]);
            ("p", t.ptr(other))
        },
        |t| {
            let to = t.0.add(Kind::Fwd { name: "inner".to_owned(), union: true });
            ("p", t.ptr(to))
        },
        |t| {
            let int = t.int("unsigned int", 4);
            ("a", t.array(int, 2))
        },
        |t| ("e", t.enumeration("kind", &[("THREE", 2)])),
        |t| ("i", t.0.add(Kind::Fwd { name: "inner".to_owned(), union: false })),
    ];
    for (index, member) in no.into_iter().enumerate() {
        assert!(!matches(member), "{index}");
    }
}

#[test]
fn enumerators_are_found_by_name_in_enums_of_any_size() {
    let (mut local, mut kernel) = (Types::default(), Types::default());
    let small = local.enumeration("small", &[("A", 1), ("B___old", 2), ("C", 3), ("HIGH", 0xffff_ffff)]);
    let large = local.enum64("large___x", &[("BIG", 1 << 40)]);
    let local = local.btf();
    kernel.enum64("small", &[("B", 1 << 33), ("A", -1)]);
    kernel.enumeration("large", &[("BIG___new", 5)]);
    let kernel = kernel.kernel();
    use CoreKind::{EnumvalExists, EnumvalValue};
    let of = |ty, access, kind| values(&local, &kernel, ty, access, kind);
    assert_eq!(of(small, "0", EnumvalValue), (Some(1), Some(u64::MAX)));
    assert_eq!(of(small, "1", EnumvalValue), (Some(2), Some(1 << 33)));
    assert_eq!(of(small, "2", EnumvalValue), (Some(3), None));
    assert_eq!(of(small, "2", EnumvalExists), (Some(1), Some(0)));
    assert_eq!(of(small, "1", EnumvalExists), (Some(1), Some(1)));
    // Of 32 bits the highest is taken for the sign.
    assert_eq!(of(small, "3", EnumvalValue), (Some(u64::MAX), None));
    assert_eq!(of(large, "0", EnumvalValue), (Some(1 << 40), Some(5)));
    let words = Relocator::describe(&local, &record(large, "0", EnumvalValue)).unwrap();
    assert_eq!(words, format!("<enumval_value> {large} enum64 large___x::BIG = 1099511627776"));
}

#[test]
fn types_of_one_name_have_to_agree() {
    let (mut local, mut kernel) = (Types::default(), Types::default());
    let int = local.int("int", 4);
    let root = local.structure("s", 12, &[("same", int, 0), ("moved", int, 4), ("once", int, 8)]);
    let local = local.btf();
    let int = kernel.int("int", 4);
    let one = kernel.structure("s", 12, &[("same", int, 0), ("moved", int, 4), ("once", int, 8)]);
    let two = kernel.structure("s___2", 12, &[("same", int, 0), ("moved", int, 8)]);
    let kernel = kernel.kernel();
    let mut relocator = Relocator::new(&local, &kernel, Endian::Little);
    let mut resolve = |access, kind| relocator.resolve(&record(root, access, kind));
    assert_eq!(resolve("0:0", CoreKind::FieldByteOffset).unwrap().value, Some(0));
    let places = CoreError::Places { one, one_bits: 32, other: two, other_bits: 64 };
    assert_eq!(resolve("0:1", CoreKind::FieldByteOffset), Err(places));
    let values = CoreError::Values { one, one_value: one.0.into(), other: two, other_value: two.0.into() };
    assert_eq!(resolve("0", CoreKind::TypeIdTarget), Err(values));
    assert_eq!(resolve("0", CoreKind::TypeExists).unwrap().value, Some(1));
    // Once one of them has shown that it lacks a member, it isn't asked any more.
    assert_eq!(resolve("0:2", CoreKind::FieldByteOffset).unwrap().value, Some(8));
    assert_eq!(resolve("0:1", CoreKind::FieldByteOffset).unwrap().value, Some(4));
}

#[test]
fn what_a_modules_type_might_be_is_left_open() {
    let (mut local, mut kernel) = (Types::default(), Types::default());
    let int = local.int("int", 4);
    let (here, gone) = (local.structure("here", 4, &[("a", int, 0)]), local.structure("gone", 4, &[]));
    let local = local.btf();
    let int = kernel.int("int", 4);
    kernel.structure("here", 4, &[("b", int, 0)]);
    let kernel = kernel.kernel().with_module_names(|| None);
    assert_eq!(values(&local, &kernel, here, "0:0", CoreKind::FieldExists).1, Some(0));
    let left = resolve(&local, &kernel, gone, "0", CoreKind::TypeExists).unwrap_err();
    assert_eq!(left, CoreError::Modules("gone".to_owned()));
}

/// The section of a module: types without anything but a kind and a name, whose strings go on after the kernel's.
fn module(kernel: &[u8], types: &[(u32, u32)], strings: &str) -> Vec<u8> {
    let length_of_strings = u32::from_le_bytes(kernel[20..24].try_into().unwrap());
    let types: Vec<u32> = types
        .iter()
        .flat_map(|(kind, name)| {
            [if name & OWN == 0 { *name } else { length_of_strings + (name & !OWN) }, kind << 24, 0]
        })
        .collect();
    let header = [24, 0, types.len() as u32 * 4, types.len() as u32 * 4, strings.len() as u32];
    let numbers = header.iter().chain(&types).flat_map(|number| number.to_le_bytes());
    [0x9f, 0xeb, 1, 0].into_iter().chain(numbers).chain(strings.bytes()).collect()
}

/// Marks a place in the module's own strings.
const OWN: u32 = 1 << 31;

#[test]
fn what_no_module_has_is_known_to_be_absent() {
    const STRUCT: u32 = 4;
    const TYPEDEF: u32 = 8;
    let (mut local, mut kernel) = (Types::default(), Types::default());
    let own = local.structure("own", 4, &[]);
    let (other, typed, shared) =
        (local.structure("other", 4, &[]), local.structure("typed", 4, &[]), local.structure("int", 4, &[]));
    let local = local.btf();
    let int = kernel.int("int", 4);
    let name_of_int = 1;
    kernel.structure("here", 4, &[("b", int, 0)]);
    let section = kernel.0.finish(Endian::Little);
    let base = Arc::new(Btf::parse(&section, Endian::Little).unwrap());
    // Strings of the kernel's are a module's too.
    let types = [(STRUCT, OWN | 1), (TYPEDEF, OWN | 9), (STRUCT, name_of_int)];
    let module = module(&section, &types, "\0own___x\0typed\0");
    let kernel = KernelTypes::new(Arc::clone(&base)).with_module_names(move || {
        let mut names = ModuleNames::default();
        names.add(&base, &module, Endian::Little).ok().map(|()| names)
    });
    let open = |ty| resolve(&local, &kernel, ty, "0", CoreKind::TypeExists).is_err();
    // A typedef isn't a struct.
    assert_eq!([own, shared, other, typed].map(open), [true, true, false, false]);
    let unread = KernelTypes::new(Arc::clone(kernel.btf())).with_module_names(|| None);
    assert!(resolve(&local, &unread, other, "0", CoreKind::TypeExists).is_err());
    assert!(ModuleNames::default().add(kernel.btf(), &section[..30], Endian::Little).is_err());
}

#[test]
fn damaged_relocations_are_errors() {
    let mut local = Types::default();
    let int = local.int("int", 4);
    let array = local.array(int, 4);
    let root = local.structure("s", 20, &[("a", array, 0), ("b", int, 16)]);
    let kind = local.enumeration("e", &[("A", 1)]);
    let lost = local.ptr(TypeId(999));
    let unsized_member = local.structure("u", 8, &[("v", TypeId(998), 0), ("p", lost, 0)]);
    let circle = TypeId(lost.0 + 2);
    assert_eq!(local.0.add(Kind::Const { to: circle }), circle);
    let local = local.btf();
    let kernel = KernelTypes::new(Arc::new(local.clone()));
    let field = CoreKind::FieldByteOffset;
    let long = vec!["0"; 65].join(":");
    let bad: &[(TypeId, &str)] = &[
        (root, ""),
        (root, ":0"),
        (root, "0:"),
        (root, "0::1"),
        (root, "x"),
        (root, "-1"),
        (root, "0:+1"),
        (root, "4294967296"),
        (root, "0:2"),
        (root, "0:0:4"),
        (root, "0:1:0"),
        (root, "0:0:0:0"),
        (root, &long),
        (unsized_member, "0:0:0"),
        (circle, "0"),
        (TypeId::VOID, "0"),
    ];
    for (ty, access) in bad {
        let error = resolve(&local, &kernel, *ty, access, field).unwrap_err();
        assert_eq!(error, CoreError::Access { access: (*access).to_owned(), ty: *ty });
    }
    let error = resolve(&local, &kernel, TypeId(1000), "0", field).unwrap_err();
    assert_eq!(error, CoreError::NoType(TypeId(1000)));
    for (ty, access) in [(kind, "1"), (kind, "0:0"), (root, "0")] {
        let error = resolve(&local, &kernel, ty, access, CoreKind::EnumvalValue).unwrap_err();
        assert!(matches!(error, CoreError::Access { .. }), "{access}: {error}");
    }
    let error = resolve(&local, &kernel, root, "0:0", CoreKind::TypeSize).unwrap_err();
    assert!(matches!(error, CoreError::Access { .. }), "{error}");
    let error = resolve(&local, &kernel, root, "0:0:1", CoreKind::FieldSigned).unwrap_err();
    assert_eq!(error, CoreError::Element("signed"));
    let error = resolve(&local, &kernel, unsized_member, "0:0", field).unwrap_err();
    assert_eq!(error, CoreError::NoType(TypeId(998)));
    let unknown = CoreRecord { kind: 13, ..record(root, "0", field) };
    let error = Relocator::new(&local, &kernel, Endian::Little).resolve(&unknown).unwrap_err();
    assert_eq!(error, CoreError::UnknownKind(13));
}
