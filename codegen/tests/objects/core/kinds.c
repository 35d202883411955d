/*
 * Each kind of relocation, on types that every kernel has. `kinds.o` is made from it by clang 19:
 *     clang-19 -O2 -g -target bpf -fdebug-compilation-dir=. -c kinds.c -o kinds.o
 */
#include "core.h"

struct KERNEL iphdr {
	unsigned char ihl : 4, version : 4;
	unsigned char tos;
	unsigned short tot_len;
	unsigned int saddr;
};

struct KERNEL list_head {
	struct list_head *next, *prev;
};

struct KERNEL task_struct___mine {
	int pid, tgid;
	char comm[16];
	struct task_struct___mine *group_leader;
	unsigned sched_reset_on_fork : 1;
	struct list_head tasks;
	int no_such_member;
};

struct KERNEL sk_buff {
	unsigned len;
	unsigned char pkt_type : 3;
	unsigned short queue_mapping;
	unsigned int mark;
	unsigned char cb[48];
};

struct KERNEL no_such_struct {
	int member;
};

typedef int pid_t;
typedef struct { int counter; } atomic_t;

enum bpf_map_type { BPF_MAP_TYPE_HASH = 77, BPF_MAP_TYPE_ARRAY = 78, NO_SUCH_TYPE = 79 };
enum bpf_prog_type___mine { BPF_PROG_TYPE_XDP___mine = 1234 };

SEC("socket") int fields(struct task_struct___mine *task)
{
	out = offset_of(task->pid);
	out = offset_of(task->comm[3]);
	out = offset_of(task->tasks.prev);
	out = offset_of(task[2].tgid);
	out = size_of(task->comm);
	out = size_of(task->tasks);
	out = exists(task->pid);
	out = exists(task->no_such_member);
	out = is_signed(task->pid);
	out = shift_left(task->pid);
	out = shift_right(task->pid);
	return 0;
}

SEC("socket") int bits(struct iphdr *ip, struct sk_buff *skb)
{
	out = offset_of(ip->version);
	out = size_of(ip->version);
	out = is_signed(ip->version);
	out = shift_left(ip->version);
	out = shift_right(ip->version);
	out = shift_left(ip->ihl);
	return 0;
}

SEC("socket") int more_bits(struct sk_buff *skb)
{
	out = offset_of(skb->pkt_type);
	out = size_of(skb->pkt_type);
	out = shift_left(skb->pkt_type);
	out = shift_right(skb->pkt_type);
	out = exists(skb->pkt_type);
	return 0;
}

SEC("socket") int types(void *ctx)
{
	out = local_id(struct task_struct___mine);
	out = kernel_id(struct task_struct___mine);
	out = kernel_id(struct no_such_struct);
	out = type_exists(struct sk_buff);
	out = type_exists(struct no_such_struct);
	out = type_exists(pid_t);
	out = type_exists(atomic_t);
	out = type_size(struct sk_buff);
	out = type_size(struct no_such_struct);
	out = type_size(atomic_t);
	out = type_matches(struct list_head);
	out = type_matches(struct iphdr);
	out = type_matches(struct task_struct___mine);
	out = type_matches(enum bpf_prog_type___mine);
	out = type_matches(enum bpf_map_type);
	return 0;
}

SEC("socket") int values(void *ctx)
{
	out = value_exists(enum bpf_map_type, BPF_MAP_TYPE_HASH);
	out = value_exists(enum bpf_map_type, NO_SUCH_TYPE);
	out = value_of(enum bpf_map_type, BPF_MAP_TYPE_ARRAY);
	out = value_of(enum bpf_prog_type___mine, BPF_PROG_TYPE_XDP___mine);
	return 0;
}

SEC("socket") int absent_value(void *ctx)
{
	out = value_of(enum bpf_map_type, NO_SUCH_TYPE);
	return 0;
}

SEC("socket") int absent_member(struct task_struct___mine *task)
{
	out = task->no_such_member;
	return 0;
}

SEC("socket") int absent_place(struct no_such_struct *task)
{
	out = offset_of(task->member);
	return 0;
}

SEC("socket") int loads(struct task_struct___mine *task)
{
	out = task->pid;
	out = task->comm[5];
	out = (unsigned long long)task->group_leader;
	out = (unsigned long long)task->tasks.prev;
	out = task->group_leader->tgid;
	return 0;
}

SEC("socket") int more_loads(struct sk_buff *skb)
{
	out = skb->len;
	out = skb->queue_mapping;
	out = skb->cb[7];
	return 0;
}

SEC("socket") int stores(struct sk_buff *skb)
{
	skb->mark = 7;
	skb->len = out;
	return 0;
}
