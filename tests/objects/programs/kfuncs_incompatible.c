// A kernel function that is there with another prototype than the object declares: libbpf refuses the object.

#include "bpf.h"

struct bpf_cpumask;
extern struct bpf_cpumask *bpf_cpumask_create(void) __ksym;

SEC("tp_btf/sched_switch") int refused(__u64 *args) { return bpf_cpumask_create() ? 1 : 0; }
