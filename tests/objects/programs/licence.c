// A licence that isn't the GPL's: some helpers are closed to it.

#define LICENSE "Proprietary"
#include "bpf.h"

SEC("raw_tp/sched_switch") int without_gpl(void *ctx) { return bpf_get_current_pid_tgid() == 1; }
/* Closed to it in old kernels. */
SEC("xdp") int time(struct xdp_md *ctx) { return bpf_ktime_get_ns() & 1 ? XDP_PASS : XDP_DROP; }

/* Rejected. */
SEC("raw_tp/sched_switch") int needs_gpl(void *ctx) { return bpf_probe_read_kernel(NULL, 0, NULL); }
SEC("raw_tp/sched_switch") int prints(void *ctx) { char text[] = "x"; return bpf_trace_printk(text, sizeof(text)); }
