//! Calls of helpers and kernel functions: who may call them, and what they take.

macro_rules! helpers {
    ($($then:tt)*) => { gather! { $($then)* {
        /// No kernel, or not this one, has the helper.
        UnknownHelper("unknown-helper") { name: text, number: number } [ .. => "invalid func {name}#{number}" ]
        /// The helper isn't for this type of program.
        HelperNotForType("helper-not-for-type") { helper: helper } [
            ..=6.1 => "unknown func {helper}",
            6.8.. => "program of this type cannot use helper {helper}"
        ]
        /// A helper for programs with a GPL-compatible licence.
        GplOnly("gpl-only") {} [
            .. => "cannot call GPL-restricted function from non-GPL compatible program",
            read => "cannot call GPL-restricted function from a proprietary program"
        ]
        /// A helper's argument has the wrong type.
        ArgumentType("argument-type") { reg: register, held: text, expected: text } [
            .. => "R{reg} type={held} expected={expected}"
        ]
        /// An address is given to a helper that keeps it, without the privilege.
        AddressGiven("pointer-into-map") { reg: register } [ .. => "R{reg} leaks addr into helper function" ]
        /// A helper may not be given packet data here.
        PacketArgument("packet-write") {} [ .. => "helper access to the packet is not allowed" ]
        /// A key is given before a map.
        KeyWithoutMap("argument-type") {} [ .. => "invalid map_ptr to access map->key" ]
        /// A value is given before a map.
        ValueWithoutMap("argument-type") {} [ .. => "invalid map_ptr to access map->value" ]
        /// The helper doesn't work with maps of this type.
        MapType("map-type") { map_type: number, helper: helper } [
            .. => "cannot pass map_type {map_type} into func {helper}"
        ]
        /// A size may be negative.
        NegativeSize("negative-size") { reg: register } [
            .. => "R{reg} min value is negative, either use unsigned or 'var &= const'"
        ]
        /// A size may be zero.
        ZeroSize("zero-size") { reg: register, low: number, high: number } [
            .. => "R{reg} invalid zero-sized read: u64=[{low},{high}]",
            read => "R{reg} invalid zero-sized read"
        ]
        /// A size has no upper bound.
        UnboundedSize("unbounded-size") { reg: register } [
            .. => "R{reg} unbounded memory access, use 'var &= const' or 'if (var < const)'"
        ]
        /// An argument must be a constant.
        NotConstant("size-not-constant") { reg: register } [
            ..=5.10 => "R{reg} unbounded size, use 'var &= const' or 'if (var < const)'",
            6.1..=7.2 => "R{reg} is not a known constant'",
            7.3.. => "R{reg} is not a const",
            read => "R{reg} is not a known constant"
        ]
        /// A dynptr is used that was never made. 6.1 counts arguments from 1, 6.12 from 0.
        UnmadeDynptr("uninitialised-dynptr") { arg: number, reg: register } [
            ..=7.1 => "Expected an initialized dynptr as arg #{arg}",
            7.2.. => "Expected an initialized dynptr as R{reg}"
        ]
        /// A tail call without a program array.
        TailCallMap("tail-call-map") {} [
            ..=6.16 => "kernel subsystem misconfigured verifier",
            6.17.. => "expected prog array map for tail call{unended}"
        ]
        /// A map with a spin lock has no BTF.
        SpinLockBtf("spin-lock-without-btf") { map: text } [
            .. => "map '{map}' has to have BTF in order to use bpf_spin_lock",
            read => "map '{map}' has no valid bpf_spin_lock",
            read => "map '{map}' has to have BTF in order to use {field}"
        ]
        /// The place of a spin lock varies.
        SpinLockVaries("lock-place") { reg: register } [
            .. => "R{reg} doesn't have constant offset. bpf_spin_lock has to be at the constant offset"
        ]
        /// A rule of locks is broken.
        Lock("lock-region") {} [
            read => "bpf_spin_unlock is missing",
            read => "function calls are not allowed while holding a lock",
            read => "bpf_spin_lock is already taken",
            read => "bpf_spin_unlock without taking a lock",
            read => "bpf_spin_unlock of different lock",
            read => "{what} cannot be inside bpf_spin_lock-ed region",
            read => "Locking two bpf_spin_locks are not allowed",
            read => "{what} cannot be mixed with bpf_spin_lock{rest}"
        ]
        /// No such kernel function, or not for this program.
        UnknownKfunc("unknown-kfunc") { btf_id: number } [
            .. => "kernel btf_id {btf_id} is not a function",
            read => "calling kernel function {name} is not allowed",
            read => "calling invalid kernel function {rest}",
            read => "invalid kernel function call not eliminated in verifier pass",
            read => "failed to find kernel BTF type ID {rest}",
            read => "JIT does not support calling kernel function"
        ]
    } } };
}
