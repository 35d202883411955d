//! A program as it's put to a verifier: what is loaded, how, and by whom.

use knockwright_asm::{Endian, Item, MapDef, ProgType, Program, decode};
use knockwright_btf::{KernelRecords, MapTypes};

/// Who loads a program.
///
/// Exhaustive by design: an engine that doesn't know someone would judge as for someone else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Privilege {
    /// Root: the verifier allows to leak addresses, to read what the stack held before, and doesn't guard against
    /// speculation.
    #[default]
    Full,
    /// With CAP_BPF and CAP_NET_ADMIN, without CAP_PERFMON.
    WithoutPerfmon,
}

/// One load of a program.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// The program with its maps.
    pub program: Program,
    /// The BTF of its functions and lines, if it's to have some.
    pub btf: Option<KernelRecords>,
    /// `BPF_F_*` program flags.
    pub flags: u32,
    /// `enum bpf_attach_type`, for program types that want one at load time; none takes the usual one of the type.
    pub attach_type: Option<u32>,
    /// The types of the maps, in their order, by their numbers in the BTF; maps beyond the last have none.
    pub map_types: Vec<Option<MapTypes>>,
    /// What the program is for, by its number in the kernel's BTF: `attach_btf_id`.
    pub target: Option<u32>,
    /// Who loads it.
    pub privilege: Privilege,
    /// How much the verifier writes down: 0 nothing, 1 the path that failed, 2 every path.
    pub level: u32,
}

impl Attempt {
    /// The level of the whole log.
    pub const EVERY_PATH: u32 = 2;

    /// A load by root, without BTF and flags, with the whole log.
    pub fn new(program: Program) -> Self {
        Self {
            program,
            btf: None,
            flags: 0,
            attach_type: None,
            map_types: Vec::new(),
            target: None,
            privilege: Privilege::Full,
            level: Self::EVERY_PATH,
        }
    }

    /// A load of raw machine code: maps stand in it by index, and slots that are no instructions are kept as they are.
    ///
    /// What remains after the last whole slot is left out.
    pub fn of_code(name: &str, prog_type: ProgType, code: &[u8], endian: Endian, maps: Vec<MapDef>) -> Self {
        let mut program = Program::new(name, prog_type);
        program.license = "GPL".to_owned();
        program.items = items(code, endian);
        program.maps = maps;
        Self::new(program)
    }

    /// The same with BTF.
    #[must_use]
    pub fn with_btf(self, btf: impl Into<Option<KernelRecords>>) -> Self {
        Self { btf: btf.into(), ..self }
    }

    /// The same with program flags.
    #[must_use]
    pub fn with_flags(self, flags: u32) -> Self {
        Self { flags, ..self }
    }

    /// The same for an `enum bpf_attach_type`.
    #[must_use]
    pub fn attached_as(self, attach_type: u32) -> Self {
        Self { attach_type: Some(attach_type), ..self }
    }

    /// The same with types of maps.
    #[must_use]
    pub fn with_map_types(self, map_types: Vec<Option<MapTypes>>) -> Self {
        Self { map_types, ..self }
    }

    /// The same for something of the kernel's, by its number in the kernel's BTF.
    #[must_use]
    pub fn for_target(self, target: impl Into<Option<u32>>) -> Self {
        Self { target: target.into(), ..self }
    }

    /// The same by someone else.
    #[must_use]
    pub fn by(self, privilege: Privilege) -> Self {
        Self { privilege, ..self }
    }

    /// The same with another log.
    #[must_use]
    pub fn at_level(self, level: u32) -> Self {
        Self { level, ..self }
    }

    /// The machine code, 8 bytes a slot.
    pub fn code(&self, endian: Endian) -> Vec<u8> {
        self.program.bytes(endian)
    }

    /// Replaces the machine code, whose instructions then have no places and source lines.
    pub fn set_code(&mut self, code: &[u8], endian: Endian) {
        self.program.items = items(code, endian);
    }
}

/// Machine code as a program's items, up to its last whole slot.
fn items(code: &[u8], endian: Endian) -> Vec<Item> {
    let whole = code.len() / 8 * 8;
    // Every slot is an instruction or stays as it is, so that nothing can be wrong with whole slots.
    let code = decode(&code[..whole], endian).unwrap_or_default();
    code.into_iter().map(Item::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_code_stays_what_it_is() {
        // An instruction, the first half of a `ld_imm64` in front of one, a slot with registers that don't exist, and
        // four bytes too many.
        let code =
            hex::decode("b700000002000000180100000700000095000000000000009fff12345678ffff01020304").unwrap();
        let attempt = Attempt::of_code("t", ProgType::Xdp, &code, Endian::Little, Vec::new());
        assert_eq!(attempt.code(Endian::Little), code[..32]);
        let mut other = Attempt::of_code("t", ProgType::Xdp, &[], Endian::Little, Vec::new());
        other.set_code(&code, Endian::Little);
        assert_eq!(other, attempt);
    }
}
