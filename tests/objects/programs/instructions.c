// Instructions that compilers write seldom, by hand: the verifier looks at each before it walks.

#include "bpf.h"

#define ALONE(name, text) SEC("socket") int __attribute__((naked)) name(void) { asm volatile(text); }

ALONE(swap_bytes, "r0 = 1; r0 = be16 r0; r0 = le32 r0; r0 = be64 r0; exit;")
ALONE(far_back, "r0 = 0; goto +2; r0 = 1; exit; goto -3;")
ALONE(atomics, "r1 = 1; *(u64 *)(r10 - 8) = r1; lock *(u64 *)(r10 - 8) += r1; lock *(u64 *)(r10 - 8) |= r1; r0 = 0; exit;")
/* Without privileges the next would be a leak. */
ALONE(returns_a_pointer, "r0 = r10; exit;")

/* Rejected. */
ALONE(uninitialised, "r0 = r7; exit;")
ALONE(no_result, "exit;")
ALONE(falls_off, "r0 = 0;")
ALONE(dead_code, "r0 = 0; exit; r0 = 1; exit;")
ALONE(jumps_out, "r0 = 0; goto +200; exit;")
ALONE(writes_the_frame_pointer, "r10 = 1; r0 = 0; exit;")
ALONE(divides_by_nothing, "r0 = 1; r0 /= 0; exit;")
ALONE(shifts_too_far, "r0 = 1; r0 <<= 64; exit;")
ALONE(unknown_helper, "call 5000; exit;")
ALONE(adds_pointers, "r0 = r10; r0 += r1; exit;")
ALONE(stores_in_the_context, "r0 = 0; *(u32 *)(r1 + 0) = r0; exit;")
ALONE(reads_beyond_the_context, "r0 = *(u32 *)(r1 + 4000); exit;")
