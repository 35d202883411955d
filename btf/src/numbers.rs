//! The integers, arrays and names of C that every object is made of.

use crate::builder::Builder;
use crate::kind::{IntEncoding, Kind, TypeId};

/// What C calls the integers that `linux/types.h` names.
const TYPEDEFS: &[(&str, &str, u32, IntEncoding)] = &[
    ("__u8", "unsigned char", 1, UNSIGNED),
    ("__u16", "unsigned short", 2, UNSIGNED),
    ("__u32", "unsigned int", 4, UNSIGNED),
    ("__u64", "unsigned long long", 8, UNSIGNED),
    ("__s8", "signed char", 1, SIGNED),
    ("__s16", "short", 2, SIGNED),
    ("__s32", "int", 4, SIGNED),
    ("__s64", "long long", 8, SIGNED),
];
const UNSIGNED: IntEncoding = IntEncoding::UNSIGNED;
const SIGNED: IntEncoding = IntEncoding::SIGNED;

/// What C calls such an integer, if a name of `linux/types.h` means it.
fn c_name(name: &str, size: u32, encoding: IntEncoding) -> Option<&'static str> {
    let row = TYPEDEFS.iter().find(|&&(typedef, _, s, e)| (typedef, s, e) == (name, size, encoding));
    row.map(|&(_, c_name, _, _)| c_name)
}

/// Whether a name is a C identifier that the kernel takes as the name of a function, variable, struct or member.
///
/// Source: what `kernel/bpf/btf.c` accepts; up to Linux 6.x a name has at most 127 bytes (`KSYM_NAME_LEN`).
pub fn is_identifier(name: &str) -> bool {
    /// With the NUL at its end.
    const KSYM_NAME_LEN: usize = 128;
    name.len() < KSYM_NAME_LEN
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Builder {
    /// An integer by its name of `linux/types.h`, a typedef as clang writes it; another name stays as it is. `size` is in
    /// bytes.
    pub fn add_kernel_int(&mut self, name: &str, size: u32, encoding: IntEncoding) -> TypeId {
        let c_name = c_name(name, size, encoding);
        let int = self.add_int(c_name.unwrap_or(name), size, encoding);
        match c_name {
            Some(_) => self.add(Kind::Typedef { name: name.to_owned(), to: int }),
            None => int,
        }
    }

    /// An integer type of C, all of whose bits count; `size` is in bytes.
    pub fn add_int(&mut self, name: &str, size: u32, encoding: IntEncoding) -> TypeId {
        self.add(Kind::Int { name: name.to_owned(), size, encoding, bit_offset: 0, bits: size as u8 * 8 })
    }

    /// An array; its index has the type that clang gives it.
    pub fn add_array(&mut self, element: TypeId, len: u32) -> TypeId {
        let index = self.add_int("__ARRAY_SIZE_TYPE__", 4, UNSIGNED);
        self.add(Kind::Array { element, index, len })
    }
}
