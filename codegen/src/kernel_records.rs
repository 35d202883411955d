//! A program's BTF in the form that the kernel takes directly, without an object and a loader.

use knockwright_asm::{Endian, MapDef, Program, Slot};
use knockwright_btf::{KernelRecords, MapTypes};

use crate::btf::signature::{add_entry, add_numbers};
use crate::btf::{Builder, LayoutError};
use crate::elf::lines;

/// The BTF of a program: the types of its functions, and its source lines.
///
/// Every kernel is to take it, so functions have numbers only, whatever their prototypes say, and the entry the usual context
/// of its program type.
pub fn kernel_records(program: &Program) -> KernelRecords {
    records(Builder::new(), program)
}

/// The same with the types of the program's maps, as [`MapTypes`] in their order: locks, timers and the like lie in values whose
/// types say so.
///
/// # Errors
/// [`LayoutError`] if a type is one that the kernel would refuse.
pub fn kernel_records_with_maps(
    program: &Program,
) -> Result<(KernelRecords, Vec<Option<MapTypes>>), LayoutError> {
    let mut btf = Builder::new();
    let types = program.maps.iter().map(|map| map_types(&mut btf, map)).collect::<Result<_, _>>()?;
    Ok((records(btf, program), types))
}

/// The types of a map: both or none, as kernels want it, and those of the maps in it.
fn map_types(btf: &mut Builder, map: &MapDef) -> Result<Option<MapTypes>, LayoutError> {
    let inner = map.inner.as_deref().map_or(Ok(None), |inner| map_types(btf, inner))?;
    let (Some(key), Some(value)) = (map.key.data_type(), map.value.data_type()) else {
        return Ok(inner.map(|inner| MapTypes::NONE.with_inner(Some(inner))));
    };
    Ok(Some(MapTypes::new(key.add_to(btf)?, value.add_to(btf)?).with_inner(inner)))
}

/// The records, in BTF that has something already.
fn records(mut btf: Builder, program: &Program) -> KernelRecords {
    let (mut func_info, mut line_info) = (Vec::new(), Vec::new());
    let starts = program.functions.iter().map(|function| function.start);
    let ends = starts.skip(1).chain([program.items.len()]);
    let slots = program.function_slots();
    for (index, (function, end)) in program.functions.iter().zip(ends).enumerate() {
        let slot = slots[index] as u32;
        let ty = match index {
            0 => add_entry(&mut btf, &function.name, program.prog_type),
            _ => add_numbers(&mut btf, function),
        };
        push(&mut func_info, [slot, ty.0]);
        let items = program.items.get(function.start..end).unwrap_or_default();
        for line in lines::records(&function.name, items) {
            let (file, text) = (btf.string(&line.file), btf.string(&line.text));
            push(&mut line_info, [slot + line.offset / Slot::LEN as u32, file, text, line.line_col()]);
        }
    }
    KernelRecords { btf: btf.finish(Endian::NATIVE), func_info, line_info }
}

/// Adds a record of the kernel's, which is numbers in the machine's byte order.
pub(crate) fn push<const N: usize>(bytes: &mut Vec<u8>, numbers: [u32; N]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_ne_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use knockwright_asm::{Asm, Linkage, ProgType, Reg::*, SourceLine};

    #[test]
    fn offsets_count_slots() {
        let mut a = Asm::new("p", ProgType::Xdp);
        let callee = a.function("callee", Linkage::Static, &[]);
        a.load_imm64(R1, 7);
        a.source(SourceLine { file: "p.c".into(), line: 3, column: 5, text: "callee();".into() });
        a.call_function(callee);
        a.exit();
        a.begin(callee);
        a.exit();
        let records = kernel_records(&a.finish().unwrap());
        let numbers = |bytes: &[u8]| -> Vec<u32> {
            bytes.chunks_exact(4).map(|bytes| u32::from_ne_bytes(bytes.try_into().unwrap())).collect()
        };
        let funcs = numbers(&records.func_info);
        assert_eq!((funcs[0], funcs[2]), (0, 4));
        let lines = numbers(&records.line_info);
        assert_eq!([lines[0], lines[4], lines[8]], [0, 2, 4]);
        assert_eq!(lines[7], 3 << 10 | 5);
    }
}
