// One of everything that an object can hold: compiled by `tests/any_object.rs` with each clang that is installed, for both
// byte orders, with types and without (`NO_TYPES`).

typedef unsigned int __u32;
typedef unsigned long long __u64;

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name
#define __array(name, value) typeof(value) *name[]
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __noinline __attribute__((noinline))

#ifdef NO_TYPES
#define __core
#define FIELD_EXISTS(field) 0
#else
#define __core __attribute__((preserve_access_index))
#define FIELD_EXISTS(field) __builtin_preserve_field_info(field, 2)
#endif

static void *(*bpf_map_lookup_elem)(void *, const void *) = (void *)1;
static long (*bpf_tail_call)(void *, void *, __u32) = (void *)12;
static long (*bpf_loop)(__u32, void *, void *, __u64) = (void *)181;

// Maps: of maps, of programs, with a member that few loaders know.
struct inner {
	__uint(type, 1);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} first_inner SEC(".maps");
struct {
	__uint(type, 13);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { &first_inner } };
int prog_a(void *ctx);
struct {
	__uint(type, 3);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__array(values, int(void *));
} jumps SEC(".maps") = { .values = { [1] = (void *)&prog_a } };
struct {
	__uint(type, 9);
	__uint(max_entries, 100);
	__uint(map_extra, 3);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

// Variables.
int counter;
int start = 7;
const volatile int limit = 9;
char big[5000];

// What the kernel has.
extern int CONFIG_HZ __kconfig;
extern int LINUX_KERNEL_VERSION __kconfig;
extern const int bpf_prog_active __ksym;
extern void bpf_rcu_read_lock(void) __ksym __weak;

struct task {
	int pid;
	char comm[16];
	struct {
		int a;
		int b;
	};
} __core;

static __noinline int helper_fn(int x) { return x * 3 + counter; }
__noinline int global_fn(int x) { return helper_fn(x) + limit; }
__weak int weak_fn(int x) { return x; }
static long each(__u32 i, void *sum) { *(int *)sum += i; return 0; }

SEC("xdp") int prog_a(void *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);
	if (value)
		*value += 1;
	return global_fn(key) & 1;
}

// A second program of the section.
SEC("xdp") int prog_b(void *ctx)
{
	__u32 key = 0;
	void *map = bpf_map_lookup_elem(&outer, &key);
	if (!map)
		return 0;
	__u64 *value = bpf_map_lookup_elem(map, &key);
	bpf_tail_call(ctx, &jumps, 1);
	counter++;
	start++;
	big[counter & 63] = 1;
	return value ? *value : 1;
}

// Sections that no loader knows.
SEC("test") int prog_c(void *ctx)
{
	int sum = 0;
	bpf_loop(10, each, &sum, 0);
	return sum + CONFIG_HZ + LINUX_KERNEL_VERSION;
}

SEC("socket1") int prog_d(void *ctx)
{
	if (bpf_rcu_read_lock)
		bpf_rcu_read_lock();
	return *(volatile int *)&bpf_prog_active;
}

SEC("kprobe/x") int prog_e(struct task *task)
{
	return task->pid + task->comm[3] + task->b + FIELD_EXISTS(task->pid);
}

SEC("tc") __hidden int prog_f(void *ctx) { return weak_fn(2) + helper_fn(1); }

char LICENSE[] SEC("license") = "GPL";
