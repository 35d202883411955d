// Timers and work queues in map values.

#include "bpf.h"

struct bpf_wq { __u64 words[2]; } __attribute__((aligned(8)));
struct with_timer { struct bpf_timer timer; __u64 fired; };
struct with_work { struct bpf_wq work; __u64 done; };

MAP(timers, BPF_MAP_TYPE_ARRAY, 1, __u32, struct with_timer);
MAP(other, BPF_MAP_TYPE_HASH, 8, __u32, struct with_timer);
MAP(works, BPF_MAP_TYPE_ARRAY, 1, __u32, struct with_work);

extern int bpf_wq_init(struct bpf_wq *wq, void *map, unsigned int flags) __weak __ksym;
extern int bpf_wq_start(struct bpf_wq *wq, unsigned int flags) __weak __ksym;
extern int bpf_wq_set_callback_impl(struct bpf_wq *wq, int (*callback)(void *map, int *key, void *value), unsigned int flags, void *aux) __weak __ksym;

static int fires(void *map, __u32 *key, struct with_timer *value)
{
	value->fired++;
	bpf_timer_start(&value->timer, 1000, 0);
	return 0;
}
static int fires_with_one(void *map, __u32 *key, struct with_timer *value) { return 1; }
static int works_off(void *map, int *key, void *value) { ((struct with_work *)value)->done = 1; return 0; }

SEC("tc") int starts(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct with_timer *value = bpf_map_lookup_elem(&timers, &key);
	if (!value)
		return 0;
	bpf_timer_init(&value->timer, &timers, 1);
	bpf_timer_set_callback(&value->timer, fires);
	bpf_timer_start(&value->timer, 1000, 0);
	return 0;
}
SEC("tc") int cancels(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct with_timer *value = bpf_map_lookup_elem(&other, &key);
	return value ? bpf_timer_cancel(&value->timer) : 0;
}
SEC("tc") int starts_work(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct with_work *value = bpf_map_lookup_elem(&works, &key);
	if (!value || bpf_wq_init(&value->work, &works, 0))
		return 0;
	bpf_wq_set_callback_impl(&value->work, works_off, 0, NULL);
	bpf_wq_start(&value->work, 0);
	return 0;
}

/* Rejected. */
SEC("tc") int init_with_another_map(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct with_timer *value = bpf_map_lookup_elem(&timers, &key);
	return value ? bpf_timer_init(&value->timer, &other, 1) : 0;
}
SEC("tc") int writes_a_timer(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&timers, &key);
	if (value)
		*value = 1;
	return 0;
}
SEC("tc") int callback_returns_one(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct with_timer *value = bpf_map_lookup_elem(&timers, &key);
	return value ? bpf_timer_set_callback(&value->timer, fires_with_one) : 0;
}
SEC("tc") int timer_on_the_stack(struct __sk_buff *skb)
{
	struct bpf_timer timer = {};
	return bpf_timer_start(&timer, 1, 0);
}
SEC("raw_tp/sched_switch") int timer_in_tracing(void *ctx)
{
	__u32 key = 0;
	struct with_timer *value = bpf_map_lookup_elem(&timers, &key);
	return value ? bpf_timer_cancel(&value->timer) : 0;
}
