// CO-RE relocations that compare whole types, and enumerators of 64 bits.
// clang: 15

#include "bpf.h"

enum { TYPE_MATCHES = 2, ENUM_VALUE = 1 };
#define FAULT(ctx) (*(int *)(long)(ctx)[0])
#define MATCHES(type) __builtin_preserve_type_info(*(type *)0, TYPE_MATCHES)

struct list_head { struct list_head *next, *prev; } CORE;
struct list_head___other { int next, prev; } CORE;
struct task_struct { int pid, tgid; char comm[16]; } CORE;
struct task_struct___wrong { char pid; } CORE;
enum bpf_features_here { LARGE = 0x100000000ull };

SEC("raw_tp/sched_switch") int matches(__u64 *args) { return MATCHES(struct list_head) ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int matches_in_part(__u64 *args) { return MATCHES(struct task_struct) ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int matches_not(__u64 *args) { return MATCHES(struct list_head___other) ? FAULT(args) : 0; }
SEC("raw_tp/sched_switch") int matches_not_by_size(__u64 *args) { return MATCHES(struct task_struct___wrong) ? FAULT(args) : 0; }

/* Rejected. */
SEC("raw_tp/sched_switch") int expects_a_match(__u64 *args) { return MATCHES(struct list_head___other) ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int missing_value_of_64_bits(__u64 *args) { return __builtin_preserve_enum_value(*(enum bpf_features_here *)LARGE, ENUM_VALUE) == 3; }
