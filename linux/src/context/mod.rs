//! The contexts of programs: the structs that R1 points to when a program starts, each field a row.
//!
//! One file a struct. A row says where a field is, what it holds, since which kernel it's there, and which program types
//! read and write it in which sizes: programs of several types share `struct __sk_buff`, and each may see another part.
//! Each row is a constant too, named as the field in capitals:
//!
//! ```
//! use knockwright_linux::context::{sk_buff, xdp_md};
//!
//! assert_eq!((sk_buff::MARK.name, sk_buff::MARK.offset), ("mark", 8));
//! assert_eq!(xdp_md::RX_QUEUE_INDEX.offset, 16);
//! ```
//!
//! Source: `include/uapi/linux/bpf.h` for names, offsets and sizes; `net/core/filter.c` (the functions that end in
//! `_is_valid_access`) and `drivers/media/rc/bpf-lirc.c` for accesses. `tests/contexts.rs` asks the running kernel for every
//! access to every byte.

pub mod arguments;
pub mod bpf_cgroup_dev_ctx;
pub mod bpf_nf_ctx;
pub mod bpf_perf_event_data;
pub mod bpf_raw_tracepoint_args;
pub mod bpf_sk_lookup;
pub mod bpf_sock;
pub mod bpf_sock_addr;
pub mod bpf_sock_ops;
pub mod bpf_sockopt;
pub mod bpf_sysctl;
mod field;
mod page;
pub mod pt_regs;
pub mod sk_buff;
pub mod sk_msg_md;
pub mod sk_reuseport_md;
pub mod xdp_md;

pub use field::{Access, Field, Holds, Sizes, Users, Way};
pub use page::page;

use crate::{AttachType, KernelVersion, ProgType};

/// The machine on which a program runs, as far as contexts differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Machine {
    /// x86-64.
    X86_64,
    /// 64-bit Arm.
    Arm64,
    /// 64-bit RISC-V.
    Riscv64,
}

impl Machine {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::X86_64, Self::Arm64, Self::Riscv64];

    /// The machine that this was built for, if it's one of these.
    pub const fn native() -> Option<Self> {
        if cfg!(target_arch = "x86_64") {
            Some(Self::X86_64)
        } else if cfg!(target_arch = "aarch64") {
            Some(Self::Arm64)
        } else if cfg!(target_arch = "riscv64") {
            Some(Self::Riscv64)
        } else {
            None
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86-64",
            Self::Arm64 => "arm64",
            Self::Riscv64 => "riscv64",
        }
    }
}

/// A context and its fields, each a constant and a row of the context. The constant's name is the field's in capitals.
macro_rules! context {
    (
        $(#[$meta:meta])*
        $context:ident = $head:expr => {
            $(
                $(#[$doc:meta])*
                $field:ident = $make:ident($text:literal, $offset:literal $($part:tt)*)
                    $(.$method:ident($($more:tt)*))*;
            )*
        }
    ) => {
        $(
            #[doc = concat!("`", $text, "`, at offset ", $offset, ".")]
            $(#[$doc])*
            pub const $field: $crate::context::Field =
                $make($text, $offset $($part)*)$(.$method($($more)*))*;
            const _: () = assert!($crate::context::in_capitals($text, stringify!($field)));
        )*

        $(#[$meta])*
        pub static $context: $crate::context::Context = {
            static FIELDS: &[$crate::context::Field] = &[$($field),*];
            $head.described(FIELDS)
        };
    };
}

pub(crate) use context;

/// What programs see as their context.
#[derive(Debug)]
pub struct Context {
    /// Its name in the kernel's interface, without `struct`; or what it is, if no struct has a name for it.
    pub name: &'static str,
    /// Whether the name is that of a struct.
    is_struct: bool,
    /// The kernel's own struct that it stands for, which functions of programs may name as well.
    pub kernel_name: Option<&'static str>,
    /// Its fields, by offset. `None` if they aren't described here.
    pub fields: Option<&'static [Field]>,
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut next = 0;
    while next < one.len() {
        if one[next] != other[next] {
            return false;
        }
        next += 1;
    }
    true
}

impl Context {
    /// A struct whose fields aren't described here.
    pub(crate) const fn named(name: &'static str) -> Self {
        Self { name, is_struct: true, kernel_name: None, fields: None }
    }

    /// What has no struct in the kernel's interface, by what it is.
    const fn frame(name: &'static str) -> Self {
        Self { is_struct: false, ..Self::named(name) }
    }

    /// The same, which stands for a struct of the kernel's.
    const fn standing_for(self, kernel_name: &'static str) -> Self {
        Self { kernel_name: Some(kernel_name), ..self }
    }

    const fn described(self, fields: &'static [Field]) -> Self {
        Self { fields: Some(fields), ..self }
    }

    /// The fields that start at an offset or before it, the last first.
    fn fields_until(&self, offset: i32) -> impl Iterator<Item = &'static Field> {
        let fields = self.fields.unwrap_or_default();
        let after =
            u32::try_from(offset).map_or(0, |offset| fields.partition_point(|field| field.offset <= offset));
        fields[..after].iter().rev()
    }

    /// The field that has the byte at an offset; where two share it, the later row.
    pub fn field_at(&self, offset: i32) -> Option<&'static Field> {
        self.fields_until(offset).find(|field| i64::from(offset) < field.end().into())
    }

    /// The field that holds such a thing, if there is one of it.
    pub const fn holding(&self, holds: Holds) -> Option<&'static Field> {
        let Some(fields) = self.fields else { return None };
        let mut next = 0;
        while next < fields.len() {
            if fields[next].holds as u8 == holds as u8 {
                return Some(&fields[next]);
            }
            next += 1;
        }
        None
    }

    /// The place of a field among them, by its name: for who asks when a program is compiled.
    pub const fn place_of(&self, name: &str) -> Option<usize> {
        let Some(fields) = self.fields else { return None };
        let mut next = 0;
        while next < fields.len() {
            if is_same(fields[next].name.as_bytes(), name.as_bytes()) {
                return Some(next);
            }
            next += 1;
        }
        None
    }

    /// The field that an access of a program reads or writes, whose load names no attach type; `None` if the kernel refuses
    /// it.
    pub fn allows(
        &self,
        access: Access,
        prog_type: ProgType,
        kernel: KernelVersion,
    ) -> Option<&'static Field> {
        self.allows_attached(access, prog_type, None, kernel)
    }

    /// The field that an access of a program reads or writes, whose load names an attach type or none
    /// ([`ProgType::attached_as`]); `None` if the kernel refuses it.
    pub fn allows_attached(
        &self,
        access: Access,
        prog_type: ProgType,
        attach: Option<AttachType>,
        kernel: KernelVersion,
    ) -> Option<&'static Field> {
        let here = |field: &&Field| kernel >= field.since;
        let decided = self.fields_until(access.offset).filter(here).find_map(|field| {
            // Where two fields share a place, the later one that the program has decides what begins there.
            let begins = i64::from(field.offset) == access.offset.into();
            let has = begins && field.users(access.way).contain(prog_type, attach, kernel);
            let allowed = field.allows(access, prog_type, attach, kernel);
            (has || allowed).then(|| allowed.then_some(field))
        });
        decided.flatten()
    }

    /// What a reader is told that it is: ``struct `xdp_md` ``, or what has no struct.
    pub(crate) fn title(&self) -> String {
        if self.is_struct { format!("`struct {}`", self.name) } else { self.name.to_owned() }
    }
}

/// Whether a constant has the name of a field in capitals.
const fn in_capitals(field: &str, constant: &str) -> bool {
    let (field, constant) = (field.as_bytes(), constant.as_bytes());
    let mut same = 0;
    while same < field.len() && same < constant.len() && field[same].to_ascii_uppercase() == constant[same] {
        same += 1;
    }
    same == field.len() && same == constant.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_order_and_apart() {
        for (context, _) in page::described() {
            let fields = context.fields.expect("fields");
            for pair in fields.windows(2) {
                let shared = pair[0].offset == pair[1].offset;
                assert!(shared || pair[0].end() <= pair[1].offset, "{} {}", context.name, pair[1].name);
            }
            for field in fields {
                for at in [field.offset as i32, field.end() as i32 - 1] {
                    let found = context.field_at(at).map(|found| found.offset);
                    assert_eq!(found, Some(field.offset), "{}", field.name);
                }
                assert!(field.offset % field.size == 0, "{}", field.name);
            }
            assert_eq!((context.field_at(-1), context.field_at(i32::MAX)), (None, None));
        }
    }

    #[test]
    fn accesses_are_judged_by_size_and_way() {
        let allowed = |prog_type: ProgType, offset, size, way| {
            let context = prog_type.context().expect("a context");
            let field = context.allows(Access { offset, size, way }, prog_type, KernelVersion::new(6, 18));
            field.map(|field| field.name)
        };
        assert_eq!(allowed(ProgType::Xdp, 4, 4, Way::Read), Some("data_end"));
        assert_eq!(allowed(ProgType::Xdp, 4, 4, Way::ReadSigned), None);
        assert_eq!(allowed(ProgType::Xdp, 20, 4, Way::Read), None, "only in a device map");
        assert_eq!(allowed(ProgType::SchedCls, 8, 4, Way::Write), Some("mark"));
        assert_eq!(allowed(ProgType::SchedCls, 8, 2, Way::Write), None);
        assert_eq!(allowed(ProgType::SchedCls, 10, 2, Way::Read), Some("mark"));
        assert_eq!(allowed(ProgType::SocketFilter, 76, 4, Way::Read), None);
    }
}
