//! The form of the code: what is refused before or without looking at values.

macro_rules! code {
    ($($then:tt)*) => { gather! { $($then)* {
        /// No path leads there.
        Unreachable("unreachable-instruction") { insn: number } [ .. => "unreachable insn {insn}" ]
        /// A jump leads out of the program or into another function.
        JumpOutOfRange("jump-out-of-range") { from: number, to: number } [
            .. => "jump out of range from insn {from} to {to}"
        ]
        /// A jump into the second half of a 64-bit load.
        JumpIntoLoad("jump-out-of-range") { insn: number } [
            ..=5.10 => "invalid BPF_LD_IMM insn",
            6.1.. => "jump into the middle of ldimm64 insn {insn}"
        ]
        /// The code doesn't end.
        FallsOff("falls-off-the-end") {} [
            .. => "last insn is not an exit or jmp",
            read => "invalid subprog{rest}"
        ]
        /// A loop, on kernels or for users without them.
        BackEdge("infinite-loop") { from: number, to: number } [ read => "back-edge from insn {from} to {to}" ]
        /// A loop without progress.
        InfiniteLoop("infinite-loop") { insn: number } [ .. => "infinite loop detected at insn {insn}" ]
        /// A call leads nowhere.
        CallTarget("call-target") {} [ .. => "call to invalid destination" ]
        /// A function calls itself.
        Recursion("recursion") { from: text, to: text } [ read => "recursive call from {from} to {to}" ]
        /// No such instruction.
        UnknownOpcode("unknown-opcode") { opcode: opcode } [
            .. => "unknown opcode {opcode}",
            read => "unknown insn class {rest}",
            read => "invalid BPF_LD mode"
        ]
        /// A field that must be zero isn't.
        ReservedFields("reserved-field") { class: text } [
            .. => "{class} uses reserved fields",
            read => "{class} uses reserved fields {rest}"
        ]
        /// A division by the constant zero.
        DivisionByZero("division-by-zero") {} [ .. => "div by zero" ]
        /// A shift by too much.
        ShiftCount("shift-count") { shift: number } [ .. => "invalid shift {shift}" ]
        /// Half of a 64-bit load.
        IncompleteLoad("incomplete-ld-imm64") {} [ .. => "invalid bpf_ld_imm64 insn" ]
        /// A 64-bit load of a kind that there isn't.
        UnknownLoad("incomplete-ld-imm64") {} [ .. => "unrecognized bpf_ld_imm64 insn" ]
        /// No such atomic operation.
        AtomicOpcode("atomic-encoding") { opcode: opcode } [
            .. => "BPF_ATOMIC uses invalid atomic opcode {opcode}",
            read => "BPF_XADD uses reserved fields"
        ]
        /// No such atomic operand.
        AtomicSize("atomic-encoding") {} [ .. => "invalid atomic operand size" ]
        /// A cast between address spaces that there aren't.
        AddressSpaces("arena") {} [ .. => "addr_space_cast insn can only convert between address space 1 and 0" ]
        /// A cast between address spaces in a program without an arena.
        AddressSpaceWithoutArena("arena") {} [
            .. => "addr_space_cast insn can only be used in a program that has an associated arena"
        ]
        /// A `may_goto` with an immediate, since it may lead to the next instruction.
        MayGotoImm("reserved-field") { imm: number } [ .. => "invalid may_goto imm {imm}" ]
        /// A `may_goto` with an immediate or no distance.
        MayGotoOff("reserved-field") { off: number, imm: number } [ .. => "invalid may_goto off {off} imm {imm}" ]
        /// Classic packet loads aren't for this program type.
        LegacyLoad("legacy-packet-load") {} [
            .. => "BPF_LD_[ABS|IND] instructions not allowed for this program type",
            read => "BPF_LD_[ABS|IND] {rest}"
        ]
        /// A classic packet load with a field that must be zero.
        LegacyLoadFields("legacy-packet-load") {} [ .. => "BPF_LD_[ABS|IND] uses reserved fields" ]
        /// A classic packet load in a callback.
        LegacyLoadInCallback("legacy-packet-load") {} [ .. => "cannot use BPF_LD_[ABS|IND] within callback" ]
        /// A classic packet load without the context in r6.
        LegacyLoadContext("legacy-packet-load") {} [
            .. => "at the time of BPF_LD_ABS|IND R6 != pointer to skb"
        ]
        /// No map behind a descriptor.
        MapDescriptor("map-descriptor") { fd: number } [
            .. => "fd {fd} is not pointing to valid bpf_map",
            read => "invalid map_idx {rest}"
        ]
        /// Values of the map's kind have no address before the program runs.
        NoDirectValue("map-descriptor") {} [ .. => "no direct value access support for this map type" ]
        /// An offset that no value reaches.
        DirectOffset("map-descriptor") { off: number } [ .. => "direct value offset of {off} is not allowed" ]
        /// An offset that the map's value doesn't reach.
        DirectValue("map-descriptor") { value_size: number, off: number } [
            .. => "invalid access to map value pointer, value_size={value_size} off={off}"
        ]
    } } };
}
