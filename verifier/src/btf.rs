//! What the verifier makes of BTF: source lines, and what functions take and give.

use std::sync::Arc;

use knockwright_asm::btf::{Btf, FuncRecord, Kind, LineRecord, Linkage};
use knockwright_asm::{DataType, Endian, ProgType, Prototype, Tag, Type};

/// BTF that can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BtfError;

impl std::fmt::Display for BtfError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the BTF is damaged")
    }
}

impl std::error::Error for BtfError {}

/// Where an instruction comes from, as BTF line information says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineInfo {
    /// The first slot that it holds for.
    pub insn: usize,
    /// The source text, without indentation.
    pub text: String,
    pub file: String,
    /// Counted from 1.
    pub number: u32,
}

/// A function as BTF describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionInfo {
    /// The slot that it begins at.
    pub insn: usize,
    pub name: String,
    /// Whether it's checked by itself.
    pub global: bool,
    /// What it takes and gives.
    pub prototype: Prototype,
}

/// What BTF says of a program.
#[derive(Debug, Default)]
pub(crate) struct Described {
    /// Source lines in the order of their slots.
    pub(crate) lines: Vec<LineInfo>,
    /// Functions in the order of their slots.
    pub(crate) functions: Vec<FunctionInfo>,
}

impl Described {
    /// That the program has a function for exceptions, which isn't modelled.
    pub(crate) fn handles_exceptions(&self) -> Option<String> {
        let is_it = |tag: &Tag| tag.param.is_none() && tag.text.starts_with("exception_callback:");
        let entry = self.functions.first()?;
        entry.prototype.tags.iter().any(is_it).then(|| "a handler of exceptions".to_owned())
    }
}

/// Reads source lines and functions from BTF in the form that the kernel takes: `struct bpf_func_info` of 8 bytes and
/// `struct bpf_line_info` of 16 bytes, offsets in slots.
///
/// # Errors
/// [`BtfError`] if something points outside.
pub(crate) fn read(btf: &[u8], func_info: &[u8], line_info: &[u8]) -> Result<Described, BtfError> {
    let btf = Arc::new(Btf::parse(btf, Endian::Little).map_err(|_| BtfError)?);
    let mut found = Described::default();
    let lines = LineRecord::read_all(line_info, &btf, Endian::Little).map_err(|_| BtfError)?;
    found.lines.extend(lines.into_iter().map(|record| LineInfo {
        insn: record.offset as usize,
        text: record.text.trim_start().to_owned(),
        file: record.file,
        number: record.line,
    }));
    for record in FuncRecord::read_all(func_info, Endian::Little) {
        let (Some(Kind::Func { name, linkage, .. }), Some(prototype)) =
            (btf.get(record.ty), Prototype::of_func(&btf, record.ty))
        else {
            return Err(BtfError);
        };
        found.functions.push(FunctionInfo {
            insn: record.offset as usize,
            name: name.clone(),
            global: *linkage == Linkage::Global,
            prototype,
        });
    }
    Ok(found)
}

impl FunctionInfo {
    /// Whether it gives a number, so that it may end by itself.
    pub(crate) fn returns_number(&self) -> bool {
        is_number(&self.prototype.result)
    }

    /// Whether a parameter has a tag such as `arg:nonnull`.
    pub(crate) fn is_tagged(&self, param: usize) -> bool {
        let of_it = |tag: &&Tag| tag.param.is_some_and(|index| index as usize == param);
        self.prototype.tags.iter().filter(of_it).any(|tag| tag.text.starts_with("arg:"))
    }
}

/// Whether a type is an integer or an enum.
pub(crate) fn is_number(ty: &DataType) -> bool {
    match ty {
        DataType::Rust(ty) => matches!(ty, Type::Int(_)),
        DataType::Btf(ty) => {
            matches!(ty.resolved(), Some(Kind::Int { .. } | Kind::Enum { .. } | Kind::Enum64 { .. }))
        }
    }
}

/// Whether a type is a pointer to the context of a program type.
pub(crate) fn is_context(ty: &DataType, prog_type: ProgType) -> bool {
    let DataType::Btf(ty) = ty else {
        return false;
    };
    let Some(Kind::Ptr { to }) = ty.resolved() else {
        return false;
    };
    match ty.at(*to).resolved() {
        Some(Kind::Struct { name, .. } | Kind::Union { name, .. }) => names_context(prog_type, name),
        _ => false,
    }
}

/// Whether a struct stands for the context of a program type: the one that programs see, or the kernel's own.
fn names_context(prog_type: ProgType, name: &str) -> bool {
    let known = prog_type.context().filter(|context| context.fields.is_some());
    known.is_some_and(|context| context.name == name || context.kernel_name == Some(name))
}
