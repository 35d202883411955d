//! Loads and stores: map values, packets, the context and other memory.

macro_rules! memory {
    ($($then:tt)*) => { gather! { $($then)* {
        /// Memory is accessed through a register that is no pointer to memory.
        MemAccess("not-memory") { reg: register, held: text } [
            .. => "R{reg} invalid mem access '{held}'"
        ]
        /// An access beyond a map value: the numbers.
        ValueAccess("outside-memory") { value_size: number, off: number, size: number } [
            .. => "invalid access to map value, value_size={value_size} off={off} size={size}"
        ]
        /// An access beyond a map key: the numbers.
        KeyAccess("outside-memory") { key_size: number, off: number, size: number } [
            .. => "invalid access to map key, key_size={key_size} off={off} size={size}"
        ]
        /// An access beyond a packet's proven range: the numbers.
        PacketAccess("packet-unchecked") {
            off: number, size: number, reg: register, id: number, base: number, range: number
        } [
            .. => "invalid access to packet, off={off} size={size}, R{reg}(id={id},off={base},r={range})",
            read => "invalid access to packet, off={off} size={size}, R{reg}(id={id},r={range})",
            read => "invalid access to packet, off={off} size={size}, R{reg}{rest}"
        ]
        /// An access beyond memory of known size: the numbers.
        MemoryAccess("outside-memory") { mem_size: number, off: number, size: number } [
            .. => "invalid access to memory, mem_size={mem_size} off={off} size={size}"
        ]
        /// The lowest offset lies outside.
        MinOutside("outside-memory") { reg: register } [
            .. => "R{reg} min value is outside of the allowed memory range"
        ]
        /// The highest offset lies outside.
        MaxOutside("outside-memory") { reg: register } [
            .. => "R{reg} max value is outside of the allowed memory range"
        ]
        /// The offset may be negative.
        MinNegative("outside-memory") { reg: register } [
            .. => "R{reg} min value is negative, either use unsigned index or do a if (index >=0) check."
        ]
        /// The offset has no upper bound.
        UnboundedAccess("outside-memory") { reg: register } [
            .. => "R{reg} unbounded memory access, make sure to bounds check any such access"
        ]
        /// A packet access that no comparison covers.
        OutsidePacket("packet-unchecked") { reg: register } [
            .. => "R{reg} offset is outside of the packet"
        ]
        /// The map's flags forbid to read.
        MapReadForbidden("map-access-flags") { value_size: number, off: number, size: number } [
            .. => "read from map forbidden, value_size={value_size} off={off} size={size}",
            read => "read from map forbidden, {rest}",
            read => "read from map forbidden"
        ]
        /// The map's flags forbid to write.
        MapWriteForbidden("map-access-flags") { value_size: number, off: number, size: number } [
            .. => "write into map forbidden, value_size={value_size} off={off} size={size}",
            read => "write into map forbidden, {rest}"
        ]
        /// The map's flags forbid a helper to write.
        MapChangeForbidden("map-access-flags") {} [ .. => "write into map forbidden" ]
        /// A context field that isn't there.
        ContextAccess("context-access") { off: number, size: number } [
            .. => "invalid bpf_context access off={off} size={size}"
        ]
        /// A pointer that must be as the program got it was moved.
        PointerMoved("context-modified") { held: text, reg: register, off: number } [
            .. => "dereference of modified {held} ptr R{reg} off={off} disallowed"
        ]
        /// A pointer that must be as the program got it was moved down.
        PointerMovedDown("context-modified") { held: text, reg: register, off: number } [
            .. => "negative offset {held} ptr R{reg} off={off} disallowed"
        ]
        /// A pointer that must be as the program got it was moved by a number that varies.
        PointerVaries("context-modified") { held: text, var_off: bits } [
            .. => "variable {held} access var_off={var_off} disallowed"
        ]
        /// A load or store that is reached with pointers of different kinds.
        DifferentPointers("same-instruction-different-pointers") {} [
            .. => "same insn cannot be used with different pointers"
        ]
        /// An access to the packet that isn't aligned.
        PacketAlignment("packet-alignment") {
            align: number, var_off: bits, base: number, off: number, size: number
        } [
            ..=7.0 => "misaligned packet access off {align}+{var_off}+{base}+{off} size {size}",
            7.1.. => "misaligned packet access off {align}+{var_off}+{off} size {size}",
            read => "misaligned packet access off {rest}"
        ]
        /// An access to a map value that isn't aligned.
        ValueAlignment("map-value-alignment") { var_off: bits, base: number, off: number, size: number } [
            ..=7.0 => "misaligned value access off {var_off}+{base}+{off} size {size}",
            7.1.. => "misaligned value access off {var_off}+{off} size {size}",
            read => "misaligned value access off {rest}"
        ]
        /// An access elsewhere that isn't aligned.
        Alignment("map-value-alignment") {
            object: text, var_off: bits, base: number, off: number, size: number
        } [
            ..=7.0 => "misaligned {object} access off {var_off}+{base}+{off} size {size}",
            7.1.. => "misaligned {object} access off {var_off}+{off} size {size}",
            read => "misaligned {object} access off {rest}"
        ]
        /// An access that isn't aligned, to something that has no name here.
        NamelessAlignment("map-value-alignment") { var_off: bits, base: number, off: number, size: number } [
            ..=7.0 => "misaligned access off {var_off}+{base}+{off} size {size}",
            7.1.. => "misaligned access off {var_off}+{off} size {size}",
            read => "misaligned access off {rest}"
        ]
        /// Packets can't be written here.
        PacketWrite("packet-write") {} [
            .. => "cannot write into packet",
            read => "the prog does not allow writes to packet data"
        ]
        /// Memory is written that may only be read.
        ReadOnly("packet-write") { reg: register, held: text } [ .. => "R{reg} cannot write into {held}" ]
        /// A key is written that a callback was given.
        KeyChanged("packet-write") { reg: register } [ .. => "write to change key R{reg} not allowed" ]
        /// An address would be stored in a map, in a packet or in the context.
        AddressLeak("pointer-into-map") { reg: register, place: text } [ .. => "R{reg} leaks addr into {place}" ]
        /// The kernel's struct of a map is written.
        MapStructWrite("map-internals") { name: text } [ .. => "only read from {name} is supported" ]
        /// Something before the kernel's struct of a map is read.
        MapStructBefore("map-internals") { reg: register, name: text, off: number } [
            .. => "R{reg} is {name} invalid negative access: off={off}"
        ]
        /// A field of the kernel's struct of a map is read that isn't one.
        MapStructAccess("map-internals") { name: text, off: number, map_type: number } [
            read => "cannot access {name} with offset {off}{rest}",
            read => "bpf_map ptr isn't fully accessible{rest}",
            read => "map_ptr access not supported without CONFIG_DEBUG_INFO_BTF",
            read => "map_ptr access not supported for map type {map_type}"
        ]
        /// The kernel's struct of a map is read without the privilege.
        MapStructRead("map-struct-read") { name: text } [
            .. => "'struct {name}' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN",
            read => "{name} access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN"
        ]
        /// Atomics can't work on this memory.
        AtomicTarget("atomic-target") { reg: register, held: text } [
            ..=5.11 => "BPF_XADD stores into R{reg} {held} is not allowed",
            5.12.. => "BPF_ATOMIC stores into R{reg} {held} is not allowed"
        ]
        /// Atomic loads can't work on this memory.
        AtomicSource("atomic-target") { reg: register, held: text } [
            .. => "BPF_ATOMIC loads from R{reg} {held} is not allowed"
        ]
    } } };
}
