// An arena: pages that programs share with user space, in an address space of its own.
// clang: 19

#include "bpf.h"

#define __arena __attribute__((address_space(1)))
#define MMAPABLE 1024

struct {
	__uint(type, MAP_TYPE_ARENA);
	__uint(map_flags, MMAPABLE);
	__uint(max_entries, 4);
} arena SEC(".maps");

extern void __arena *bpf_arena_alloc_pages(void *map, void __arena *address, __u32 pages, int node, __u64 flags) __weak __ksym;
extern void bpf_arena_free_pages(void *map, void __arena *address, __u32 pages) __weak __ksym;

SEC("syscall") int pages(void *ctx)
{
	int __arena *page = bpf_arena_alloc_pages(&arena, NULL, 1, -1, 0);
	if (!page)
		return 1;
	page[1] = page[0] + 1;
	bpf_arena_free_pages(&arena, page, 1);
	return 0;
}

/* Rejected: the kernel doesn't know where the arena's pages start. */
SEC("xdp") int not_sleepable(struct xdp_md *ctx)
{
	return bpf_arena_alloc_pages(&arena, NULL, 1, -1, 0) ? XDP_PASS : XDP_DROP;
}
