// Sections of tracing that name what they are attached to without its types: probes, tracepoints, perf events.

#include "bpf.h"

struct pt_regs { unsigned long words[21]; };

SEC("kprobe/do_nanosleep") int kprobe(struct pt_regs *regs) { return regs->words[14] == 0; }
SEC("kretprobe/do_nanosleep") int kretprobe(struct pt_regs *regs) { return regs->words[10] == 0; }
SEC("kprobe.multi/tcp_*") int kprobe_multi(struct pt_regs *regs) { return bpf_get_attach_cookie(regs) == 1; }
SEC("kretprobe.multi/tcp_*") int kretprobe_multi(struct pt_regs *regs) { return 0; }
SEC("kprobe.session/tcp_*") int kprobe_session(struct pt_regs *regs) { return 1; }
SEC("uprobe") int in_uprobe(struct pt_regs *regs) { return bpf_get_func_ip(regs) == 1; }
SEC("uprobe.s//bin/true:main") int uprobe_sleepable(struct pt_regs *regs)
{
	char byte;
	return bpf_copy_from_user(&byte, 1, (void *)regs->words[14]);
}
SEC("uretprobe//bin/true:main") int uretprobe(struct pt_regs *regs) { return 0; }
SEC("uretprobe.s") int uretprobe_sleepable(struct pt_regs *regs) { char byte; return bpf_copy_from_user(&byte, 1, NULL); }
SEC("uprobe.multi//bin/true:m*") int uprobe_multi(struct pt_regs *regs) { return bpf_get_attach_cookie(regs) == 1; }
SEC("uretprobe.multi//bin/true:m*") int uretprobe_multi(struct pt_regs *regs) { return 0; }
SEC("uprobe.multi.s//bin/true:m*") int uprobe_multi_sleepable(struct pt_regs *regs) { char byte; return bpf_copy_from_user(&byte, 1, NULL); }
SEC("uprobe.session//bin/true:m*") int uprobe_session(struct pt_regs *regs) { return 1; }
SEC("uretprobe.multi.s//bin/true:m*") int uretprobe_multi_sleepable(struct pt_regs *regs) { char byte; return bpf_copy_from_user(&byte, 1, NULL); }
SEC("uprobe.session.s//bin/true:m*") int uprobe_session_sleepable(struct pt_regs *regs) { char byte; return bpf_copy_from_user(&byte, 1, NULL) ? 1 : 0; }
SEC("ksyscall/nanosleep") int ksyscall(struct pt_regs *regs) { return 0; }
SEC("kretsyscall/nanosleep") int kretsyscall(struct pt_regs *regs) { return 0; }
SEC("usdt") int in_usdt(struct pt_regs *regs) { return 0; }
SEC("usdt.s") int usdt_sleepable(struct pt_regs *regs) { char byte; return bpf_copy_from_user(&byte, 1, NULL); }
SEC("tracepoint/sched/sched_switch") int tracepoint(__u64 *args) { return args[1] != 0; }
SEC("tp/syscalls/sys_enter_nanosleep") int tp(__u64 *args) { return args[2] != 0; }
SEC("raw_tracepoint/sched_switch") int raw_tracepoint(struct bpf_raw_tracepoint_args *args) { return args->args[0] != 0; }
SEC("raw_tp/sched_switch") int raw_tp(struct bpf_raw_tracepoint_args *args) { return args->args[1] != 0; }
SEC("raw_tracepoint.w/sched_switch") int raw_tracepoint_writable(struct bpf_raw_tracepoint_args *args) { return 0; }
SEC("raw_tp.w/sched_switch") int raw_tp_writable(struct bpf_raw_tracepoint_args *args)
{
	*(__u64 *)args->args[0] = 1;
	return 0;
}

struct perf_ctx { struct pt_regs regs; __u64 sample_period; __u64 addr; };
SEC("perf_event") int in_perf_event(struct perf_ctx *ctx) { return ctx->sample_period > 1; }

/* Rejected. */
SEC("kprobe/do_nanosleep") int kprobe_writes(struct pt_regs *regs) { regs->words[1] = 0; return 0; }
SEC("kprobe/do_nanosleep") int kprobe_sleeps(struct pt_regs *regs) { char byte; return bpf_copy_from_user(&byte, 1, NULL); }
SEC("kprobe/do_nanosleep") int kprobe_beyond(__u64 *words) { return words[21] != 0; }
SEC("kprobe.session/tcp_*") int kprobe_session_two(struct pt_regs *regs) { return 2; }
SEC("tracepoint/sched/sched_switch") int tracepoint_common(__u64 *args) { return args[0] != 0; }
SEC("raw_tp/sched_switch") int raw_tp_follows(struct bpf_raw_tracepoint_args *args) { return *(__u32 *)args->args[1]; }
SEC("perf_event") int perf_event_half(struct perf_ctx *ctx) { return *((__u8 *)&ctx->addr + 12); }
