// A variable of the kernel's that is wanted and isn't there: libbpf refuses the object.

#include "bpf.h"

extern const void no_such_symbol __ksym;

SEC("raw_tp/sched_switch") int refused(void *ctx) { return (long)&no_such_symbol >> 3; }
