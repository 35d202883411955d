#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 34 > end)
		return XDP_PASS;
	return *(__u32 *)(data + 1);
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 number;
	if (data + 34 > end)
		return XDP_PASS;
	__builtin_memcpy(&number, data + 1, sizeof(number));	/* byte by byte */
	return number;
}

char _license[] SEC("license") = "GPL";
