#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_iter_num {
	__u64 opaque[1];
} __attribute__((aligned(8)));

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

SEC("xdp") int fault(struct xdp_md *ctx)
{
	struct bpf_iter_num it;
	while (bpf_iter_num_next(&it))	/* nothing made it */
		;
	bpf_iter_num_destroy(&it);
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	struct bpf_iter_num it;
	bpf_iter_num_new(&it, 0, 10);
	while (bpf_iter_num_next(&it))
		;
	bpf_iter_num_destroy(&it);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
