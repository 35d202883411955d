// CO-RE relocations of types and enumerators: existence, size, ids, values.

#include "bpf.h"

enum { TYPE_EXISTS = 0, TYPE_SIZE = 1, ENUM_EXISTS = 0, ENUM_VALUE = 1, ID_LOCAL = 0, ID_TARGET = 1 };
#define FAULT(ctx) (*(int *)(long)(ctx)[0])
#define TYPE(type, kind) __builtin_preserve_type_info(*(type *)0, kind)
#define TYPE_ID(type, kind) __builtin_btf_type_id(*(type *)0, kind)
#define ENUMERATOR(type, value, kind) __builtin_preserve_enum_value(*(type *)value, kind)

struct task_struct { int pid; } CORE;
struct list_head { struct list_head *next, *prev; } CORE;
struct no_such_struct { int field; } CORE;
union bpf_attr___here { int map_type; } CORE;
typedef struct { int counter; } atomic_t;
typedef int (*no_such_function_t)(int);
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID = 9, NO_SUCH_TYPE = 44 };
enum no_such_enum { NO_SUCH_VALUE = 5 };

SEC("raw_tp/sched_switch") int type_exists(__u64 *args) { return TYPE(struct task_struct, TYPE_EXISTS) ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int type_is_missing(__u64 *args) { return TYPE(struct no_such_struct, TYPE_EXISTS) ? FAULT(args) : 0; }
SEC("raw_tp/sched_switch") int type_with_flavour(__u64 *args) { return TYPE(union bpf_attr___here, TYPE_EXISTS) ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int typedef_exists(__u64 *args) { return TYPE(atomic_t, TYPE_EXISTS) ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int typedef_is_missing(__u64 *args) { return TYPE(no_such_function_t, TYPE_EXISTS) ? FAULT(args) : 0; }
SEC("raw_tp/sched_switch") int type_size(__u64 *args)
{
	return TYPE(struct list_head, TYPE_SIZE) == 16 && TYPE(struct task_struct, TYPE_SIZE) > 1000 ? 0 : FAULT(args);
}
SEC("raw_tp/sched_switch") int local_id(__u64 *args) { return TYPE_ID(struct task_struct, ID_LOCAL) ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int target_id(__u64 *args) { return TYPE_ID(struct task_struct, ID_TARGET) > 10 ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int enumerator_exists(__u64 *args) { return ENUMERATOR(enum pid_type, PIDTYPE_TGID, ENUM_EXISTS) ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int enumerator_is_missing(__u64 *args) { return ENUMERATOR(enum pid_type, NO_SUCH_TYPE, ENUM_EXISTS) ? FAULT(args) : 0; }
SEC("raw_tp/sched_switch") int enum_is_missing(__u64 *args) { return ENUMERATOR(enum no_such_enum, NO_SUCH_VALUE, ENUM_EXISTS) ? FAULT(args) : 0; }
SEC("raw_tp/sched_switch") int enumerator_has_the_kernels_value(__u64 *args) { return ENUMERATOR(enum pid_type, PIDTYPE_TGID, ENUM_VALUE) == 1 ? 0 : FAULT(args); }

/* Rejected. */
SEC("raw_tp/sched_switch") int value_of_a_missing_enumerator(__u64 *args) { return ENUMERATOR(enum pid_type, NO_SUCH_TYPE, ENUM_VALUE); }
SEC("raw_tp/sched_switch") int expects_the_missing_type(__u64 *args) { return TYPE(struct no_such_struct, TYPE_EXISTS) ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int expects_the_local_value(__u64 *args) { return ENUMERATOR(enum pid_type, PIDTYPE_TGID, ENUM_VALUE) == 9 ? 0 : FAULT(args); }
SEC("raw_tp/sched_switch") int size_of_a_missing_type(__u64 *args) { return TYPE(struct no_such_struct, TYPE_SIZE) == 0 ? FAULT(args) : 1; }
