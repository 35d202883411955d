#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *place = data + (ctx->rx_queue_index & 0x1ffff);
	if (place + 1 > end)		/* may be 65535 bytes and more away */
		return XDP_PASS;
	return *place;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *place = data + (ctx->rx_queue_index & 0x7fff);
	if (place + 1 > end)
		return XDP_PASS;
	return *place;
}

char _license[] SEC("license") = "GPL";
