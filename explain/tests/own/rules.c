// Rules of types of programs, exceptions, lists, strings and maps; what stands before a program is said in `objects.c`.

#include "bpf.h"

struct bpf_list_head { __u64 words[2]; } __attribute__((aligned(8)));
struct bpf_list_node { __u64 words[3]; } __attribute__((aligned(8)));
struct node { struct bpf_list_node link; long key; };
static long (*const own_strncmp)(const char *, __u32, const char *) = (void *)182;
static long (*const own_loop)(__u32, void *, void *, __u64) = (void *)181;
static void *(*const own_this_cpu_ptr)(const void *) = (void *)154;

extern void *bpf_obj_new_impl(__u64 local_type_id, void *meta) __weak __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __weak __ksym;
extern void bpf_throw(__u64 cookie) __weak __ksym;

MAP(texts, BPF_MAP_TYPE_ARRAY, 1, __u32, __u64);
PRIVATE(L) struct bpf_spin_lock lock;
PRIVATE(L) struct bpf_list_head head __contains(node, link);

//= owned-object - hold
SEC("tc") int list_without_its_lock(void *ctx)
{
	return bpf_list_pop_front(&head) ? 1 : 0;
}
//= reference-leak - path
SEC("tc") int object_not_dropped(void *ctx)
{
	struct node *node = bpf_obj_new_impl(__builtin_btf_type_id(*(struct node *)0, 0), (void *)0);
	return node ? 1 : 0;
}
//= constant-string r3 rodata
SEC("tp_btf/sched_switch") int comparison_with_a_map_that_changes(void *ctx)
{
	__u32 key = 0;
	char text[8] = "abc", *other = bpf_map_lookup_elem(&texts, &key);
	if (!other)
		return 0;
	return own_strncmp(text, 8, other);
}
//= subprogram-result r0 number
__noinline long gives_its_argument(struct __sk_buff *skb) { long result; asm volatile("%0 = %1" : "=r"(result) : "r"(skb)); return result; }
SEC("tc") int pointer_as_a_result(struct __sk_buff *skb) { return gives_its_argument(skb); }
//= exception - callback
static int throws(__u32 index, void *data) { bpf_throw(1); return 0; }
SEC("tc") int thrown_in_a_callback(struct __sk_buff *skb) { own_loop(4, throws, (void *)0, 0); return 0; }
//= compiler-trap - initialise
//6.12= relocation-missing - loader
extern void __bpf_trap(void) __weak __ksym;
SEC("tc") int trap(struct __sk_buff *skb) { __bpf_trap(); return 0; }
//= relocation-missing r1 loader
SEC("tc") int no_such_variable(struct __sk_buff *skb) { return own_this_cpu_ptr((void *)0) ? 1 : 0; }
//= packet-write - helper
SEC("cgroup_skb/egress") int packet_written(struct __sk_buff *skb)
{
	char *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	if (data + 1 > end)
		return 1;
	*(volatile char *)data = 1;
	return 1;
}
char _license[] SEC("license") = "GPL";
