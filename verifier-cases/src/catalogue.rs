//! The catalogue: every case by its class.

mod vocabulary;

use crate::case::{Case, Class};

macro_rules! classes {
    ($($path:literal $name:ident;)*) => {
        $(#[path = $path] mod $name;)*

        /// Every class, in the order of the catalogue.
        pub const CLASSES: &[&Class] = &[$(&$name::CLASS),*];
    };
}

classes! {
    "../catalogue/uninitialised-register.rs" uninitialised_register;
    "../catalogue/uninitialised-result.rs" uninitialised_result;
    "../catalogue/uninitialised-after-join.rs" uninitialised_after_join;
    "../catalogue/uninitialised-stack.rs" uninitialised_stack;
    "../catalogue/helper-reads-stack.rs" helper_reads_stack;
    "../catalogue/map-value-or-null.rs" map_value_or_null;
    "../catalogue/or-null-arithmetic.rs" or_null_arithmetic;
    "../catalogue/or-null-argument.rs" or_null_argument;
    "../catalogue/null-dereference.rs" null_dereference;
    "../catalogue/ringbuf-or-null.rs" ringbuf_or_null;
    "../catalogue/array-constant-key.rs" array_constant_key;
    "../catalogue/shared-null-check.rs" shared_null_check;
    "../catalogue/map-value-offset.rs" map_value_offset;
    "../catalogue/map-value-max.rs" map_value_max;
    "../catalogue/map-value-negative-index.rs" map_value_negative_index;
    "../catalogue/map-value-unbounded.rs" map_value_unbounded;
    "../catalogue/linked-scalars.rs" linked_scalars;
    "../catalogue/division-range.rs" division_range;
    "../catalogue/equality-range.rs" equality_range;
    "../catalogue/not-equal-range.rs" not_equal_range;
    "../catalogue/map-access-flags.rs" map_access_flags;
    "../catalogue/packet-unchecked.rs" packet_unchecked;
    "../catalogue/packet-check-too-short.rs" packet_check_too_short;
    "../catalogue/packet-check-before-offset.rs" packet_check_before_offset;
    "../catalogue/packet-check-reversed.rs" packet_check_reversed;
    "../catalogue/packet-length-check.rs" packet_length_check;
    "../catalogue/packet-offset-too-large.rs" packet_offset_too_large;
    "../catalogue/packet-pointer-lost.rs" packet_pointer_lost;
    "../catalogue/packet-end-access.rs" packet_end_access;
    "../catalogue/packet-write.rs" packet_write;
    "../catalogue/stack-bounds.rs" stack_bounds;
    "../catalogue/stack-alignment.rs" stack_alignment;
    "../catalogue/stack-variable-offset.rs" stack_variable_offset;
    "../catalogue/spilled-pointer.rs" spilled_pointer;
    "../catalogue/combined-stack.rs" combined_stack;
    "../catalogue/call-depth.rs" call_depth;
    "../catalogue/recursion.rs" recursion;
    "../catalogue/returned-stack-pointer.rs" returned_stack_pointer;
    "../catalogue/callee-saved-lost.rs" callee_saved_lost;
    "../catalogue/context-access.rs" context_access;
    "../catalogue/context-modified.rs" context_modified;
    "../catalogue/pointer-operator.rs" pointer_operator;
    "../catalogue/pointer-plus-pointer.rs" pointer_plus_pointer;
    "../catalogue/scalar-minus-pointer.rs" scalar_minus_pointer;
    "../catalogue/pointer-far-offset.rs" pointer_far_offset;
    "../catalogue/map-pointer-arithmetic.rs" map_pointer_arithmetic;
    "../catalogue/frame-pointer-write.rs" frame_pointer_write;
    "../catalogue/same-instruction-different-pointers.rs" same_instruction_different_pointers;
    "../catalogue/argument-type.rs" argument_type;
    "../catalogue/map-type.rs" map_type;
    "../catalogue/tail-call-map.rs" tail_call_map;
    "../catalogue/negative-size.rs" negative_size;
    "../catalogue/zero-size.rs" zero_size;
    "../catalogue/unbounded-size.rs" unbounded_size;
    "../catalogue/size-not-constant.rs" size_not_constant;
    "../catalogue/unknown-helper.rs" unknown_helper;
    "../catalogue/helper-not-for-type.rs" helper_not_for_type;
    "../catalogue/map-internals.rs" map_internals;
    "../catalogue/unreachable-instruction.rs" unreachable_instruction;
    "../catalogue/jump-out-of-range.rs" jump_out_of_range;
    "../catalogue/falls-off-the-end.rs" falls_off_the_end;
    "../catalogue/unknown-opcode.rs" unknown_opcode;
    "../catalogue/reserved-field.rs" reserved_field;
    "../catalogue/invalid-register.rs" invalid_register;
    "../catalogue/division-by-zero.rs" division_by_zero;
    "../catalogue/shift-count.rs" shift_count;
    "../catalogue/incomplete-ld-imm64.rs" incomplete_ld_imm64;
    "../catalogue/infinite-loop.rs" infinite_loop;
    "../catalogue/bounded-loop.rs" bounded_loop;
    "../catalogue/too-many-instructions.rs" too_many_instructions;
    "../catalogue/too-many-jumps.rs" too_many_jumps;
    "../catalogue/call-target.rs" call_target;
    "../catalogue/jump-between-functions.rs" jump_between_functions;
    "../catalogue/result-range.rs" result_range;
    "../catalogue/returned-pointer.rs" returned_pointer;
    "../catalogue/packet-alignment.rs" packet_alignment;
    "../catalogue/map-value-alignment.rs" map_value_alignment;
    "../catalogue/atomic-target.rs" atomic_target;
    "../catalogue/atomic-encoding.rs" atomic_encoding;
    "../catalogue/atomic-misaligned.rs" atomic_misaligned;
    "../catalogue/reference-leak.rs" reference_leak;
    "../catalogue/double-release.rs" double_release;
    "../catalogue/memory-bounds.rs" memory_bounds;
    "../catalogue/spin-lock-without-btf.rs" spin_lock_without_btf;
    "../catalogue/callback-without-func-info.rs" callback_without_func_info;
    "../catalogue/unknown-kfunc.rs" unknown_kfunc;
    "../catalogue/map-descriptor.rs" map_descriptor;
    "../catalogue/gpl-only.rs" gpl_only;
    "../catalogue/legacy-packet-load.rs" legacy_packet_load;
    "../catalogue/pointer-into-map.rs" pointer_into_map;
    "../catalogue/pointer-comparison.rs" pointer_comparison;
    "../catalogue/speculative-arithmetic.rs" speculative_arithmetic;
    "../catalogue/map-struct-read.rs" map_struct_read;
    "../catalogue/dead-branch.rs" dead_branch;
    "../catalogue/signed-bounds.rs" signed_bounds;
    "../catalogue/lower-half-check.rs" lower_half_check;
    "../catalogue/spilled-bounds.rs" spilled_bounds;
    "../catalogue/program-size.rs" program_size;
    "../catalogue/xdp-write.rs" xdp_write;
    "../catalogue/helper-packet-argument.rs" helper_packet_argument;
}

/// Every case with its class.
pub fn cases() -> impl Iterator<Item = (&'static Class, &'static Case)> {
    CLASSES.iter().flat_map(|class| class.cases.iter().map(move |case| (*class, case)))
}
