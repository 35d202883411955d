//! BTF of random programs: the types of their functions, and where their instructions come from.

use knockwright_asm::{Endian, Insn, ProgType};
use knockwright_btf::{Builder, Enumerator, Field, IntEncoding, KernelRecords, Kind, Linkage, Param, TypeId};

use super::functions::{Function, Role};
use crate::random::Random;

/// The types that parameters may have.
struct Types {
    int: TypeId,
    numbers: Vec<TypeId>,
    context: TypeId,
    pointers: Vec<TypeId>,
}

impl Types {
    fn new(btf: &mut Builder, prog_type: ProgType) -> Self {
        let unsigned = IntEncoding::default();
        let signed = IntEncoding { signed: true, ..unsigned };
        let number = |btf: &mut Builder, name: &str, size: u32, encoding| {
            let bits = (size * 8) as u8;
            btf.add(Kind::Int { name: name.to_owned(), size, encoding, bit_offset: 0, bits })
        };
        let int = number(btf, "int", 4, signed);
        let word = number(btf, "unsigned int", 4, unsigned);
        let long = number(btf, "unsigned long", 8, unsigned);
        let named = btf.add(Kind::Typedef { name: "u64".to_owned(), to: long });
        let constant = btf.add(Kind::Const { to: named });
        let values = vec![Enumerator { name: "ONE".to_owned(), value: 1 }];
        let choice = btf.add(Kind::Enum { name: "choice".to_owned(), size: 4, signed: false, values });
        let record = |btf: &mut Builder, name: &str| {
            let members = vec![Field { name: "first".to_owned(), ty: word, bit_offset: 0, bit_width: 0 }];
            let record = btf.add(Kind::Struct { name: name.to_owned(), size: 4, members });
            (btf.add(Kind::Ptr { to: record }), record)
        };
        let name = prog_type.context().map_or("context", |context| context.name);
        let (context, _) = record(btf, name);
        let (other, by_value) = record(btf, "pair");
        let void = btf.add(Kind::Ptr { to: TypeId::VOID });
        let to_number = btf.add(Kind::Ptr { to: long });
        let numbers = vec![int, word, long, named, constant, choice];
        Self { int, numbers, context, pointers: vec![other, void, to_number, by_value] }
    }
}

/// The BTF of a program; `slots` has the slot of each instruction.
pub(super) fn btf(
    random: &mut Random,
    prog_type: ProgType,
    functions: &[Function],
    code: &[Insn],
    slots: &[usize],
) -> KernelRecords {
    let mut btf = Builder::new();
    let types = Types::new(&mut btf, prog_type);
    let mut func_info = Vec::new();
    for (number, function) in functions.iter().enumerate() {
        let proto = prototype(random, &mut btf, &types, function.role);
        let name = if number == 0 { "entry".to_owned() } else { format!("sub_{number}") };
        let linkage = match function.role {
            Role::Entry => Linkage::Global,
            _ if random.chance(1) => Linkage::Global,
            _ => Linkage::Static,
        };
        let function_type = btf.add(Kind::Func { name, proto, linkage });
        push(&mut func_info, [slots[function.start] as u32, function_type.0]);
    }
    let mut line_info = Vec::new();
    if random.chance(70) {
        let (density, lines) = (random.pick(&[5, 30, 60, 100]), 1 + random.below(12) as u32);
        for (at, &slot) in slots.iter().enumerate().take(code.len()) {
            if !functions.iter().any(|function| function.start == at) && !random.chance(density) {
                continue;
            }
            let file = btf.string(random.pick(&["a.c", "./src/a.c", "/usr/include/b.h"]));
            let text = btf.string(random.pick(&["", "\tif (x > 3)", "x++;", "  return y;", "for (;;) {"]));
            let (line, column) = (1 + random.below(lines as usize) as u32, random.below(40) as u32);
            push(&mut line_info, [slot as u32, file, text, line << 10 | column]);
        }
    }
    KernelRecords { btf: btf.finish(Endian::NATIVE), func_info, line_info }
}

fn push<const N: usize>(bytes: &mut Vec<u8>, numbers: [u32; N]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_ne_bytes()));
}

/// What a function takes and returns: mostly what fits, sometimes what doesn't.
fn prototype(random: &mut Random, btf: &mut Builder, types: &Types, role: Role) -> TypeId {
    let mut params = Vec::new();
    let mut result = types.int;
    if role == Role::Entry {
        if random.chance(95) {
            params.push(types.context);
        }
    } else {
        let most = if random.chance(5) { 7 } else { 5 };
        for _ in 0..random.below(most) {
            params.push(match random.below(20) {
                0..=13 => random.pick(&types.numbers),
                14..=16 => types.context,
                _ => random.pick(&types.pointers),
            });
        }
        if random.chance(8) {
            result = random.pick(&[TypeId::VOID, types.context, types.pointers[0]]);
        }
    }
    let params = (0..).zip(params).map(|(number, ty)| Param { name: format!("p{number}"), ty }).collect();
    btf.add(Kind::FuncProto { result, params })
}
