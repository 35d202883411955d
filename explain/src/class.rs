//! The classes of the catalogue: what went wrong, why the verifier cares, and what repairs it.

use std::fmt;

use knockwright_verifier::message::ClassId;

/// Who has to change for the program to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The program.
    Program,
    /// The kernel: another version, or another program type, takes the program.
    Kernel,
    /// Whoever loads it: with more privilege the program passes.
    Privilege,
    /// A limit of the verifier: the program may be right, but is too much.
    Limit,
    /// Nobody: the program was accepted.
    Nobody,
    /// The log doesn't say.
    Unknown,
}

impl Blame {
    /// The blame in words, as an end of "this is …".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Program => "a fault of the program",
            Self::Kernel => "not supported by this kernel or for this program type",
            Self::Privilege => "not permitted to who loads it",
            Self::Limit => "beyond a limit of the verifier",
            Self::Nobody => "no fault",
            Self::Unknown => "not known here",
        }
    }
}

macro_rules! classes {
    ($($class:ident $slug:literal $blame:ident $title:literal $why:literal $fix:literal;)*) => {
        /// A class of rejections, named as the catalogue of cases names it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)] // the titles say it
        pub enum Class {
            $($class,)*
        }

        impl Class {
            /// Every class, in the order of its slug; the last three are no classes of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$class,)*];

            /// The name that cases, lessons and diagnoses go by.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$class => $slug,)* }
            }

            /// What the class is, in one line.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$class => $title,)* }
            }

            /// Why the verifier says no, in general.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$class => $why,)* }
            }

            /// What repairs it, in general.
            pub const fn fix(self) -> &'static str {
                match self { $(Self::$class => $fix,)* }
            }

            /// Who has to change, unless the message knows better.
            pub const fn blame(self) -> Blame {
                match self { $(Self::$class => Blame::$blame,)* }
            }
        }
    };
}

impl Class {
    /// The class of a name.
    pub fn of(id: ClassId) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.slug() == id.slug())
    }

    /// Whether a pointer that may be NULL is used.
    pub(crate) const fn is_or_null(self) -> bool {
        matches!(
            self,
            Self::MapValueOrNull
                | Self::RingbufOrNull
                | Self::ArrayConstantKey
                | Self::OrNullArgument
                | Self::OrNullArithmetic
                | Self::SharedNullCheck
        )
    }

    /// Whether packet bytes are accessed that no comparison with data_end proves.
    pub(crate) const fn is_unproven_packet(self) -> bool {
        matches!(
            self,
            Self::PacketUnchecked
                | Self::PacketCheckTooShort
                | Self::PacketCheckReversed
                | Self::PacketCheckBeforeOffset
                | Self::PacketLengthCheck
                | Self::HelperPacketArgument
        )
    }

    /// Whether a size argument is wrong.
    pub(crate) const fn is_size(self) -> bool {
        matches!(self, Self::UnboundedSize | Self::NegativeSize | Self::ZeroSize)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

classes! {
    ArgumentType "argument-type" Program
        "an argument of a helper has the wrong type"
        "Each helper states which kinds of pointers and numbers it takes in r1 to r5, and the verifier compares the kind in the register with that list."
        "Pass what the helper's documentation names: a map as the first argument, memory of the stack, of a map value or of a checked packet for data.";
    ArrayConstantKey "array-constant-key" Program
        "a lookup in an array with a constant key in range needs no NULL check"
        "From Linux 6.15 on, a lookup in an array with a constant key that is in range can't fail, if the key was written with just the key's width. Older kernels, and other ways of writing the key, leave the result nullable."
        "Check the result for NULL, which every kernel takes, or write the key as one 4-byte constant and require a newer kernel.";
    AtomicEncoding "atomic-encoding" Program
        "an atomic operation or size that does not exist"
        "The immediate of an atomic instruction names the operation, its opcode the size: 4 or 8 bytes. Other values are no instruction."
        "Use add, or, and, xor, xchg or cmpxchg, on 4 or 8 bytes; before Linux 5.12 only add without fetch.";
    AtomicMisaligned "atomic-misaligned" Program
        "an atomic operation that is not aligned"
        "Atomic operations must be aligned to their size on every machine, even where ordinary loads needn't be."
        "Use a member whose offset is a multiple of its size.";
    AtomicTarget "atomic-target" Program
        "an atomic operation on memory that does not allow it"
        "Atomic operations work on map values, the stack and other memory of the program, not on packets or the context."
        "Load, change and store the value, or keep the counter in a map.";
    BoundedLoop "bounded-loop" Program
        "loops that end"
        "The verifier walks a loop round by round until it ends. Kernels before 5.3, or the instruction `may_goto` before 6.9, don't allow it."
        "Unroll the loop, or require a kernel that walks loops.";
    CallDepth "call-depth" Limit
        "too many calls inside each other"
        "The verifier follows at most eight frames (sixteen from Linux 7.2 on), and every frame has its own stack."
        "Merge functions, or continue in another program by a tail call.";
    CallTarget "call-target" Program
        "a call leads to no function"
        "A call between functions of a program must lead to an instruction of the program."
        "Correct the distance of the call; an assembler with labels does it for you.";
    CallbackResult "callback-result" Program
        "a callback returns what its caller does not take"
        "`bpf_loop` and `bpf_for_each_map_elem` take 0 (go on) or 1 (stop) from their callback, and the verifier has to see that r0 is one of them at its exit."
        "Set r0 to 0 or 1 before the callback's exit.";
    CallbackWithoutFuncInfo "callback-without-func-info" Program
        "a callback in a program without BTF"
        "A callback is checked against its type, which only BTF function records have."
        "Load the program with BTF: compile with -g, or write the object with function records.";
    CalleeSavedLost "callee-saved-lost" Program
        "a called function does not see its caller's registers"
        "Each function of the program starts with r1 to r5 as its arguments and nothing else: r6 to r9 of the caller are kept for the caller, not given to the callee."
        "Pass the value as an argument.";
    CombinedStack "combined-stack" Limit
        "functions that call each other need too much stack together"
        "The stack of a call chain is at most 512 bytes: the frames of all functions in it are added, each rounded up."
        "Use less stack, move data to a per-CPU array, or merge functions that don't need their frames at the same time.";
    ContextAccess "context-access" Program
        "an access to the context that its type does not have"
        "The context is no memory: each program type allows certain fields, each with its width, some to read and few to write."
        "Read a field of the program type's context with its whole width; see its struct in linux/bpf.h.";
    ContextModified "context-modified" Program
        "the context pointer was moved before the access"
        "The kernel rewrites each access to the context by its constant offset in the instruction, so the pointer itself must be the one the program got."
        "Put the offset into the load: `*(u32 *)(r1 +4)` with r1 as it was.";
    DeadBranch "dead-branch" Program
        "code behind a condition that is known"
        "What can't be reached with the values known is not walked; one step further and it is."
        "Repair what the branch does, or make the condition impossible for the verifier too.";
    DivisionByZero "division-by-zero" Program
        "a division by the constant zero"
        "A division by the constant zero is refused when the program is read; by a register that is zero at run time it gives 0."
        "Divide by something else.";
    DivisionRange "division-range" Program
        "the range of a remainder"
        "Before Linux 7.0 the verifier learns nothing from `/` and `%`: the result is any number, however small the divisor."
        "Compare the result with a constant, or use `&` with a power of two less one.";
    DoubleRelease "double-release" Program
        "something is given back twice"
        "Submitting, discarding or releasing ends the life of what was acquired: every register and slot that held it becomes a plain number."
        "Use it before it is given back, and give it back once on every path.";
    EqualityRange "equality-range" Program
        "what a comparison for equality with a variable teaches"
        "Where two numbers are equal, each has the narrower range of both; that is still a range, not a constant."
        "Bound the other number, or this one, by a constant that fits the access.";
    FallsOffTheEnd "falls-off-the-end" Program
        "the program does not end with exit or a jump"
        "Every function must end with `exit` or a jump: execution never runs into what follows."
        "End the function with `exit`.";
    FramePointerWrite "frame-pointer-write" Program
        "the frame pointer is written"
        "r10 always points to the top of the stack frame and can't be changed."
        "Copy r10 to another register and change that.";
    GplOnly "gpl-only" Program
        "a helper for programs with a GPL-compatible licence"
        "Some helpers are exported to GPL-compatible programs only; the licence string of the program decides."
        "License the program under the GPL or a compatible dual licence, or do without the helper.";
    HelperNotForType "helper-not-for-type" Kernel
        "the helper is not for programs of this type"
        "Each program type has its own list of helpers, which grows from kernel to kernel."
        "Use a helper of this program type, another program type, or a kernel that allows it.";
    HelperPacketArgument "helper-packet-argument" Program
        "a packet pointer as a helper's argument"
        "A helper that reads or writes memory may get a packet pointer, but the bytes must lie before data_end as for a load."
        "Compare pointer + size with data_end before the call.";
    HelperReadsStack "helper-reads-stack" Program
        "a helper would read stack beyond what the program owns or wrote"
        "A helper reads as many bytes as its argument says: all of them must be in the frame, and, without CAP_PERFMON, written before."
        "Write the whole area before the call, padding included, and pass its true size.";
    IncompleteLdImm64 "incomplete-ld-imm64" Program
        "the second half of a 64-bit load is missing or wrong"
        "`ld_imm64` takes two slots, and the second must be zero but for its immediate."
        "Emit both halves.";
    InfiniteLoop "infinite-loop" Program
        "a loop that makes no progress"
        "The verifier came back to an instruction with a state that it had seen before on the same path: the loop would go on for ever as far as it can tell."
        "Count towards a constant limit with a register that the loop changes, or use `bpf_loop` or `may_goto`.";
    InvalidRegister "invalid-register" Program
        "an instruction names a register that does not exist"
        "There are r0 to r10; the encoding has room for 16."
        "Use an existing register.";
    JumpBetweenFunctions "jump-between-functions" Program
        "a jump leads from one function into another"
        "Functions are entered by calls only: a jump must stay in its function."
        "Call the function, or keep the jump's target inside.";
    JumpOutOfRange "jump-out-of-range" Program
        "a jump leads out of the program"
        "A jump's target must be an instruction of the same function, and not the second half of a 64-bit load."
        "Correct the distance: it counts slots from the one after the jump.";
    LegacyPacketLoad "legacy-packet-load" Program
        "a classic packet load in a program type without it"
        "`ld_abs` and `ld_ind` come from classic BPF: only socket filters and scheduler classifiers have them, and the context must be in r6."
        "Load through the packet pointers of the context, or with bpf_skb_load_bytes.";
    LinkedScalars "linked-scalars" Kernel
        "what is learnt of a register holds for another that differs by a constant"
        "The comparison was made with a copy that differs by a constant. Before Linux 6.12 the verifier forgets that the two belong together as soon as a constant is added."
        "Compare the register that is used, after the addition.";
    LowerHalfCheck "lower-half-check" Program
        "only the lower half of an index is checked"
        "A 32-bit comparison (`w1 > 15`) says nothing about the upper 32 bits, and the access uses all 64."
        "Compare the whole register, or clear the upper half first: `w1 = w1`.";
    MapAccessFlags "map-access-flags" Program
        "the map's flags forbid the access"
        "A map made with BPF_F_RDONLY_PROG can't be written by programs, one with BPF_F_WRONLY_PROG can't be read."
        "Make the map without the flag, or use another map.";
    MapDescriptor "map-descriptor" Program
        "a map reference that is no map"
        "The loader must put the descriptor of an existing map into the instruction, and direct access to a value needs an array and an offset inside it."
        "Create the map first and let the loader relocate the instruction.";
    MapInternals "map-internals" Program
        "the kernel's struct of a map is written"
        "The address of a map is the kernel's own struct: a few of its fields may be read, none written."
        "Look up a value, and write that.";
    MapPointerArithmetic "map-pointer-arithmetic" Program
        "arithmetic on the address of a map"
        "The address of a map is only good for helpers; it isn't the address of its values."
        "Look up a value, or use a direct value reference to an array.";
    MapStructRead "map-struct-read" Privilege
        "fields of a map's own struct are read"
        "Reading the kernel's struct of a map reveals addresses, so it needs CAP_PERFMON."
        "Load with CAP_PERFMON, or look up a value instead.";
    MapType "map-type" Program
        "the helper does not work with maps of this type"
        "Each helper works with certain types of maps: bpf_ringbuf_reserve with ring buffers, bpf_redirect_map with device, CPU and socket maps, lookups with those that have keys and values."
        "Use a map of a type that the helper takes, or the helper for this type.";
    MapValueAlignment "map-value-alignment" Program
        "a map value access that is not aligned"
        "With BPF_F_STRICT_ALIGNMENT, or on machines that can't load unaligned, each access must be aligned to its size."
        "Use a member whose offset is a multiple of its size, or load byte by byte.";
    MapValueMax "map-value-max" Program
        "the largest possible offset lies behind the map value"
        "The access is only allowed if its last byte lies in the value for every number that the index can be, as far as the verifier knows."
        "Compare the index with a constant that keeps the whole access inside.";
    MapValueNegativeIndex "map-value-negative-index" Program
        "the index may be negative"
        "The smallest value that the index can have would lie before the map value."
        "Compare as unsigned, or check for >= 0 too.";
    MapValueOffset "map-value-offset" Program
        "a constant offset leads out of the map value"
        "The offset is known, and offset + size is larger than the value (or the offset is negative)."
        "Correct the offset or the size, or make the map's value larger.";
    MapValueOrNull "map-value-or-null" Program
        "a pointer that may be NULL is used as if it were not"
        "A lookup gives NULL if the key isn't there. Until the program has compared the pointer with NULL, it can't be used."
        "Check the pointer for NULL before its first use.";
    MapValueUnbounded "map-value-unbounded" Program
        "a number without any bound is added to a pointer"
        "Nothing on this path limits the number, so the sum could be anywhere."
        "Compare the number with a constant before it is added, as unsigned.";
    MemoryBounds "memory-bounds" Program
        "an access out of memory of known size"
        "The memory that a helper returned has the size that was asked for, and the access must lie in it."
        "Access only the bytes that were reserved, or reserve more.";
    NegativeSize "negative-size" Program
        "a size argument may be negative"
        "A size is unsigned for the helper, so a number that may be negative could be enormous."
        "Mask the size, or compare it as unsigned with a constant.";
    NotEqualRange "not-equal-range" Kernel
        "what != at the edge of a range teaches"
        "A number up to 16 that isn't 16 is at most 15; kernels before 6.8 don't draw that conclusion, and no kernel does in the middle of a range."
        "Compare with < or >, which every kernel learns from.";
    NullDereference "null-dereference" Program
        "a number, or a pointer known to be NULL, is dereferenced"
        "The register holds a number on this path, not a pointer: NULL after a failed check, a constant, or an address that went through memory."
        "Dereference only on the path where the pointer isn't NULL; get pointers from helpers, not from numbers.";
    OrNullArgument "or-null-argument" Program
        "a pointer that may be NULL is passed to a helper"
        "The helper wants memory, and the pointer may be NULL."
        "Check the pointer for NULL before the call.";
    OrNullArithmetic "or-null-arithmetic" Program
        "arithmetic on a pointer that may be NULL"
        "NULL plus an offset would no longer compare equal to NULL, so the check has to come first."
        "Check the pointer for NULL right behind the lookup, before anything is added to it.";
    PacketAlignment "packet-alignment" Program
        "a packet access that is not aligned, with strict alignment"
        "With strict alignment, packet accesses must be aligned, and the packet starts 2 bytes behind a multiple of 4."
        "Load without BPF_F_STRICT_ALIGNMENT, or load byte by byte.";
    PacketCheckBeforeOffset "packet-check-before-offset" Program
        "a variable is added to a packet pointer after the comparison"
        "Adding a variable makes a new pointer: what was proven for the old one says nothing about it."
        "Compare with data_end again after the addition.";
    PacketCheckReversed "packet-check-reversed" Program
        "the comparison with data_end is the wrong way round"
        "The comparison proves the packet's bytes on one of its two ways only, and the access is on the other."
        "Access the packet where pointer + size is not beyond data_end.";
    PacketCheckTooShort "packet-check-too-short" Program
        "the comparison with data_end proves fewer bytes than are read"
        "The comparison proves a number of bytes from the pointer on (`r=` in the log), and the access goes beyond them."
        "Compare pointer + offset + size with data_end.";
    PacketEndAccess "packet-end-access" Program
        "data_end is used as a pointer to memory"
        "data_end is only there to be compared with: it can't be moved or dereferenced."
        "Use the data pointer, and compare it with data_end.";
    PacketLengthCheck "packet-length-check" Program
        "a comparison of the packet's length proves nothing"
        "The verifier learns from comparisons of packet pointers, not from their difference: data_end - data is just a number."
        "Compare data + size with data_end.";
    PacketOffsetTooLarge "packet-offset-too-large" Program
        "the offset in the packet is beyond what a range can prove"
        "A comparison proves nothing if the offset may be larger than 65535."
        "Limit the variable offset, so that offset and size stay below 65536.";
    PacketPointerLost "packet-pointer-lost" Program
        "a helper moved the packet, and the old pointers are used"
        "A helper that may move the packet makes all packet pointers plain numbers."
        "Load data and data_end from the context again after the call, and check again.";
    PacketUnchecked "packet-unchecked" Program
        "packet bytes are read without a comparison with data_end"
        "A packet may be of any length, so every access needs a comparison with data_end on its path."
        "Compare data + size with data_end before the access.";
    PacketWrite "packet-write" Kernel
        "the program type may not write packets directly"
        "Only some program types may store through packet pointers."
        "Use a helper that writes, or a program type that may.";
    PointerComparison "pointer-comparison" Privilege
        "an address is compared with a number"
        "Comparing an address with a number reveals it bit by bit, so it needs CAP_PERFMON."
        "Load with CAP_PERFMON, or don't compare addresses.";
    PointerFarOffset "pointer-far-offset" Program
        "a constant offset is too large for any pointer"
        "Offsets of pointers must stay within 2^29 bytes, whatever they point to."
        "Correct the constant.";
    PointerIntoMap "pointer-into-map" Privilege
        "an address is stored in a map"
        "User space could read the address from the map, so storing it needs CAP_PERFMON."
        "Store an index or a copy of the data, or load with CAP_PERFMON.";
    PointerOperator "pointer-operator" Program
        "an operator that makes no sense on pointers"
        "Pointers can be moved by `+` and `-` in 64 bits; other operators, and 32-bit ones, would make them something else."
        "Calculate the offset in a number first, then add it.";
    PointerPlusPointer "pointer-plus-pointer" Program
        "two pointers are added"
        "The sum of two addresses points nowhere."
        "Add a number to a pointer.";
    Recursion "recursion" Program
        "a function calls itself"
        "Functions can't call themselves, directly or through others: the verifier would follow the calls for ever."
        "Write a loop.";
    ReferenceLeak "reference-leak" Program
        "something acquired is never given back"
        "Every reserved record and every looked-up socket must be submitted, discarded or released on every path to the exit."
        "Give it back before the exit on this path too.";
    ReservedField "reserved-field" Program
        "a field of an instruction that must be zero is not"
        "Fields that an instruction doesn't use must be zero, so that later kernels can give them a meaning."
        "Clear the field, or use a kernel that knows the instruction that this may be.";
    ResultRange "result-range" Program
        "the program's result is outside of what its type may return"
        "Some program types may return certain values only, and the verifier must see r0 in that range at the exit."
        "Set r0 to an allowed constant, or limit it, before the exit.";
    ReturnedPointer "returned-pointer" Privilege
        "the program returns an address"
        "The result goes to user space or the kernel as a number; an address in it needs CAP_PERFMON."
        "Return a number.";
    ReturnedStackPointer "returned-stack-pointer" Program
        "a function returns a pointer to its own stack"
        "The frame is gone when the function has returned."
        "Let the caller pass a pointer to its own stack.";
    RingbufOrNull "ringbuf-or-null" Program
        "a reserved ring buffer record is used without a NULL check"
        "The reservation fails when the ring buffer is full, and gives NULL."
        "Check the record for NULL before its first use.";
    SameInstructionDifferentPointers "same-instruction-different-pointers" Program
        "one load is reached with pointers of different kinds"
        "The kernel rewrites some accesses by the kind of pointer, so one instruction can't serve two kinds."
        "Use two instructions, one on each path.";
    ScalarMinusPointer "scalar-minus-pointer" Program
        "a pointer is subtracted from a number"
        "A number less an address is nothing the verifier can follow."
        "Subtract the number from the pointer, or a pointer from one of the same kind.";
    SharedNullCheck "shared-null-check" Program
        "one NULL check serves all copies of a pointer"
        "A check holds for every copy of the same lookup's result, not for the result of another lookup."
        "Check the result that is used.";
    ShiftCount "shift-count" Program
        "a shift by a constant that is too large"
        "A constant shift must be below 64, or below 32 for 32-bit registers."
        "Correct the count.";
    SignedBounds "signed-bounds" Program
        "what signed and unsigned comparisons teach of each other"
        "A signed comparison leaves negative numbers in, unless both ends are checked."
        "Compare as unsigned, or check s>= 0 too.";
    SizeNotConstant "size-not-constant" Program
        "an argument must be a constant"
        "The helper's result depends on this argument, so the verifier has to know it: one constant, not a range."
        "Pass a constant, one for each case if need be.";
    SpeculativeArithmetic "speculative-arithmetic" Privilege
        "pointer arithmetic that speculation could take out of bounds"
        "Without CAP_PERFMON, arithmetic on pointers is guarded against mispredicted branches, and what can't be guarded is refused."
        "Load with CAP_PERFMON, or use a constant offset.";
    SpilledBounds "spilled-bounds" Program
        "bounds of a number that went over the stack"
        "A number spilled to the stack keeps its bounds only as long as no other store touches its slot."
        "Keep the number in r6 to r9, or compare it again after it was filled.";
    SpilledPointer "spilled-pointer" Program
        "a spilled pointer is read or overwritten in part"
        "A pointer on the stack stays one only as a whole: 8 bytes, stored and loaded at once."
        "Load all 8 bytes, and use another slot for other data.";
    SpinLockWithoutBtf "spin-lock-without-btf" Program
        "a spin lock in a map whose value type is not known"
        "The kernel has to know where in the value the lock is, which only BTF says."
        "Create the map with BTF of its value, with a struct bpf_spin_lock in it.";
    StackAlignment "stack-alignment" Program
        "an access to the stack that is not aligned"
        "Accesses to the stack must be aligned to their size on every machine."
        "Use an offset that is a multiple of the size.";
    StackBounds "stack-bounds" Program
        "an access beyond the 512 bytes of the stack"
        "A frame has 512 bytes below r10: offsets from -512 to -1."
        "Use less stack: a per-CPU array holds larger data.";
    StackVariableOffset "stack-variable-offset" Program
        "the stack is accessed at a variable offset"
        "The whole range of the offset must lie in the frame; without CAP_PERFMON variable offsets aren't allowed at all."
        "Limit the offset so that the whole range lies in the frame, or keep the array in a map.";
    TailCallMap "tail-call-map" Program
        "a tail call without a program array"
        "bpf_tail_call takes a map of type prog_array."
        "Pass a prog_array map.";
    TooManyInstructions "too-many-instructions" Limit
        "the verifier gives up after a million instructions"
        "The verifier walks at most a million instructions over all paths (4096 instructions of the program without CAP_BPF)."
        "Let paths meet with equal states, shorten loops, or move their body to bpf_loop.";
    TooManyJumps "too-many-jumps" Limit
        "more branches wait to be walked than the verifier keeps"
        "The verifier remembers at most 8192 branches that it still has to walk."
        "Split the sequence of conditions into functions or programs.";
    UnboundedSize "unbounded-size" Program
        "a size argument has no upper bound"
        "The memory that is passed must be as large as the largest size that the argument can have."
        "Compare the size with the memory's size, as unsigned, before the call.";
    UninitialisedAfterJoin "uninitialised-after-join" Program
        "only one of two branches writes a register that is read where they meet"
        "Each path is walked by itself, and on this one nothing has written the register."
        "Write the register before the branch.";
    UninitialisedRegister "uninitialised-register" Program
        "a register is read that nothing on this path has written"
        "At the start only r1 (the context) and r10 hold something, and every call leaves r1 to r5 without a value."
        "Write the register first; keep values over calls in r6 to r9 or on the stack.";
    UninitialisedResult "uninitialised-result" Program
        "the program ends without a result in r0"
        "The value in r0 at exit is the program's result, so it has to be written."
        "Set r0 before the exit.";
    UninitialisedStack "uninitialised-stack" Privilege
        "the program reads stack bytes that it never wrote"
        "The stack may still hold kernel data: reading it needs CAP_PERFMON (and Linux 6.3)."
        "Write the slot before it is read.";
    UnknownHelper "unknown-helper" Kernel
        "a call of a helper that does not exist"
        "This kernel has no helper of this number."
        "Use a helper that the kernel has; 195896080 is a CO-RE relocation that failed.";
    UnknownKfunc "unknown-kfunc" Kernel
        "a call of a kernel function that does not exist"
        "Kernel functions are called by their BTF id, which differs from kernel to kernel and is put in by the loader."
        "Let the loader resolve the function, and check that the kernel exports it for this program type.";
    UnknownOpcode "unknown-opcode" Kernel
        "the code has no such instruction"
        "This kernel's instruction set doesn't have it: newer instructions are unknown to older kernels."
        "Emit code for the kernel's instruction set (clang: -mcpu=v3 or lower).";
    UnreachableInstruction "unreachable-instruction" Program
        "no path leads to an instruction"
        "Every instruction must be reachable by jumps and fall-through, whatever the values."
        "Remove the code, or the jump over it.";
    ZeroSize "zero-size" Program
        "a size argument may be zero"
        "The helper wants at least one byte."
        "Check the size for zero before the call.";
    Unlisted "unlisted" Program
        "a rejection that the catalogue has no case of"
        "The message is one of the verifier's, but no class of the catalogue covers it."
        "Read the message and the instruction it stands behind.";
    Unknown "unknown" Unknown
        "a message that is not known here"
        "The log ends with a text that is none of the messages known here."
        "Read the message and the instruction it stands behind.";
    Accepted "accepted" Nobody
        "the program was accepted"
        "The verifier walked all paths and found nothing."
        "Nothing to do.";
}

#[cfg(test)]
mod tests {
    use knockwright_verifier::message::Kind;

    use super::*;

    #[test]
    fn slugs_are_unique_and_in_order() {
        let slugs: Vec<&str> = Class::ALL.iter().map(|class| class.slug()).collect();
        let listed = &slugs[..slugs.len() - 3];
        assert!(listed.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(listed.len(), 99);
    }

    #[test]
    fn messages_name_classes_that_there_are() {
        for kind in Kind::ALL {
            if let Some(id) = kind.class() {
                assert!(Class::of(id).is_some(), "{kind:?} is of the class {id}, which there is not");
            }
        }
    }
}
