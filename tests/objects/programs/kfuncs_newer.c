// Kernel functions that only newer kernels have, so they are weak: interrupts, preemption, packets, text.

#include "bpf.h"

struct xdp_flags;
extern void bpf_preempt_disable(void) __weak __ksym;
extern void bpf_preempt_enable(void) __weak __ksym;
extern void bpf_local_irq_save(unsigned long *flags) __weak __ksym;
extern void bpf_local_irq_restore(unsigned long *flags) __weak __ksym;
extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __weak __ksym;
extern int bpf_copy_from_user_str(void *to, __u32 size, const void *from, __u64 flags) __weak __ksym;
extern int bpf_strlen(const char *text) __weak __ksym;
extern void *bpf_cast_to_kern_ctx(void *ctx) __weak __ksym;
extern void *bpf_rdonly_cast(const void *pointer, __u32 type_id) __weak __ksym;

struct sk_buff { unsigned int len; } CORE;
struct task_struct { int pid; } CORE;
static const char words[] = "words";

SEC("tc") int without_preemption(struct __sk_buff *skb)
{
	bpf_preempt_disable();
	skb->mark = 1;
	bpf_preempt_enable();
	return 0;
}
SEC("tc") int without_interrupts(struct __sk_buff *skb)
{
	unsigned long flags;
	bpf_local_irq_save(&flags);
	skb->mark = 1;
	bpf_local_irq_restore(&flags);
	return 0;
}
SEC("tc") int kernels_packet(struct __sk_buff *skb) { return ((struct sk_buff *)bpf_cast_to_kern_ctx(skb))->len > 10 ? 0 : 2; }
SEC("raw_tp/sched_switch") int read_only_cast(__u64 *args)
{
	struct task_struct *task = bpf_rdonly_cast((void *)args[1], __builtin_btf_type_id(*(struct task_struct *)0, 1));
	return task->pid;
}
SEC("syscall") int text_from_user(void *ctx) { char text[8]; return bpf_copy_from_user_str(text, sizeof(text), NULL, 0); }
SEC("syscall") int length(void *ctx) { return bpf_strlen(words); }

/* Rejected. */
SEC("tc") int keeps_preemption_off(struct __sk_buff *skb) { bpf_preempt_disable(); return 0; }
SEC("tc") int enables_preemption_only(struct __sk_buff *skb) { bpf_preempt_enable(); return 0; }
SEC("tc") int keeps_interrupts_off(struct __sk_buff *skb) { unsigned long flags; bpf_local_irq_save(&flags); return 0; }
SEC("tc") int restores_in_the_wrong_order(struct __sk_buff *skb)
{
	unsigned long one, two;
	bpf_local_irq_save(&one);
	bpf_local_irq_save(&two);
	bpf_local_irq_restore(&one);
	bpf_local_irq_restore(&two);
	return 0;
}
SEC("xdp") int metadata_without_a_device(struct xdp_md *ctx) { __u64 time; return bpf_xdp_metadata_rx_timestamp(ctx, &time) ? XDP_PASS : XDP_DROP; }
SEC("tc") int sleeps_in_a_packet(struct __sk_buff *skb) { char text[8]; return bpf_copy_from_user_str(text, sizeof(text), NULL, 0); }
