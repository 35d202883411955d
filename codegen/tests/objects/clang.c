// What other compilers write: read by `tests/foreign.rs`. The object beside this file was made with clang 14:
//   clang -target bpf -O2 -g -fdebug-compilation-dir=. -c clang.c -o clang.o && llvm-strip -g clang.o

typedef unsigned char __u8;
typedef unsigned int __u32;
typedef unsigned long long __u64;

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name

struct xdp_md;
struct __sk_buff;

static void *(*map_lookup)(void *, const void *) = (void *)1;
static long (*loop)(__u32, void *, void *, __u64) = (void *)181;
extern void kernel_function(int) __attribute__((section(".ksyms")));

struct entry {
	__u8 step;
	__u64 times[2];
};

union either {
	__u32 number;
	void *pointer;
};

struct {
	__uint(type, 1);
	__uint(max_entries, 16);
	__uint(pinning, 1);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

struct {
	__uint(type, 2);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 8);
	__uint(map_flags, 1024);
} counters SEC(".maps");

struct {
	__uint(type, 1);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, union either);
} unions SEC(".maps");

struct {
	__uint(type, 12);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	int (*values[])[1];
} outer SEC(".maps");

struct {
	unsigned int type, key_size, value_size, max_entries, map_flags;
} legacy SEC("maps") = { 1, 4, 8, 10, 0 };

__u64 counter;

static long tick(__u32 index, void *context)
{
	return map_lookup(&counters, &index) == 0;
}

static __attribute__((noinline)) int triple(int x)
{
	return x * 3 + (map_lookup(&unions, &x) == 0);
}

__attribute__((noinline)) int more(int x)
{
	return triple(x) + 1;
}

SEC("xdp") int links(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct entry *entry = map_lookup(&entries, &key);

	if (!entry)
		return 2;
	loop(3, tick, 0, 0);
	return (more(entry->step) + triple(1)) & 1;
}

SEC("xdp") int old(struct xdp_md *ctx)
{
	__u32 key = 0;
	return map_lookup(&legacy, &key) ? 1 : 2;
}

SEC("tc") int data(struct __sk_buff *ctx)
{
	return counter++;
}

SEC("tc") int kfunc(struct __sk_buff *ctx)
{
	kernel_function(1);
	return 0;
}

SEC("tc") int nested(struct __sk_buff *ctx)
{
	__u32 key = 0;
	return map_lookup(&outer, &key) == 0;
}

struct task {
	int pid;
} __attribute__((preserve_access_index));

SEC("kprobe/x") int core(struct task *task)
{
	return task->pid;
}

SEC("other") int unknown(void *ctx)
{
	return 0;
}

char declared_license[] SEC("license") = "Dual MIT/GPL";
