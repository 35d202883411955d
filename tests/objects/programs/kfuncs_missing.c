// A kernel function that is wanted and isn't there: libbpf refuses the object.

#include "bpf.h"

extern int no_such_kernel_function(int number) __ksym;

SEC("tp_btf/sched_switch") int refused(__u64 *args) { return no_such_kernel_function(1); }
SEC("tp_btf/sched_switch") int refused_with_it(__u64 *args) { return 0; }
