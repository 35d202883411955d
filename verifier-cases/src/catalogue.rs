//! The catalogue: every case by its class. Each class is a file of `catalogue/`, named by its slug.

mod vocabulary;

#[path = "../catalogue/argument-type.rs"]
mod argument_type;
#[path = "../catalogue/array-constant-key.rs"]
mod array_constant_key;
#[path = "../catalogue/atomic-encoding.rs"]
mod atomic_encoding;
#[path = "../catalogue/atomic-misaligned.rs"]
mod atomic_misaligned;
#[path = "../catalogue/atomic-target.rs"]
mod atomic_target;
#[path = "../catalogue/bounded-loop.rs"]
mod bounded_loop;
#[path = "../catalogue/call-depth.rs"]
mod call_depth;
#[path = "../catalogue/call-target.rs"]
mod call_target;
#[path = "../catalogue/callback-result.rs"]
mod callback_result;
#[path = "../catalogue/callback-without-func-info.rs"]
mod callback_without_func_info;
#[path = "../catalogue/callee-saved-lost.rs"]
mod callee_saved_lost;
#[path = "../catalogue/combined-stack.rs"]
mod combined_stack;
#[path = "../catalogue/context-access.rs"]
mod context_access;
#[path = "../catalogue/context-modified.rs"]
mod context_modified;
#[path = "../catalogue/dead-branch.rs"]
mod dead_branch;
#[path = "../catalogue/division-by-zero.rs"]
mod division_by_zero;
#[path = "../catalogue/division-range.rs"]
mod division_range;
#[path = "../catalogue/double-release.rs"]
mod double_release;
#[path = "../catalogue/equality-range.rs"]
mod equality_range;
#[path = "../catalogue/falls-off-the-end.rs"]
mod falls_off_the_end;
#[path = "../catalogue/frame-pointer-write.rs"]
mod frame_pointer_write;
#[path = "../catalogue/gpl-only.rs"]
mod gpl_only;
#[path = "../catalogue/helper-not-for-type.rs"]
mod helper_not_for_type;
#[path = "../catalogue/helper-packet-argument.rs"]
mod helper_packet_argument;
#[path = "../catalogue/helper-reads-stack.rs"]
mod helper_reads_stack;
#[path = "../catalogue/incomplete-ld-imm64.rs"]
mod incomplete_ld_imm64;
#[path = "../catalogue/infinite-loop.rs"]
mod infinite_loop;
#[path = "../catalogue/invalid-register.rs"]
mod invalid_register;
#[path = "../catalogue/jump-between-functions.rs"]
mod jump_between_functions;
#[path = "../catalogue/jump-out-of-range.rs"]
mod jump_out_of_range;
#[path = "../catalogue/legacy-packet-load.rs"]
mod legacy_packet_load;
#[path = "../catalogue/linked-scalars.rs"]
mod linked_scalars;
#[path = "../catalogue/lower-half-check.rs"]
mod lower_half_check;
#[path = "../catalogue/map-access-flags.rs"]
mod map_access_flags;
#[path = "../catalogue/map-descriptor.rs"]
mod map_descriptor;
#[path = "../catalogue/map-internals.rs"]
mod map_internals;
#[path = "../catalogue/map-pointer-arithmetic.rs"]
mod map_pointer_arithmetic;
#[path = "../catalogue/map-struct-read.rs"]
mod map_struct_read;
#[path = "../catalogue/map-type.rs"]
mod map_type;
#[path = "../catalogue/map-value-alignment.rs"]
mod map_value_alignment;
#[path = "../catalogue/map-value-max.rs"]
mod map_value_max;
#[path = "../catalogue/map-value-negative-index.rs"]
mod map_value_negative_index;
#[path = "../catalogue/map-value-offset.rs"]
mod map_value_offset;
#[path = "../catalogue/map-value-or-null.rs"]
mod map_value_or_null;
#[path = "../catalogue/map-value-unbounded.rs"]
mod map_value_unbounded;
#[path = "../catalogue/memory-bounds.rs"]
mod memory_bounds;
#[path = "../catalogue/negative-size.rs"]
mod negative_size;
#[path = "../catalogue/not-equal-range.rs"]
mod not_equal_range;
#[path = "../catalogue/null-dereference.rs"]
mod null_dereference;
#[path = "../catalogue/or-null-argument.rs"]
mod or_null_argument;
#[path = "../catalogue/or-null-arithmetic.rs"]
mod or_null_arithmetic;
#[path = "../catalogue/packet-alignment.rs"]
mod packet_alignment;
#[path = "../catalogue/packet-check-before-offset.rs"]
mod packet_check_before_offset;
#[path = "../catalogue/packet-check-reversed.rs"]
mod packet_check_reversed;
#[path = "../catalogue/packet-check-too-short.rs"]
mod packet_check_too_short;
#[path = "../catalogue/packet-end-access.rs"]
mod packet_end_access;
#[path = "../catalogue/packet-length-check.rs"]
mod packet_length_check;
#[path = "../catalogue/packet-offset-too-large.rs"]
mod packet_offset_too_large;
#[path = "../catalogue/packet-pointer-lost.rs"]
mod packet_pointer_lost;
#[path = "../catalogue/packet-unchecked.rs"]
mod packet_unchecked;
#[path = "../catalogue/packet-write.rs"]
mod packet_write;
#[path = "../catalogue/pointer-comparison.rs"]
mod pointer_comparison;
#[path = "../catalogue/pointer-far-offset.rs"]
mod pointer_far_offset;
#[path = "../catalogue/pointer-into-map.rs"]
mod pointer_into_map;
#[path = "../catalogue/pointer-operator.rs"]
mod pointer_operator;
#[path = "../catalogue/pointer-plus-pointer.rs"]
mod pointer_plus_pointer;
#[path = "../catalogue/recursion.rs"]
mod recursion;
#[path = "../catalogue/reference-leak.rs"]
mod reference_leak;
#[path = "../catalogue/reserved-field.rs"]
mod reserved_field;
#[path = "../catalogue/result-range.rs"]
mod result_range;
#[path = "../catalogue/returned-pointer.rs"]
mod returned_pointer;
#[path = "../catalogue/returned-stack-pointer.rs"]
mod returned_stack_pointer;
#[path = "../catalogue/ringbuf-or-null.rs"]
mod ringbuf_or_null;
#[path = "../catalogue/same-instruction-different-pointers.rs"]
mod same_instruction_different_pointers;
#[path = "../catalogue/scalar-minus-pointer.rs"]
mod scalar_minus_pointer;
#[path = "../catalogue/shared-null-check.rs"]
mod shared_null_check;
#[path = "../catalogue/shift-count.rs"]
mod shift_count;
#[path = "../catalogue/signed-bounds.rs"]
mod signed_bounds;
#[path = "../catalogue/size-not-constant.rs"]
mod size_not_constant;
#[path = "../catalogue/speculative-arithmetic.rs"]
mod speculative_arithmetic;
#[path = "../catalogue/spilled-bounds.rs"]
mod spilled_bounds;
#[path = "../catalogue/spilled-pointer.rs"]
mod spilled_pointer;
#[path = "../catalogue/spin-lock-without-btf.rs"]
mod spin_lock_without_btf;
#[path = "../catalogue/stack-alignment.rs"]
mod stack_alignment;
#[path = "../catalogue/stack-bounds.rs"]
mod stack_bounds;
#[path = "../catalogue/stack-variable-offset.rs"]
mod stack_variable_offset;
#[path = "../catalogue/tail-call-map.rs"]
mod tail_call_map;
#[path = "../catalogue/too-many-instructions.rs"]
mod too_many_instructions;
#[path = "../catalogue/too-many-jumps.rs"]
mod too_many_jumps;
#[path = "../catalogue/unbounded-size.rs"]
mod unbounded_size;
#[path = "../catalogue/uninitialised-after-join.rs"]
mod uninitialised_after_join;
#[path = "../catalogue/uninitialised-register.rs"]
mod uninitialised_register;
#[path = "../catalogue/uninitialised-result.rs"]
mod uninitialised_result;
#[path = "../catalogue/uninitialised-stack.rs"]
mod uninitialised_stack;
#[path = "../catalogue/unknown-helper.rs"]
mod unknown_helper;
#[path = "../catalogue/unknown-kfunc.rs"]
mod unknown_kfunc;
#[path = "../catalogue/unknown-opcode.rs"]
mod unknown_opcode;
#[path = "../catalogue/unreachable-instruction.rs"]
mod unreachable_instruction;
#[path = "../catalogue/zero-size.rs"]
mod zero_size;

use crate::case::{Case, Class};

/// Every class, in the order of the catalogue.
pub const CLASSES: &[&Class] = &[
    &uninitialised_register::CLASS,
    &uninitialised_result::CLASS,
    &uninitialised_after_join::CLASS,
    &uninitialised_stack::CLASS,
    &helper_reads_stack::CLASS,
    &map_value_or_null::CLASS,
    &or_null_arithmetic::CLASS,
    &or_null_argument::CLASS,
    &null_dereference::CLASS,
    &ringbuf_or_null::CLASS,
    &array_constant_key::CLASS,
    &shared_null_check::CLASS,
    &map_value_offset::CLASS,
    &map_value_max::CLASS,
    &map_value_negative_index::CLASS,
    &map_value_unbounded::CLASS,
    &linked_scalars::CLASS,
    &division_range::CLASS,
    &equality_range::CLASS,
    &not_equal_range::CLASS,
    &map_access_flags::CLASS,
    &packet_unchecked::CLASS,
    &packet_check_too_short::CLASS,
    &packet_check_before_offset::CLASS,
    &packet_check_reversed::CLASS,
    &packet_length_check::CLASS,
    &packet_offset_too_large::CLASS,
    &packet_pointer_lost::CLASS,
    &packet_end_access::CLASS,
    &packet_write::CLASS,
    &stack_bounds::CLASS,
    &stack_alignment::CLASS,
    &stack_variable_offset::CLASS,
    &spilled_pointer::CLASS,
    &combined_stack::CLASS,
    &call_depth::CLASS,
    &recursion::CLASS,
    &returned_stack_pointer::CLASS,
    &callee_saved_lost::CLASS,
    &context_access::CLASS,
    &context_modified::CLASS,
    &pointer_operator::CLASS,
    &pointer_plus_pointer::CLASS,
    &scalar_minus_pointer::CLASS,
    &pointer_far_offset::CLASS,
    &map_pointer_arithmetic::CLASS,
    &frame_pointer_write::CLASS,
    &same_instruction_different_pointers::CLASS,
    &argument_type::CLASS,
    &map_type::CLASS,
    &tail_call_map::CLASS,
    &negative_size::CLASS,
    &zero_size::CLASS,
    &unbounded_size::CLASS,
    &size_not_constant::CLASS,
    &unknown_helper::CLASS,
    &helper_not_for_type::CLASS,
    &map_internals::CLASS,
    &unreachable_instruction::CLASS,
    &jump_out_of_range::CLASS,
    &falls_off_the_end::CLASS,
    &unknown_opcode::CLASS,
    &reserved_field::CLASS,
    &invalid_register::CLASS,
    &division_by_zero::CLASS,
    &shift_count::CLASS,
    &incomplete_ld_imm64::CLASS,
    &infinite_loop::CLASS,
    &bounded_loop::CLASS,
    &too_many_instructions::CLASS,
    &too_many_jumps::CLASS,
    &call_target::CLASS,
    &jump_between_functions::CLASS,
    &result_range::CLASS,
    &returned_pointer::CLASS,
    &packet_alignment::CLASS,
    &map_value_alignment::CLASS,
    &atomic_target::CLASS,
    &atomic_encoding::CLASS,
    &atomic_misaligned::CLASS,
    &reference_leak::CLASS,
    &double_release::CLASS,
    &memory_bounds::CLASS,
    &spin_lock_without_btf::CLASS,
    &callback_without_func_info::CLASS,
    &unknown_kfunc::CLASS,
    &map_descriptor::CLASS,
    &gpl_only::CLASS,
    &legacy_packet_load::CLASS,
    &pointer_into_map::CLASS,
    &pointer_comparison::CLASS,
    &speculative_arithmetic::CLASS,
    &map_struct_read::CLASS,
    &dead_branch::CLASS,
    &signed_bounds::CLASS,
    &lower_half_check::CLASS,
    &spilled_bounds::CLASS,
    &helper_packet_argument::CLASS,
    &callback_result::CLASS,
];

/// Every case with its class.
pub fn cases() -> impl Iterator<Item = (&'static Class, &'static Case)> {
    CLASSES.iter().flat_map(|class| class.cases.iter().map(move |case| (*class, case)))
}

#[cfg(test)]
mod tests;
