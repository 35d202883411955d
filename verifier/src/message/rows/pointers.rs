//! Arithmetic and comparisons with pointers.

macro_rules! pointers {
    ($($then:tt)*) => { gather! { $($then)* {
        /// Arithmetic on a pointer that may be NULL.
        OrNullArithmetic("or-null-arithmetic") { reg: register, held: text } [
            .. => "R{reg} pointer arithmetic on {held} prohibited, null-check it first"
        ]
        /// Arithmetic on a pointer of a kind that allows none.
        TypeArithmetic("pointer-operator") { reg: register, held: text } [
            .. => "R{reg} pointer arithmetic on {held} prohibited"
        ]
        /// An address is negated or its bytes are swapped, without the privilege.
        AddressChanged("pointer-operator") { reg: register } [ .. => "R{reg} pointer arithmetic prohibited" ]
        /// A number without lower bound is added to a pointer.
        UnboundedMath("map-value-unbounded") { held: text } [
            .. => "math between {held} pointer and register with unbounded min value is not allowed"
        ]
        /// A constant that is too large for any pointer is added.
        MathConstant("pointer-far-offset") { held: text, value: number } [
            .. => "math between {held} pointer and {value} is not allowed"
        ]
        /// A number that may be far out of bounds is added.
        ValueOutOfBounds("map-value-unbounded") { value: number, held: text } [
            .. => "value {value} makes {held} pointer be out of bounds"
        ]
        /// A pointer that is already too far off gets a number added.
        PointerOffset("map-value-unbounded") { held: text, value: number } [
            .. => "{held} pointer offset {value} is not allowed"
        ]
        /// An operator that makes no sense on pointers.
        PointerOperator("pointer-operator") { reg: register, operator: text } [
            .. => "R{reg} pointer arithmetic with {operator} operator prohibited"
        ]
        /// An operator on the bits of a pointer.
        PointerBits("pointer-operator") { reg: register, operator: text } [
            .. => "R{reg} bitwise operator {operator} on pointer prohibited"
        ]
        /// Arithmetic on the lower half of a pointer.
        PointerHalf("pointer-operator") { reg: register } [ .. => "R{reg} 32-bit pointer arithmetic prohibited" ]
        /// The lower half of a pointer is copied, without the privilege.
        PointerPart("pointer-operator") { reg: register } [ .. => "R{reg} partial copy of pointer" ]
        /// A part of a pointer is extended by its sign, without the privilege.
        PointerExtended("pointer-operator") { reg: register } [ .. => "R{reg} sign-extension part of pointer" ]
        /// Two pointers are added.
        PointerPlusPointer("pointer-plus-pointer") { reg: register } [
            .. => "R{reg} pointer += pointer prohibited"
        ]
        /// Two pointers are subtracted where that isn't allowed.
        PointerMinusPointer("pointer-operator") { reg: register } [
            .. => "R{reg} pointer -= pointer prohibited"
        ]
        /// Two pointers are combined otherwise.
        PointerPair("pointer-operator") { reg: register, operator: text } [ .. => "R{reg} pointer {operator} pointer prohibited" ]
        /// Something is subtracted from a stack pointer.
        StackSubtraction("pointer-operator") { reg: register } [
            .. => "R{reg} subtraction from stack pointer prohibited"
        ]
        /// A pointer is subtracted from a number.
        ScalarMinusPointer("scalar-minus-pointer") { reg: register } [
            .. => "R{reg} tried to subtract pointer from scalar"
        ]
        /// An address is compared, without the privilege.
        PointerComparison("pointer-comparison") { reg: register } [ .. => "R{reg} pointer comparison prohibited" ]
        /// Arithmetic on a pointer whose offset can't be masked, without the privilege.
        SpeculativeKind("speculative-arithmetic") { reg: register } [
            .. => "R{reg} has pointer with unsupported alu operation, pointer arithmetic with it prohibited for !root"
        ]
        /// A number of either sign is added to a pointer, without the privilege.
        SpeculativeSigns("speculative-arithmetic") { reg: register } [
            .. => "R{reg} has unknown scalar with mixed signed bounds, pointer arithmetic with it prohibited for !root"
        ]
        /// An addition or subtraction needs different masks on different paths, without the privilege.
        SpeculativePaths("speculative-arithmetic") { reg: register, operator: text } [
            .. => "R{reg} tried to {operator} from different maps, paths or scalars, pointer arithmetic with it prohibited for !root"
        ]
        /// A pointer is already out of bounds before it moves, without the privilege.
        SpeculativeBounds("speculative-arithmetic") { reg: register, operator: text } [
            .. => "R{reg} tried to {operator} beyond pointer bounds, pointer arithmetic with it prohibited for !root"
        ]
        /// A map value's pointer moves out of the value, without the privilege.
        SpeculativeValue("speculative-arithmetic") { reg: register } [
            .. => "R{reg} pointer arithmetic of map value goes out of range, prohibited for !root"
        ]
        /// A stack pointer moves out of the stack, without the privilege.
        SpeculativeStack("speculative-arithmetic") { reg: register, off: number } [
            .. => "R{reg} stack pointer arithmetic goes out of range, prohibited for !root; off={off}",
            read => "R{reg} stack pointer arithmetic goes out of range, prohibited for !root"
        ]
        /// No room for the path that speculation takes.
        SpeculativePath("speculative-arithmetic") { reg: register } [
            read => "R{reg} could not be pushed for speculative verification, pointer arithmetic with it prohibited for !root"
        ]
        /// Parts of a number contradict each other: the path can't be taken.
        Contradiction(note) {
            place: text, what: text,
            umin: prefixed, umax: prefixed, smin: prefixed, smax: prefixed,
            umin32: prefixed, umax32: prefixed, smin32: prefixed, smax32: prefixed,
            value: prefixed, mask: prefixed
        } [
            ..=6.15 => "REG INVARIANTS VIOLATION ({place}): {what} u64=[{umin}, {umax}] s64=[{smin}, {smax}] u32=[{umin32}, {umax32}] s32=[{smin32}, {smax32}] var_off=({value}, {mask})",
            6.16.. => "verifier bug: REG INVARIANTS VIOLATION ({place}): {what} u64=[{umin}, {umax}] s64=[{smin}, {smax}] u32=[{umin32}, {umax32}] s32=[{smin32}, {smax32}] var_off=({value}, {mask})"
        ]
    } } };
}
