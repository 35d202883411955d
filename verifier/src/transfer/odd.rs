//! Slots whose opcode is known, but with something else that isn't.

use knockwright_asm::opcode::{self, alu, atomic, class, jmp, mode, pseudo, size};
use knockwright_asm::{Reg, Slot};

use crate::machine::{Destination, Explore, Machine, Next};
use crate::message::{Message, Opcode};
use crate::program::ORDERED_ACCESSES;
use crate::stop::{Checked, EINVAL, Stop, refuse};

impl<E: Explore> Machine<'_, E> {
    /// A slot whose opcode is known, but with a field that must be zero or a register that doesn't exist.
    pub(crate) fn odd_instruction(&mut self) -> Checked<Next> {
        let slot = self.subject.slots[self.insn];
        let class = opcode::class(slot.opcode);
        let operation = opcode::operation(slot.opcode);
        let from_register = opcode::has_source_register(slot.opcode);
        let alu = opcode::is_arithmetic(slot.opcode);
        let jump = opcode::is_of_jumps(slot.opcode);
        if class == class::LD {
            return self.odd_load();
        }
        if jump && !matches!(operation, jmp::JA | jmp::CALL | jmp::EXIT | jmp::JCOND) {
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
        } else if class == class::STX && opcode::mode(slot.opcode) == mode::MEM {
            (slot.imm != 0).then_some("BPF_STX")
        } else if class == class::ST {
            (slot.src != 0).then_some("BPF_ST")
        } else {
            None
        };
        if operation == jmp::JCOND && jump {
            return self.refuse_may_goto();
        }
        if let Some(class_name) = misused {
            return refuse(EINVAL, Message::ReservedFields { class: class_name.into() });
        }
        if class == class::STX {
            return self.odd_atomic();
        }
        // What is left is a register beyond R10: sources are looked at first.
        let reads_source = (alu || jump) && from_register || matches!(class, class::LDX | class::STX);
        let moves = alu && operation == alu::MOV;
        if jump {
            self.read_reg(slot.dst)?;
            if reads_source {
                self.read_reg(slot.src)?;
            }
        } else {
            if reads_source {
                self.read_reg(slot.src)?;
            }
            if !moves && class != class::LDX && slot.opcode != opcode::LD_IMM64 {
                self.read_reg(slot.dst)?;
            }
            self.write_reg(slot.dst, Destination::Later)?;
        }
        Err(Stop::unsupported(format!("opcode {:02x} in this form", slot.opcode)))
    }

    /// A move that casts between address spaces, on a kernel that knows of them.
    fn is_address_space_cast(&self, slot: Slot) -> bool {
        slot.opcode == opcode::MOV64_X && slot.off == 1 && self.rules.address_spaces
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
        if slot.opcode == opcode::LD_IMM64 {
            if slot.off != 0 {
                return refuse(EINVAL, Message::ReservedFields { class: "BPF_LD_IMM64".into() });
            }
            self.write_reg(slot.dst, Destination::Later)?;
            return Err(Stop::unsupported("ld_imm64 in this form"));
        }
        if !self.subject.prog_type.rules().is_some_and(|rules| rules.classic_loads) {
            return refuse(EINVAL, Message::LegacyLoad {});
        }
        let indirect = opcode::mode(slot.opcode) == mode::IND;
        let fits = slot.dst == 0 && slot.off == 0 && opcode::size(slot.opcode) != size::DW;
        if indirect && fits && slot.src > Reg::R10.number() {
            // Nothing but the register is wrong.
            return self.load_from_packet(Some(slot.src));
        }
        refuse(EINVAL, Message::LegacyLoadFields {})
    }

    fn odd_atomic(&mut self) -> Checked<Next> {
        let slot = self.subject.slots[self.insn];
        if opcode::mode(slot.opcode) == mode::MEM {
            self.read_reg(slot.src)?;
            self.read_reg(slot.dst)?;
            return Err(Stop::unsupported("store in this form"));
        }
        let known = atomic::reads_and_writes(slot.imm);
        if known && matches!(opcode::size(slot.opcode), size::W | size::DW) {
            self.read_reg(slot.src)?;
            self.read_reg(slot.dst)?;
            return Err(Stop::unsupported("atomic in this form"));
        }
        if known {
            return refuse(EINVAL, Message::AtomicSize {});
        }
        if atomic::is_ordered_access(slot.imm) && self.rules.version >= ORDERED_ACCESSES {
            self.read_reg(slot.src)?;
            self.read_reg(slot.dst)?;
            return Err(Stop::unsupported("atomic in this form"));
        }
        refuse(EINVAL, Message::AtomicOpcode { opcode: Opcode(slot.imm as u32) })
    }
}

/// What the kernel calls an arithmetic instruction, if a field that it doesn't have is set.
fn misused_arithmetic(slot: Slot) -> Option<&'static str> {
    let is_64_bits = opcode::class(slot.opcode) == class::ALU64;
    let from_register = opcode::has_source_register(slot.opcode);
    let operation = opcode::operation(slot.opcode);
    match operation {
        alu::NEG if from_register || slot.src != 0 || slot.off != 0 || slot.imm != 0 => Some("BPF_NEG"),
        alu::END
            if slot.src != 0
                || slot.off != 0
                || !matches!(slot.imm, 16 | 32 | 64)
                || (is_64_bits && from_register) =>
        {
            Some("BPF_END")
        }
        alu::MOV if from_register => {
            let offsets: &[i16] = if is_64_bits { &[0, 8, 16, 32] } else { &[0, 8, 16] };
            (slot.imm != 0 || !offsets.contains(&slot.off)).then_some("BPF_MOV")
        }
        alu::MOV => (slot.src != 0 || slot.off != 0).then_some("BPF_MOV"),
        alu::NEG | alu::END => None,
        _ => {
            let divides = matches!(operation, alu::DIV | alu::MOD);
            let unused = if from_register { slot.imm != 0 } else { slot.src != 0 };
            let bad_offset = !matches!(slot.off, 0 | 1) || (slot.off == 1 && !divides);
            (unused || bad_offset).then_some("BPF_ALU")
        }
    }
}

/// The same of a jump, a call or an exit.
fn misused_jump(slot: Slot) -> Option<&'static str> {
    let from_register = opcode::has_source_register(slot.opcode);
    match opcode::operation(slot.opcode) {
        jmp::CALL => {
            let plain = slot.opcode == opcode::CALL
                && slot.src <= pseudo::KFUNC_CALL
                && slot.dst == 0
                && (slot.off == 0 || slot.src == pseudo::KFUNC_CALL);
            (!plain).then_some("BPF_CALL")
        }
        jmp::EXIT => Some("BPF_EXIT"),
        jmp::JA => Some("BPF_JA"),
        jmp::JCOND => None,
        _ if from_register => (slot.imm != 0).then_some("BPF_JMP/JMP32"),
        _ => (slot.src != 0).then_some("BPF_JMP/JMP32"),
    }
}
