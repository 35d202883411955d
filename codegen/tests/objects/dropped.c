// Programs of which a `Program` doesn't carry all that a verdict depends on, beside some of which it does: read by
// `tests/dropped.rs`. The object beside this file was made with clang 19:
//   clang -target bpf -O2 -g -fdebug-compilation-dir=. -c dropped.c -o dropped.o && llvm-strip -g dropped.o

typedef unsigned char __u8;
typedef unsigned int __u32;
typedef unsigned long long __u64;

#define SEC(name) __attribute__((section(name), used))
#define noinline __attribute__((noinline))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name
#define ARRAY(name, value_type) \
	struct { __uint(type, 2); __uint(max_entries, 1); __type(key, __u32); __type(value, value_type); } name SEC(".maps")

struct __sk_buff;
struct xdp_md { __u32 data, data_end, data_meta, ingress_ifindex; };
struct pair { __u32 a, b; };

static void *(*map_lookup)(void *, const void *) = (void *)1;
static __u32 (*random)(void) = (void *)7;
static long (*tail_call)(void *, void *, __u32) = (void *)12;
static void *(*sk_storage_get)(void *, void *, void *, __u64) = (void *)107;
static long (*copy_from_user)(void *, __u32, const void *) = (void *)148;

// What the section's name tells.

SEC("cgroup/recvmsg4") int recvmsg4(void *ctx) { return 0; }
SEC("cgroup/connect4") int connect4(void *ctx) { return 2; }
SEC("cgroup_skb/egress") int egress(struct __sk_buff *ctx) { return 2; }
SEC("cgroup_skb/ingress") int ingress(struct __sk_buff *ctx) { return 1; }
SEC("uprobe.s") int sleepable(void *ctx)
{
	char byte;
	return copy_from_user(&byte, 1, (void *)1);
}
SEC("tp_btf/sys_enter") int tp_btf(__u64 *ctx) { return 0; }
SEC("lsm/file_open") int lsm(__u64 *ctx) { return 0; }
SEC("lsm_cgroup/socket_bind") int lsm_cgroup(__u64 *ctx) { return 1; }
SEC("freplace/other") int freplace(void *ctx) { return 0; }
SEC("fentry.s/do_unlinkat") int fentry(__u64 *ctx) { return 0; }
SEC("iter/task") int iter(__u64 *ctx) { return 0; }
SEC("struct_ops/ssthresh") int struct_ops(__u64 *ctx) { return 0; }
SEC("syscall") int sleeps_always(void *ctx) { return 0; }
SEC("xdp.frags") int frags(struct xdp_md *ctx) { return 2; }
SEC("xdp/devmap") int devmap(struct xdp_md *ctx) { return 2; }
SEC("xdp/cpumap") int cpumap(struct xdp_md *ctx) { return 2; }
SEC("tcx/ingress") int tcx(struct __sk_buff *ctx) { return 0; }
SEC("sk_msg") int message(void *ctx) { return 1; }

// What the object says of functions.

noinline int pointer(void *p) { return random() + (p == 0); }
noinline int context(struct xdp_md *ctx) { return ctx->ingress_ifindex + random(); }
noinline int structure(struct pair *p) { return p ? p->a + random() : 0; }
noinline void nothing(int x) { random(); }
noinline int number(int x, __u8 y) { return x + y + random(); }
static noinline int local(struct xdp_md *ctx) { return ctx->ingress_ifindex + random(); }
__attribute__((visibility("hidden"))) noinline int hidden(struct xdp_md *ctx) { return ctx->ingress_ifindex + random(); }
noinline int tagged(int x __attribute__((btf_decl_tag("arg:nonnull")))) { return x + random(); }

SEC("xdp") int calls_pointer(struct xdp_md *ctx) { return pointer((void *)7) & 1; }
SEC("xdp") int calls_context(struct xdp_md *ctx) { return context(ctx) & 1; }
SEC("xdp") int calls_structure(struct xdp_md *ctx) { struct pair p = { 1, 2 }; return structure(&p) & 1; }
SEC("xdp") int calls_nothing(struct xdp_md *ctx) { nothing(1); return 2; }
SEC("xdp") int calls_tagged(struct xdp_md *ctx) { return tagged(1) & 1; }
SEC("xdp") int calls_number(struct xdp_md *ctx) { return number(1, 2) & 1; }
SEC("xdp") int calls_local(struct xdp_md *ctx) { return (local(ctx) + hidden(ctx)) & 1; }

struct { __uint(type, 3); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } jumps SEC(".maps");
static noinline int jumps_on(struct xdp_md *ctx) { tail_call(ctx, &jumps, 0); return 1; }
static noinline void jumps_away(struct xdp_md *ctx) { tail_call(ctx, &jumps, 0); }
SEC("xdp") int tail_call_int(struct xdp_md *ctx) { return jumps_on(ctx) ? 1 : 2; }
SEC("xdp") int tail_call_void(struct xdp_md *ctx) { jumps_away(ctx); return 2; }

// What the object says of values.

struct bpf_spin_lock { __u32 val; };
struct bpf_timer { __u64 opaque[2]; };
struct task_struct;
struct locked { struct bpf_spin_lock lock; int n; };
struct timed { struct { struct bpf_timer timer; } parts[2]; };
struct holder { struct task_struct __attribute__((btf_type_tag("kptr"))) *task; };
struct plain { struct task_struct *task; union { int a; long b; }; };
ARRAY(locks, struct locked);
ARRAY(timers, struct timed);
ARRAY(kptrs, struct holder);
ARRAY(plains, struct plain);
struct { __uint(type, 24); __uint(map_flags, 1); __type(key, int); __type(value, int); } storage SEC(".maps");
struct bpf_spin_lock global_lock;
int SEC(".data.plain") counter = 1;

#define LOOKS_UP(name, map) SEC("tc") int name(struct __sk_buff *ctx) { __u32 key = 0; return map_lookup(&map, &key) != 0; }
LOOKS_UP(spin_lock, locks)
LOOKS_UP(timer, timers)
LOOKS_UP(kptr, kptrs)
LOOKS_UP(plain, plains)
SEC("tc") int sk_storage(struct __sk_buff *ctx) { return sk_storage_get(&storage, ctx, 0, 0) != 0; }
SEC("tc") int variable_lock(struct __sk_buff *ctx) { return *(volatile __u32 *)&global_lock.val; }
SEC("tc") int variable(struct __sk_buff *ctx) { return counter++; }

char declared_license[] SEC("license") = "GPL";
