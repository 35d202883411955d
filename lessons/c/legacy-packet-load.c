#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

long load_byte(void *ctx, long offset) asm("llvm.bpf.load.byte");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return load_byte(ctx, 23);	/* for socket filters and classifiers */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 24 > end)
		return XDP_PASS;
	return data[23];
}

char _license[] SEC("license") = "GPL";
