#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *place = data + 0x20000000;
	asm volatile("" : "+r"(place));
	if (place + 1 > end)
		return XDP_PASS;
	return *place;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *place = data + 0x2000;
	asm volatile("" : "+r"(place));
	if (place + 1 > end)
		return XDP_PASS;
	return *place;
}

char _license[] SEC("license") = "GPL";
