// Maps without look-ups: queues, stacks, filters, ring buffers, events, stack traces.

#include "bpf.h"

struct event { __u32 pid; char comm[16]; };

struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 8); __type(value, __u64); } queue SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_STACK); __uint(max_entries, 8); __type(value, __u64); } stack SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__uint(map_extra, 3);
	__type(value, __u32);
} bloom SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ringbuf SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_USER_RINGBUF); __uint(max_entries, 4096); } user_ringbuf SEC(".maps");
/* The loader fills in the number of processors. */
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } events SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 64);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_CGROUP_ARRAY); __uint(max_entries, 2); __uint(key_size, 4); __uint(value_size, 4); } cgroups SEC(".maps");

SEC("tc") int pushes(struct __sk_buff *skb) { __u64 value = skb->len; return bpf_map_push_elem(&queue, &value, 0) ? 2 : 0; }
SEC("tc") int pops(struct __sk_buff *skb) { __u64 value; return bpf_map_pop_elem(&stack, &value) ? 2 : (int)value; }
SEC("tc") int peeks(struct __sk_buff *skb) { __u64 value; return bpf_map_peek_elem(&queue, &value) ? 2 : 0; }
SEC("tc") int filters(struct __sk_buff *skb) { __u32 value = skb->len; return bpf_map_peek_elem(&bloom, &value) ? 2 : 0; }
SEC("raw_tp/sched_switch") int reserves(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&ringbuf, sizeof(*event), 0);
	if (!event)
		return 0;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
	return 0;
}
SEC("raw_tp/sched_switch") int outputs(void *ctx)
{
	struct event event = {};
	bpf_ringbuf_output(&ringbuf, &event, sizeof(event), 0);
	return bpf_perf_event_output(ctx, &events, 0xffffffff, &event, sizeof(event));
}
SEC("raw_tp/sched_switch") int traces_stack(void *ctx) { return bpf_get_stackid(ctx, &stacks, 0) > 0; }
SEC("raw_tp/sched_switch") int under_cgroup(void *ctx) { return bpf_current_task_under_cgroup(&cgroups, 1); }

static long sample(void *dynptr, void *ctx) { return bpf_dynptr_data(dynptr, 0, 4) ? 0 : 1; }
SEC("raw_tp/sched_switch") int drains(void *ctx) { return bpf_user_ringbuf_drain(&user_ringbuf, sample, NULL, 0); }

/* Rejected. */
SEC("raw_tp/sched_switch") int leaks_a_record(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&ringbuf, sizeof(*event), 0);
	return event ? 1 : 0;
}
SEC("raw_tp/sched_switch") int submits_twice(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&ringbuf, sizeof(*event), 0);
	if (!event)
		return 0;
	bpf_ringbuf_submit(event, 0);
	bpf_ringbuf_submit(event, 0);
	return 0;
}
SEC("raw_tp/sched_switch") int submits_null(void *ctx)
{
	bpf_ringbuf_submit(bpf_ringbuf_reserve(&ringbuf, 8, 0), 0);
	return 0;
}
SEC("raw_tp/sched_switch") int writes_beyond_the_record(void *ctx)
{
	char *record = bpf_ringbuf_reserve(&ringbuf, 8, 0);
	if (!record)
		return 0;
	record[8] = 1;
	bpf_ringbuf_discard(record, 0);
	return 0;
}
SEC("tc") int looks_up_in_a_queue(struct __sk_buff *skb) { __u32 key = 1; return bpf_map_lookup_elem(&queue, &key) ? 0 : 2; }
SEC("tc") int pushes_uninitialised(struct __sk_buff *skb) { __u64 value; return bpf_map_push_elem(&queue, (void *)(&value + 1), 0); }
SEC("tc") int pops_into_a_filter(struct __sk_buff *skb) { __u32 value; return bpf_map_pop_elem(&bloom, &value); }
SEC("xdp") int stack_of_xdp(struct xdp_md *ctx) { return bpf_get_stackid(ctx, &stacks, 0) > 0; }
