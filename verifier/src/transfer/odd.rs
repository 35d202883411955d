//! Slots whose opcode is known, but with something else that isn't.

use knockwright_asm::Slot;

use crate::machine::{Destination, Explore, Machine, Next};
use crate::message::{Message, Opcode};
use crate::program::ORDERED_ACCESSES;
use crate::stop::{Checked, EINVAL, Stop, refuse};

impl<E: Explore> Machine<'_, E> {
    /// A slot whose opcode is known, but with a field that must be zero or a register that doesn't exist.
    pub(crate) fn odd_instruction(&mut self) -> Checked<Next> {
        let slot = self.subject.slots[self.insn];
        let class = slot.opcode & 7;
        let operation = slot.opcode & 0xf0;
        let from_register = slot.opcode & 8 != 0;
        let alu = matches!(class, 4 | 7);
        let jump = matches!(class, 5 | 6);
        if class == 0 {
            return self.odd_load();
        }
        if jump && !matches!(operation, 0x00 | 0x80 | 0x90 | 0xe0) {
            self.read_reg(slot.dst)?;
        }
        let misused = if alu {
            if self.is_address_space_cast(slot) {
                return refuse(EINVAL, Message::AddressSpaces {});
            }
            misused_arithmetic(slot)
        } else if jump {
            self.explorer.count_jump();
            misused_jump(slot)
        } else if class == 3 && slot.opcode & 0xe0 == 0x60 {
            (slot.imm != 0).then_some("BPF_STX")
        } else if class == 2 {
            (slot.src != 0).then_some("BPF_ST")
        } else {
            None
        };
        if operation == 0xe0 && jump {
            return self.refuse_may_goto();
        }
        if let Some(class_name) = misused {
            return refuse(EINVAL, Message::ReservedFields { class: class_name.into() });
        }
        if class == 3 {
            return self.odd_atomic();
        }
        // What is left is a register beyond R10: sources are looked at first.
        let reads_source = (alu || jump) && from_register || class == 1 || class == 3;
        let moves = alu && operation == 0xb0;
        if jump {
            self.read_reg(slot.dst)?;
            if reads_source {
                self.read_reg(slot.src)?;
            }
        } else {
            if reads_source {
                self.read_reg(slot.src)?;
            }
            if !moves && class != 1 && slot.opcode != 0x18 {
                self.read_reg(slot.dst)?;
            }
            self.write_reg(slot.dst, Destination::Later)?;
        }
        Err(Stop::unsupported(format!("opcode {:02x} in this form", slot.opcode)))
    }

    /// A move that casts between address spaces, on a kernel that knows of them.
    fn is_address_space_cast(&self, slot: Slot) -> bool {
        slot.opcode == 0xbf && slot.off == 1 && self.rules.address_spaces
    }

    /// A `may_goto` that isn't one.
    pub(crate) fn refuse_may_goto(&mut self) -> Checked<Next> {
        let slot = self.subject.slots[self.insn];
        if self.rules.may_goto_goes_nowhere {
            return refuse(EINVAL, Message::MayGotoImm { imm: slot.imm.into() });
        }
        refuse(EINVAL, Message::MayGotoOff { off: slot.off.into(), imm: slot.imm.into() })
    }

    fn odd_load(&mut self) -> Checked<Next> {
        let slot = self.subject.slots[self.insn];
        if slot.opcode == 0x18 {
            if slot.off != 0 {
                return refuse(EINVAL, Message::ReservedFields { class: "BPF_LD_IMM64".into() });
            }
            self.write_reg(slot.dst, Destination::Later)?;
            return Err(Stop::unsupported("ld_imm64 in this form"));
        }
        if !self.subject.prog_type.rules().is_some_and(|rules| rules.classic_loads) {
            return refuse(EINVAL, Message::LegacyLoad {});
        }
        let indirect = slot.opcode & 0xe0 == 0x40;
        let fits = slot.dst == 0 && slot.off == 0 && slot.opcode & 0x18 != 0x18;
        if indirect && fits && slot.src > 10 {
            // Nothing but the register is wrong.
            return self.load_from_packet(Some(slot.src));
        }
        refuse(EINVAL, Message::LegacyLoadFields {})
    }

    fn odd_atomic(&mut self) -> Checked<Next> {
        let slot = self.subject.slots[self.insn];
        if slot.opcode & 0xe0 == 0x60 {
            self.read_reg(slot.src)?;
            self.read_reg(slot.dst)?;
            return Err(Stop::unsupported("store in this form"));
        }
        let known = matches!(slot.imm, 0x00 | 0x01 | 0x40 | 0x41 | 0x50 | 0x51 | 0xa0 | 0xa1 | 0xe1 | 0xf1);
        if known && matches!(slot.opcode & 0x18, 0x00 | 0x18) {
            self.read_reg(slot.src)?;
            self.read_reg(slot.dst)?;
            return Err(Stop::unsupported("atomic in this form"));
        }
        if known {
            return refuse(EINVAL, Message::AtomicSize {});
        }
        if matches!(slot.imm, 0x100 | 0x110) && self.rules.version >= ORDERED_ACCESSES {
            self.read_reg(slot.src)?;
            self.read_reg(slot.dst)?;
            return Err(Stop::unsupported("atomic in this form"));
        }
        refuse(EINVAL, Message::AtomicOpcode { opcode: Opcode(slot.imm as u32) })
    }
}

/// What the kernel calls an arithmetic instruction, if a field that it doesn't have is set.
fn misused_arithmetic(slot: Slot) -> Option<&'static str> {
    let (class, from_register) = (slot.opcode & 7, slot.opcode & 8 != 0);
    let operation = slot.opcode & 0xf0;
    match operation {
        0x80 if from_register || slot.src != 0 || slot.off != 0 || slot.imm != 0 => Some("BPF_NEG"),
        0xd0 if slot.src != 0
            || slot.off != 0
            || !matches!(slot.imm, 16 | 32 | 64)
            || (class == 7 && from_register) =>
        {
            Some("BPF_END")
        }
        0xb0 if from_register => {
            let offsets: &[i16] = if class == 7 { &[0, 8, 16, 32] } else { &[0, 8, 16] };
            (slot.imm != 0 || !offsets.contains(&slot.off)).then_some("BPF_MOV")
        }
        0xb0 => (slot.src != 0 || slot.off != 0).then_some("BPF_MOV"),
        0x80 | 0xd0 => None,
        _ => {
            let divides = matches!(operation, 0x30 | 0x90);
            let unused = if from_register { slot.imm != 0 } else { slot.src != 0 };
            let bad_offset = !matches!(slot.off, 0 | 1) || (slot.off == 1 && !divides);
            (unused || bad_offset).then_some("BPF_ALU")
        }
    }
}

/// The same of a jump, a call or an exit.
fn misused_jump(slot: Slot) -> Option<&'static str> {
    let from_register = slot.opcode & 8 != 0;
    let operation = slot.opcode & 0xf0;
    match operation {
        0x80 => {
            let plain =
                slot.opcode == 0x85 && slot.src <= 2 && slot.dst == 0 && (slot.off == 0 || slot.src == 2);
            (!plain).then_some("BPF_CALL")
        }
        0x90 => Some("BPF_EXIT"),
        0x00 => Some("BPF_JA"),
        0xe0 => None,
        _ if from_register => (slot.imm != 0).then_some("BPF_JMP/JMP32"),
        _ => (slot.src != 0).then_some("BPF_JMP/JMP32"),
    }
}
