#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 34 > end)
		return XDP_PASS;
	__u8 *transport = data + 14 + (data[14] & 15) * 4;
	return *transport;		/* this pointer was compared with nothing */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 34 > end)
		return XDP_PASS;
	__u8 *transport = data + 14 + (data[14] & 15) * 4;
	if (transport + 1 > end)
		return XDP_PASS;
	return *transport;
}

char _license[] SEC("license") = "GPL";
