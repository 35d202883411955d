#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_local_irq_save(unsigned long *flags) __ksym;
extern void bpf_local_irq_restore(unsigned long *flags) __ksym;

SEC("xdp") int fault(struct xdp_md *ctx)
{
	unsigned long flags = 0;
	bpf_local_irq_restore(&flags);	/* nothing saved them */
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	unsigned long flags;
	bpf_local_irq_save(&flags);
	bpf_local_irq_restore(&flags);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
