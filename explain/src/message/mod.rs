//! The verifier's messages: one table of templates from Linux 5.10 to 7.3, and what each is about.

pub(crate) mod template;

use knockwright_asm::Reg;

pub use template::Holes;

/// One message of the verifier, recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// What it says.
    pub kind: Kind,
    /// The values in it.
    pub holes: Holes<'a>,
}

impl<'a> Message<'a> {
    /// Recognises a message; none if no kernel known here prints it.
    pub fn read(text: &'a str) -> Option<Self> {
        TEMPLATES.iter().find_map(|(template, kind)| {
            Some(Self { kind: *kind, holes: template::matches(template, text)? })
        })
    }

    /// The register that the message names.
    pub fn register(&self) -> Option<Reg> {
        self.holes.number("reg").and_then(|number| Reg::from_number(u8::try_from(number).ok()?))
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $($template:literal)|+;)*) => {
        /// What a message of the verifier says, whatever the kernel's words for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];
        }

        /// The templates in the order in which they're tried: special ones stand before general ones.
        static TEMPLATES: &[(&str, Kind)] = &[$($(($template, Kind::$kind),)+)*];
    };
}

kinds! {
    /// A register is read that this path hasn't written.
    NotReadable: "R{reg} !read_ok";
    /// Memory is accessed through a register that is no pointer to memory.
    MemAccess: "R{reg} invalid mem access '{type}'";
    /// Arithmetic on a pointer that may be NULL.
    OrNullArithmetic: "R{reg} pointer arithmetic on {type} prohibited, null-check it first";
    /// Arithmetic on a pointer of a kind that allows none.
    TypeArithmetic: "R{reg} pointer arithmetic on {type} prohibited";
    /// A helper's argument has the wrong type.
    ArgumentType: "R{reg} type={type} expected={expected}";
    /// An access beyond a map value: the numbers.
    ValueAccess: "invalid access to map value, value_size={value_size#} off={off#} size={size#}";
    /// An access beyond a map key: the numbers.
    KeyAccess: "invalid access to map key, key_size={key_size#} off={off#} size={size#}";
    /// An access beyond a packet's proven range: the numbers.
    PacketAccess: "invalid access to packet, off={off#} size={size#}, R{reg}(id={id#},off={base#},r={range#})"
        | "invalid access to packet, off={off#} size={size#}, R{reg}(id={id#},r={range#})"
        | "invalid access to packet, off={off#} size={size#}, R{reg}{rest}";
    /// An access beyond memory of known size: the numbers.
    MemoryAccess: "invalid access to memory, mem_size={mem_size#} off={off#} size={size#}";
    /// The lowest offset lies outside.
    MinOutside: "R{reg} min value is outside of the allowed memory range";
    /// The highest offset lies outside.
    MaxOutside: "R{reg} max value is outside of the allowed memory range";
    /// The offset may be negative.
    MinNegative: "R{reg} min value is negative, either use unsigned index or do a if (index >=0) check.";
    /// The offset has no upper bound.
    UnboundedAccess: "R{reg} unbounded memory access, make sure to bounds check any such access";
    /// A packet access that no comparison covers.
    OutsidePacket: "R{reg} offset is outside of the packet";
    /// A number without lower bound is added to a pointer.
    UnboundedMath: "math between {type} pointer and register with unbounded min value is not allowed";
    /// A constant that is too large for any pointer is added.
    MathConstant: "math between {type} pointer and {value#} is not allowed";
    /// A number that may be far out of bounds is added.
    ValueOutOfBounds: "value {value#} makes {type} pointer be out of bounds";
    /// A pointer that is already too far off gets a number added.
    PointerOffset: "{type} pointer offset {value#} is not allowed";
    /// The map's flags forbid to read.
    MapReadForbidden: "read from map forbidden, {rest}" | "read from map forbidden";
    /// The map's flags forbid to write.
    MapWriteForbidden: "write into map forbidden, {rest}" | "write into map forbidden";
    /// A store outside of the stack.
    StackWrite: "invalid write to stack R{reg} off={off#} size={size#}";
    /// A load outside of the stack, or of bytes never written.
    StackRead: "invalid read from stack R{reg} off={off#} size={size#}"
        | "invalid read from stack R{reg} off {off#}+{at#} size {size#}"
        | "invalid read from stack off {off#}+{at#} size {size#}"
        | "invalid stack off={off#} size={size#}"
        | "invalid read from stack R{reg} var_off {var_off}+{at#} size {size#}";
    /// A helper would read or write outside of the stack, or read bytes never written.
    HelperStack: "invalid indirect access to stack R{reg} off={off#} size={size#}"
        | "invalid indirect read from stack R{reg} off {off#}+{at#} size {size#}"
        | "invalid indirect read from stack off {off#}+{at#} size {size#}"
        | "invalid indirect read from stack R{reg} var_off {var_off}+{at#} size {size#}"
        | "invalid stack type R{reg} off={off#} access_size={size#}";
    /// The stack is accessed at an offset that varies too much.
    StackVariable: "invalid variable-offset write to stack R{reg} var_off={rest}"
        | "invalid variable-offset read from stack R{reg} var_off={rest}"
        | "invalid variable-offset indirect access to stack R{reg} var_off={rest}"
        | "invalid unbounded variable-offset write to stack R{reg}"
        | "invalid unbounded variable-offset read from stack R{reg}"
        | "invalid unbounded variable-offset indirect access to stack R{reg}"
        | "variable stack access var_off={rest}"
        | "R{reg} variable stack access prohibited for !root, var_off={rest}"
        | "R{reg} unbounded indirect variable offset stack access";
    /// An access to the stack that isn't aligned.
    StackAlignment: "misaligned stack access off {rest}";
    /// An access to the packet that isn't aligned.
    PacketAlignment: "misaligned packet access off {rest}";
    /// An access to a map value that isn't aligned.
    ValueAlignment: "misaligned value access off {rest}";
    /// An access elsewhere that isn't aligned.
    Alignment: "misaligned {what} access off {rest}" | "misaligned access off {rest}";
    /// A part of a spilled pointer is read.
    PartialFill: "invalid size of register fill" | "corrupted spill memory";
    /// A pointer is spilled in part.
    PartialSpill: "invalid size of register spill";
    /// A spilled pointer is overwritten.
    SpillCorrupted: "attempt to corrupt spilled pointer on stack";
    /// Functions that call each other need too much stack.
    CombinedStack: "combined stack size of {calls#} calls is {size#}. Too large";
    /// Too many frames.
    CallDepth: "the call stack of {frames#} frames is too deep{rest}";
    /// A function returns an address in its own stack.
    ReturnedStack: "cannot return stack pointer to the caller";
    /// A context field that isn't there.
    ContextAccess: "invalid bpf_context access off={off#} size={size#}";
    /// A context pointer was moved.
    ContextModified: "dereference of modified {type} ptr R{reg} off={off#} disallowed"
        | "negative offset {type} ptr R{reg} off={off#} disallowed"
        | "variable {type} access var_off={var_off} disallowed";
    /// An operator that makes no sense on pointers.
    PointerOperator: "R{reg} pointer arithmetic with {operator} operator prohibited"
        | "R{reg} bitwise operator {operator} on pointer prohibited"
        | "R{reg} 32-bit pointer arithmetic prohibited"
        | "R{reg} partial copy of pointer"
        | "R{reg} sign-extension part of pointer";
    /// Two pointers are added.
    PointerPlusPointer: "R{reg} pointer += pointer prohibited";
    /// Two pointers are subtracted where that isn't allowed.
    PointerMinusPointer: "R{reg} pointer -= pointer prohibited" | "R{reg} subtraction from stack pointer prohibited";
    /// A pointer is subtracted from a number.
    ScalarMinusPointer: "R{reg} tried to subtract pointer from scalar";
    /// r10 is written.
    FramePointer: "frame pointer is read only";
    /// A load or store that is reached with pointers of different kinds.
    DifferentPointers: "same insn cannot be used with different pointers";
    /// An address is compared, without the privilege.
    PointerComparison: "R{reg} pointer comparison prohibited";
    /// Arithmetic that speculation could take out of bounds, without the privilege.
    Speculation: "R{reg} has pointer with unsupported alu operation, pointer arithmetic with it prohibited for !root"
        | "R{reg} has unknown scalar with mixed signed bounds, pointer arithmetic with it prohibited for !root"
        | "R{reg} tried to {operator} from different maps, paths or scalars, pointer arithmetic with it prohibited for !root"
        | "R{reg} pointer arithmetic of map value goes out of range, prohibited for !root"
        | "R{reg} stack pointer arithmetic goes out of range, prohibited for !root"
        | "R{reg} could not be pushed for speculative verification, pointer arithmetic with it prohibited for !root";
    /// The helper doesn't work with maps of this type.
    MapType: "cannot pass map_type {map_type#} into func {helper}" | "invalid zero-sized read";
    /// A size may be negative.
    NegativeSize: "R{reg} min value is negative, either use unsigned or 'var &= const'";
    /// A size may be zero.
    ZeroSize: "R{reg} invalid zero-sized read: u64=[{low#},{high#}]" | "R{reg} invalid zero-sized read";
    /// A size has no upper bound.
    UnboundedSize: "R{reg} unbounded memory access, use 'var &= const' or 'if (var < const)'";
    /// An argument must be a constant.
    NotConstant: "R{reg} is not a known constant'" | "R{reg} is not a known constant" | "R{reg} is not a const"
        | "R{reg} unbounded size, use 'var &= const' or 'if (var < const)'";
    /// No kernel, or not this one, has the helper.
    UnknownHelper: "invalid func unknown#{number#}" | "invalid func {helper}#{number#}";
    /// The helper isn't for this type of program.
    HelperNotForType: "program of this type cannot use helper {helper}" | "unknown func {helper}";
    /// The kernel's struct of a map is written.
    MapStructWrite: "only read from {type} is supported";
    /// A field of the kernel's struct of a map is read that isn't one.
    MapStructAccess: "cannot access {type} with offset {off#}{rest}" | "bpf_map ptr isn't fully accessible{rest}"
        | "map_ptr access not supported without CONFIG_DEBUG_INFO_BTF" | "map_ptr access not supported for map type {map_type#}";
    /// The kernel's struct of a map is read without the privilege.
    MapStructRead: "{type} access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN";
    /// A helper for programs with a GPL-compatible licence.
    GplOnly: "cannot call GPL-restricted function from non-GPL compatible program"
        | "cannot call GPL-restricted function from a proprietary program";
    /// A map with a spin lock has no BTF.
    SpinLockBtf: "map '{map}' has to have BTF in order to use bpf_spin_lock" | "map '{map}' has no valid bpf_spin_lock"
        | "map '{map}' has to have BTF in order to use {field}";
    /// A rule of locks is broken.
    Lock: "bpf_spin_unlock is missing" | "function calls are not allowed while holding a lock"
        | "bpf_spin_lock is already taken" | "bpf_spin_unlock without taking a lock"
        | "bpf_spin_unlock of different lock"
        | "{what} cannot be inside bpf_spin_lock-ed region"
        | "Locking two bpf_spin_locks are not allowed" | "off {off#} doesn't point to 'struct bpf_spin_lock' that is at {at#}"
        | "{what} cannot be mixed with bpf_spin_lock{rest}";
    /// A tail call without a program array.
    TailCallMap: "expected prog array map for tail call" | "kernel subsystem misconfigured verifier";
    /// A callback in a program without BTF of its functions.
    NoFuncInfo: "missing btf func_info" | "number of funcs in func_info doesn't match number of subprogs"
        | "callback function not static";
    /// Something acquired isn't given back.
    ReferenceLeak: "Unreleased reference id={id#} alloc_insn={insn#}" | "Unreleased reference id={id#}, alloc_insn={insn#}"
        | "{what} would lead to reference leak";
    /// Something is released that isn't held.
    NotAcquired: "R{reg} must be referenced when passed to release function"
        | "release helper {helper} expects referenced PTR_TO_BTF_ID passed to R{reg}"
        | "reference has not been acquired before" | "arg {arg#} is an unacquired reference";
    /// Packets can't be written here.
    PacketWrite: "cannot write into packet" | "the prog does not allow writes to packet data"
        | "R{reg} cannot write into {type}" | "helper access to the packet is not allowed";
    /// An address would be stored in a map, in a packet or in the context.
    AddressLeak: "R{reg} leaks addr into {where}";
    /// An address would be returned.
    AddressReturned: "R{reg} leaks addr as return value";
    /// The program's result is out of its range.
    ResultRange: "At program exit the register R{reg} has {value} should have been in {range}"
        | "At program exit the register R{reg} {rest}";
    /// A callback's result is out of its range.
    CallbackResult: "At callback return the register R{reg} has {value} should have been in {range}"
        | "At async callback the register R{reg} {rest}" | "At callback return the register R{reg} {rest}";
    /// Classic packet loads aren't for this program type.
    LegacyLoad: "BPF_LD_[ABS|IND] instructions not allowed for this program type" | "BPF_LD_[ABS|IND] {rest}";
    /// No path leads there.
    Unreachable: "unreachable insn {insn#}";
    /// A jump leads out of the program or into another function.
    JumpOutOfRange: "jump out of range from insn {from#} to {to#}";
    /// A jump into the second half of a 64-bit load.
    JumpIntoLoad: "jump into the middle of ldimm64 insn {insn#}" | "invalid BPF_LD_IMM insn";
    /// The code doesn't end.
    FallsOff: "last insn is not an exit or jmp" | "invalid subprog{rest}";
    /// A loop, on kernels or for users without them.
    BackEdge: "back-edge from insn {from#} to {to#}";
    /// A loop without progress.
    InfiniteLoop: "infinite loop detected at insn {insn#}";
    /// A call leads nowhere.
    CallTarget: "call to invalid destination";
    /// A function calls itself.
    Recursion: "recursive call from {from} to {to}";
    /// No such instruction.
    UnknownOpcode: "unknown opcode {opcode}" | "unknown insn class {rest}" | "invalid BPF_LD mode";
    /// No such register.
    InvalidRegister: "R{reg} is invalid";
    /// A division by the constant zero.
    DivisionByZero: "div by zero";
    /// A shift by too much.
    ShiftCount: "invalid shift {shift#}";
    /// Half of a 64-bit load.
    IncompleteLoad: "invalid bpf_ld_imm64 insn" | "unrecognized bpf_ld_imm64 insn";
    /// No such atomic operation.
    AtomicOpcode: "BPF_ATOMIC uses invalid atomic opcode {opcode}" | "BPF_XADD uses reserved fields";
    /// A field that must be zero isn't.
    ReservedFields: "{class} uses reserved fields" | "{class} uses reserved fields {rest}";
    /// No such atomic operand.
    AtomicSize: "invalid atomic operand size";
    /// Atomics can't work on this memory.
    AtomicTarget: "BPF_ATOMIC stores into R{reg} {type} is not allowed" | "BPF_XADD stores into R{reg} {type} is not allowed"
        | "BPF_ATOMIC loads from R{reg} {type} is not allowed";
    /// No map behind a descriptor.
    MapDescriptor: "fd {fd#} is not pointing to valid bpf_map" | "no direct value access support for this map type"
        | "direct value offset of {off#} is not allowed"
        | "invalid access to map value pointer, value_size={value_size#} off={off#}" | "invalid map_idx {rest}";
    /// No such kernel function, or not for this program.
    UnknownKfunc: "kernel btf_id {btf_id#} is not a function" | "calling kernel function {name} is not allowed"
        | "calling invalid kernel function {rest}" | "invalid kernel function call not eliminated in verifier pass"
        | "failed to find kernel BTF type ID {rest}" | "JIT does not support calling kernel function";
    /// A global function doesn't take these arguments.
    CallerArguments: "Caller passes invalid args into func#{func#}{rest}";
    /// The verifier gave up.
    TooManyInstructions: "BPF program is too large. Processed {processed#} insn";
    /// Too many branches wait.
    TooManyJumps: "The sequence of {jumps#} jumps is too complex.";
    /// More instructions or functions than a program may have.
    TooLarge: "too many subprograms" | "too many subprogs" | "The sequence of {rest}" | "insn {insn#} cannot be patched due to 16-bit range";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_matches_itself_filled_in() {
        for (template, kind) in TEMPLATES {
            let mut text = String::new();
            let mut rest = *template;
            while let Some((literal, after)) = rest.split_once('{') {
                let (name, after) = after.split_once('}').unwrap();
                text.push_str(literal);
                text.push_str(match name {
                    "reg" => "7",
                    number if number.ends_with('#') => "12",
                    _ => "x",
                });
                rest = after;
            }
            text.push_str(rest);
            let found = Message::read(&text).unwrap_or_else(|| panic!("{template}: `{text}`"));
            assert_eq!(found.kind, *kind, "`{text}` is taken for another kind: put `{template}` before it");
        }
    }

    #[test]
    fn registers_and_numbers() {
        let message = Message::read("invalid access to packet, off=14 size=1, R2(id=0,off=14,r=14)").unwrap();
        assert_eq!((message.kind, message.register()), (Kind::PacketAccess, Some(Reg::R2)));
        assert_eq!(message.holes.number("range"), Some(14));
        assert_eq!(Message::read("R11 is invalid").unwrap().register(), None);
        assert_eq!(Message::read("something new"), None);
    }
}
