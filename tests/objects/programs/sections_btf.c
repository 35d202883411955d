// Sections whose target is a name in the kernel's types: tracing, lsm, iterators, syscall programs, extensions.

#include "bpf.h"

struct task_struct { int pid; int tgid; } CORE;
struct linux_binprm { const char *filename; } CORE;
struct file { unsigned int f_flags; } CORE;
struct seq_file { unsigned long index; } CORE;
struct bpf_iter_meta { struct seq_file *seq; __u64 session_id; __u64 seq_num; } CORE;
struct iter_task { struct bpf_iter_meta *meta; struct task_struct *task; };
struct iter_map { struct bpf_iter_meta *meta; struct bpf_map *map; void *key; void *value; };
struct bpf_map;

SEC("tp_btf/sched_switch") int in_tp_btf(__u64 *args)
{
	struct task_struct *prev = (void *)args[1];
	return prev->pid == 1;
}
SEC("tp_btf/sys_enter") int tp_btf_number(__u64 *args) { return args[1] == 7; }
SEC("fentry/do_nanosleep") int fentry(__u64 *args) { return args[1] != 0; }
SEC("fexit/do_nanosleep") int fexit(__u64 *args) { return args[2] == 0; }
SEC("fentry/vfs_read") int fentry_pointer(__u64 *args)
{
	struct file *file = (void *)args[0];
	return file->f_flags & 1;
}
SEC("fentry.s/bpf_lsm_file_open") int fentry_sleepable(__u64 *args) { char byte; return bpf_copy_from_user(&byte, 1, NULL); }
SEC("fexit.s/bpf_lsm_file_open") int fexit_sleepable(__u64 *args) { return 0; }
SEC("fmod_ret/bpf_lsm_file_open") int fmod_ret(__u64 *args) { return 0; }
SEC("fmod_ret.s/security_file_open") int fmod_ret_sleepable(__u64 *args) { return 0; }
SEC("fsession/do_nanosleep") int fsession(__u64 *args) { return 0; }
SEC("fsession.s/do_nanosleep") int fsession_sleepable(__u64 *args) { return 0; }
SEC("lsm/file_open") int lsm(__u64 *args)
{
	struct file *file = (void *)args[0];
	return file->f_flags & 2 ? -1 : 0;
}
SEC("lsm.s/bprm_committed_creds") int lsm_sleepable(__u64 *args) { char byte; bpf_copy_from_user(&byte, 1, NULL); return 0; }
SEC("lsm_cgroup/socket_bind") int lsm_cgroup(__u64 *args) { return 1; }
SEC("iter/task") int iter_task(struct iter_task *ctx)
{
	int pid;
	if (!ctx->task)
		return 0;
	pid = ctx->task->pid;
	bpf_seq_write(ctx->meta->seq, &pid, sizeof(pid));
	return 0;
}
SEC("iter.s/task") int iter_task_sleepable(struct iter_task *ctx) { char byte; bpf_copy_from_user(&byte, 1, NULL); return 0; }
SEC("iter/bpf_map_elem") int iter_map_elem(struct iter_map *ctx) { return ctx->map ? 0 : 1; }
SEC("syscall") int syscall_program(__u32 *args) { return bpf_sys_close(args[0]); }

/* Rejected, or refused for a name that isn't there. */
SEC("tp_btf/sched_switch") int tp_btf_fourth(__u64 *args) { return args[9] != 0; }
SEC("tp_btf/no_such_tracepoint") int tp_btf_nowhere(__u64 *args) { return 0; }
SEC("fentry/no_such_function") int fentry_nowhere(__u64 *args) { return 0; }
SEC("fentry/do_nanosleep") int fentry_beyond(__u64 *args) { return args[3] != 0; }
SEC("fentry/vfs_read") int fentry_writes(__u64 *args) { *(__u32 *)args[0] = 1; return 0; }
SEC("fentry/do_nanosleep") int fentry_result(__u64 *args) { return bpf_get_func_ip(args) > 5 ? 1 : 0; }
SEC("fmod_ret/do_nanosleep") int fmod_ret_not_allowed(__u64 *args) { return 0; }
SEC("lsm/file_open") int lsm_positive(__u64 *args) { return 1; }
SEC("lsm/no_such_hook") int lsm_nowhere(__u64 *args) { return 0; }
SEC("lsm_cgroup/socket_bind") int lsm_cgroup_two(__u64 *args) { return 2; }
SEC("iter/task") int iter_null(struct iter_task *ctx) { return ctx->task->pid == 1; }
SEC("iter/no_such_iterator") int iter_nowhere(void *ctx) { return 0; }
SEC("freplace/other") int in_freplace(struct xdp_md *ctx) { return 0; }
SEC("freplace") int freplace_without_name(struct xdp_md *ctx) { return 0; }
SEC("tp_btf") int tp_btf_without_name(__u64 *args) { return 0; }
SEC("syscall") int syscall_beyond(char *args) { return args[65536]; }
