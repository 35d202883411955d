// Small programs of all kinds of sections, for `tests/objects.rs`: what libbpf and the running kernel say of each is what
// `verify` has to say too, or else `unsupported`. A line of four slashes and a name starts a program; what stands
// above the first is the beginning of each.

#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))
#define __noinline __attribute__((noinline))
#define __hidden __attribute__((visibility("hidden")))
#define __weak __attribute__((weak))
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __kptr __attribute__((btf_type_tag("kptr")))
#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name

static void *(*bpf_map_lookup_elem)(void *, const void *) = (void *)1;
static long (*bpf_trace_printk)(const char *, __u32, ...) = (void *)6;
static __u32 (*bpf_get_prandom_u32)(void) = (void *)7;
static long (*bpf_tail_call)(void *, void *, __u32) = (void *)12;
static __u64 (*bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*bpf_bind)(struct bpf_sock_addr *, void *, int) = (void *)64;
static long (*bpf_spin_lock)(struct bpf_spin_lock *) = (void *)93;
static long (*bpf_spin_unlock)(struct bpf_spin_lock *) = (void *)94;
static struct bpf_sock *(*bpf_sk_fullsock)(struct bpf_sock *) = (void *)95;
static void *(*bpf_sk_storage_get)(void *, void *, void *, __u64) = (void *)107;
static long (*bpf_probe_read_kernel)(void *, __u32, const void *) = (void *)113;
static void *(*bpf_ringbuf_reserve)(void *, __u64, __u64) = (void *)131;
static void (*bpf_ringbuf_submit)(void *, __u64) = (void *)132;
static long (*bpf_copy_from_user)(void *, __u32, const void *) = (void *)148;
static long (*bpf_sys_close)(__u32) = (void *)168;
static long (*bpf_timer_init)(struct bpf_timer *, void *, __u64) = (void *)169;
static __u64 (*bpf_get_func_ip)(void *) = (void *)173;
static long (*bpf_loop)(__u32, void *, void *, __u64) = (void *)181;
static int (*bpf_get_retval)(void) = (void *)186;
static int (*bpf_set_retval)(int) = (void *)187;

#define PASS(section, context, result) \
	SEC(section) int f(context *ctx) { return result; }

struct record { __u32 a, b; };

#define ARRAY(name, value_type) \
	struct { \
		__uint(type, BPF_MAP_TYPE_ARRAY); \
		__uint(max_entries, 1); \
		__type(key, __u32); \
		__type(value, value_type); \
	} name SEC(".maps")

static __u32 zero;

char declared_license[] SEC("license") = "GPL";

//// static_program
SEC("xdp") static int f(struct xdp_md *ctx) { return 2; }
SEC("xdp") int other(struct xdp_md *ctx) { return 2; }
//// hidden_program
SEC("xdp") __hidden int f(struct xdp_md *ctx) { return 2; }
//// recvmsg4
PASS("cgroup/recvmsg4", struct bpf_sock_addr, 0)
//// recvmsg6_one
PASS("cgroup/recvmsg6", struct bpf_sock_addr, 1)
//// connect4_two
PASS("cgroup/connect4", struct bpf_sock_addr, 2)
//// connect6
PASS("cgroup/connect6", struct bpf_sock_addr, 1)
//// connect_unix
PASS("cgroup/connect_unix", struct bpf_sock_addr, 1)
//// bind4_three
PASS("cgroup/bind4", struct bpf_sock_addr, 3)
//// bind4_four
PASS("cgroup/bind4", struct bpf_sock_addr, 4)
//// bind4_helper
SEC("cgroup/bind4") int f(struct bpf_sock_addr *ctx) { return bpf_bind(ctx, 0, 0) == 0; }
//// connect4_helper
SEC("cgroup/connect4") int f(struct bpf_sock_addr *ctx) { struct bpf_sock_addr a = {}; return bpf_bind(ctx, (void *)&a, 16) == 0; }
//// bind6
PASS("cgroup/bind6", struct bpf_sock_addr, 3)
//// sendmsg4
PASS("cgroup/sendmsg4", struct bpf_sock_addr, 2)
//// getpeername4
PASS("cgroup/getpeername4", struct bpf_sock_addr, 0)
//// getsockname6
PASS("cgroup/getsockname6", struct bpf_sock_addr, 1)
//// egress_two
PASS("cgroup_skb/egress", struct __sk_buff, 2)
//// egress_four
PASS("cgroup_skb/egress", struct __sk_buff, 4)
//// ingress_two
PASS("cgroup_skb/ingress", struct __sk_buff, 2)
//// ingress
PASS("cgroup_skb/ingress", struct __sk_buff, 1)
//// cgroup_skb_alone
PASS("cgroup/skb", struct __sk_buff, 2)
//// sock_create
SEC("cgroup/sock_create") int f(struct bpf_sock *ctx) { ctx->mark = 1; return 1; }
//// sock_release
SEC("cgroup/sock_release") int f(struct bpf_sock *ctx) { ctx->mark = 1; return 1; }
//// sock
SEC("cgroup/sock") int f(struct bpf_sock *ctx) { return ctx->family == 2; }
//// sock_two
PASS("cgroup/sock", struct bpf_sock, 2)
//// post_bind4
SEC("cgroup/post_bind4") int f(struct bpf_sock *ctx) { return ctx->src_ip4 == 0; }
//// post_bind4_mark
SEC("cgroup/post_bind4") int f(struct bpf_sock *ctx) { ctx->mark = 1; return 1; }
//// post_bind6
SEC("cgroup/post_bind6") int f(struct bpf_sock *ctx) { return ctx->src_ip6[0] == 0; }
//// dev
PASS("cgroup/dev", struct bpf_cgroup_dev_ctx, 1)
//// dev_retval
SEC("cgroup/dev") int f(struct bpf_cgroup_dev_ctx *ctx) { return bpf_get_retval() == 0; }
//// dev_two
PASS("cgroup/dev", struct bpf_cgroup_dev_ctx, 2)
//// sysctl
SEC("cgroup/sysctl") int f(struct bpf_sysctl *ctx) { return ctx->write == 0; }
//// sysctl_retval
SEC("cgroup/sysctl") int f(struct bpf_sysctl *ctx) { bpf_set_retval(-1); return 1; }
//// getsockopt
SEC("cgroup/getsockopt") int f(struct bpf_sockopt *ctx) { ctx->retval = 0; return 1; }
//// setsockopt
SEC("cgroup/setsockopt") int f(struct bpf_sockopt *ctx) { ctx->level = 0; return 1; }
//// setsockopt_retval
SEC("cgroup/setsockopt") int f(struct bpf_sockopt *ctx) { ctx->retval = 0; return 1; }
//// sk_lookup
PASS("sk_lookup", struct bpf_sk_lookup, SK_PASS)
//// sk_lookup_two
PASS("sk_lookup", struct bpf_sk_lookup, 2)
//// sk_msg
SEC("sk_msg") int f(struct sk_msg_md *ctx) { return ctx->size > 8 ? SK_PASS : SK_DROP; }
//// sk_skb_verdict
SEC("sk_skb/stream_verdict") int f(struct __sk_buff *ctx) { return ctx->len > 8 ? SK_PASS : SK_DROP; }
//// sk_skb_parser
SEC("sk_skb/stream_parser") int f(struct __sk_buff *ctx) { return ctx->len; }
//// sk_skb
PASS("sk_skb", struct __sk_buff, 7)
//// sk_skb_verdict_kind
PASS("sk_skb/verdict", struct __sk_buff, 7)
//// sk_reuseport
SEC("sk_reuseport") int f(struct sk_reuseport_md *ctx) { return ctx->len > 1 ? SK_PASS : SK_DROP; }
//// sk_reuseport_migrate
SEC("sk_reuseport/migrate") int f(struct sk_reuseport_md *ctx) { return ctx->migrating_sk ? SK_PASS : SK_DROP; }
//// tcx
SEC("tcx/ingress") int f(struct __sk_buff *ctx) { return ctx->len > 10 ? 0 : -1; }
//// tc_egress
SEC("tc/egress") int f(struct __sk_buff *ctx) { ctx->mark = 7; return 0; }
//// netkit
PASS("netkit/peer", struct __sk_buff, 0)
//// classifier
SEC("classifier") int f(struct __sk_buff *ctx) { return ctx->protocol; }
//// action
PASS("action", struct __sk_buff, 0)
//// socket
SEC("socket") int f(struct __sk_buff *ctx) { return ctx->len; }
//// xdp
SEC("xdp") int f(struct xdp_md *ctx) { return ctx->ingress_ifindex == 1 ? XDP_PASS : XDP_DROP; }
//// xdp_egress_member
SEC("xdp") int f(struct xdp_md *ctx) { return ctx->egress_ifindex == 1 ? XDP_PASS : XDP_DROP; }
//// devmap_egress_member
SEC("xdp/devmap") int f(struct xdp_md *ctx) { return ctx->egress_ifindex == 1 ? XDP_PASS : XDP_DROP; }
//// cpumap
SEC("xdp/cpumap") int f(struct xdp_md *ctx) { return ctx->rx_queue_index == 1 ? XDP_PASS : XDP_DROP; }
//// frags
PASS("xdp.frags", struct xdp_md, XDP_PASS)
//// frags_devmap
SEC("xdp.frags/devmap") int f(struct xdp_md *ctx) { return ctx->egress_ifindex == 1 ? XDP_PASS : XDP_DROP; }
//// sockops
SEC("sockops") int f(struct bpf_sock_ops *ctx) { ctx->reply = 1; return ctx->op == 1; }
//// flow_dissector
SEC("flow_dissector") int f(struct __sk_buff *ctx) { return BPF_OK; }
//// lirc
PASS("lirc_mode2", unsigned int, 0)
//// lwt_xmit
PASS("lwt_xmit", struct __sk_buff, 0)
//// lwt_in
PASS("lwt_in", struct __sk_buff, 0)
//// lwt_seg6local
PASS("lwt_seg6local", struct __sk_buff, 0)
//// perf_event
PASS("perf_event", void, 0)
//// kprobe
SEC("kprobe/do_unlinkat") int f(void *ctx) { return bpf_get_current_pid_tgid() >> 32 == 1; }
//// kprobe_multi
SEC("kprobe.multi/do_unlinkat") int f(void *ctx) { return bpf_get_func_ip(ctx) == 1; }
//// kprobe_session
SEC("kprobe.session/do_unlinkat") int f(void *ctx) { return 2; }
//// uprobe_session
SEC("uprobe.session//bin/sh:main") int f(void *ctx) { return 1; }
//// uprobe
PASS("uprobe//bin/sh:main", void, 0)
//// uprobe_sleepable
SEC("uprobe.s//bin/sh:main") int f(void *ctx) { char b[8]; return bpf_copy_from_user(b, 8, (void *)1); }
//// uprobe_sleeps_without
SEC("uprobe//bin/sh:main") int f(void *ctx) { char b[8]; return bpf_copy_from_user(b, 8, (void *)1); }
//// uprobe_multi_sleepable
SEC("uprobe.multi.s//bin/sh:main") int f(void *ctx) { char b[8]; return bpf_copy_from_user(b, 8, (void *)1); }
//// tracepoint
PASS("tp/syscalls/sys_enter_openat", void, 0)
//// raw_tracepoint
SEC("raw_tp/sys_enter") int f(struct bpf_raw_tracepoint_args *ctx) { return ctx->args[1] == 1; }
//// raw_tracepoint_writable
SEC("raw_tp.w/sys_enter") int f(struct bpf_raw_tracepoint_args *ctx) { return 0; }
//// tp_btf
SEC("tp_btf/sys_enter") int f(__u64 *ctx) { return ctx[1] == 1; }
//// fentry
SEC("fentry/do_unlinkat") int f(__u64 *ctx) { return 0; }
//// fexit
SEC("fexit/do_unlinkat") int f(__u64 *ctx) { return 1; }
//// fentry_sleepable
SEC("fentry.s/__x64_sys_openat") int f(__u64 *ctx) { char b[8]; bpf_copy_from_user(b, 8, (void *)1); return 0; }
//// fmod_ret
SEC("fmod_ret/security_file_open") int f(__u64 *ctx) { return 0; }
//// lsm
SEC("lsm/file_open") int f(__u64 *ctx) { return 0; }
//// lsm_sleepable
SEC("lsm.s/file_open") int f(__u64 *ctx) { return 0; }
//// lsm_cgroup
SEC("lsm_cgroup/socket_bind") int f(__u64 *ctx) { return 1; }
//// iter
SEC("iter/task") int f(__u64 *ctx) { return 0; }
//// freplace
SEC("freplace/other") int f(struct xdp_md *ctx) { return 0; }
//// struct_ops
SEC("struct_ops/ssthresh") int f(__u64 *ctx) { return 0; }
//// syscall
SEC("syscall") int f(void *ctx) { return bpf_sys_close(1000); }
//// netfilter
PASS("netfilter", void, 1)
//// netfilter_two
PASS("netfilter", void, 2)
//// static_function
static __noinline int twice(int x) { return x * 2 + bpf_get_prandom_u32(); }
SEC("xdp") int f(struct xdp_md *ctx) { return twice(ctx->ingress_ifindex) & 1; }
//// global_numbers
__noinline int twice(int x, __u64 y) { return x * 2 + y + bpf_get_prandom_u32(); }
SEC("xdp") int f(struct xdp_md *ctx) { return twice(ctx->ingress_ifindex, 7) & 1; }
//// global_number_gets_pointer
__noinline int victim(long p) { return p + bpf_get_prandom_u32(); }
SEC("xdp") int f(struct xdp_md *ctx) { return victim((long)ctx) & 1; }
//// global_context
__noinline int victim(struct xdp_md *ctx) { return ctx->ingress_ifindex + bpf_get_prandom_u32(); }
SEC("xdp") int f(struct xdp_md *ctx) { return victim(ctx) & 1; }
//// global_struct
__noinline int victim(struct record *p) { return p ? p->a + bpf_get_prandom_u32() : 0; }
SEC("xdp") int f(struct xdp_md *ctx) { struct record r = { 1, 2 }; return victim(&r) & 1; }
//// global_void_pointer
__noinline int victim(void *p) { return bpf_get_prandom_u32() + (p == 0); }
SEC("xdp") int f(struct xdp_md *ctx) { return victim((void *)7) & 1; }
//// global_void_result
__noinline void victim(int x) { char text[] = "%d"; bpf_trace_printk(text, 3, x); }
SEC("xdp") int f(struct xdp_md *ctx) { victim(7); return 2; }
//// global_pointer_result
__noinline void *victim(int x) { return (void *)(long)bpf_get_prandom_u32(); }
SEC("xdp") int f(struct xdp_md *ctx) { return victim(7) == 0; }
//// global_enum
enum e { A, B };
__noinline enum e victim(enum e x) { return bpf_get_prandom_u32() & x; }
SEC("xdp") int f(struct xdp_md *ctx) { return victim(B); }
//// global_bool
__noinline _Bool victim(_Bool x) { return bpf_get_prandom_u32() > 7 && x; }
SEC("xdp") int f(struct xdp_md *ctx) { return victim(1); }
//// global_index
ARRAY(m, struct record);
__noinline int index(int x) { return bpf_get_prandom_u32() & 1 & x; }
SEC("xdp") int f(struct xdp_md *ctx) { struct record *r = bpf_map_lookup_elem(&m, &zero); int i; if (!r) return 2; i = index(1); return ((char *)r)[i]; }
//// static_index
ARRAY(m, struct record);
static __noinline int index(int x) { return bpf_get_prandom_u32() & 1 & x; }
SEC("xdp") int f(struct xdp_md *ctx) { struct record *r = bpf_map_lookup_elem(&m, &zero); int i; if (!r) return 2; i = index(1); return ((char *)r)[i]; }
//// hidden_index
ARRAY(m, struct record);
__hidden __noinline int index(int x) { return bpf_get_prandom_u32() & 1 & x; }
SEC("xdp") int f(struct xdp_md *ctx) { struct record *r = bpf_map_lookup_elem(&m, &zero); int i; if (!r) return 2; i = index(1); return ((char *)r)[i]; }
//// weak_index
ARRAY(m, struct record);
__weak __noinline int index(int x) { return bpf_get_prandom_u32() & 1 & x; }
SEC("xdp") int f(struct xdp_md *ctx) { struct record *r = bpf_map_lookup_elem(&m, &zero); int i; if (!r) return 2; i = index(1); return ((char *)r)[i]; }
//// global_tagged
__noinline int victim(struct record *p __attribute__((btf_decl_tag("arg:nonnull")))) { return p->a + bpf_get_prandom_u32(); }
SEC("xdp") int f(struct xdp_md *ctx) { struct record r = { 1, 2 }; return victim(&r) & 1; }
//// static_tail_call
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } jumps SEC(".maps");
static __noinline int sub(struct xdp_md *ctx) { bpf_tail_call(ctx, &jumps, 0); return 1; }
SEC("xdp") int f(struct xdp_md *ctx) { return sub(ctx) ? 1 : 2; }
//// static_tail_call_void
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } jumps SEC(".maps");
static __noinline void sub(struct xdp_md *ctx) { bpf_tail_call(ctx, &jumps, 0); }
SEC("xdp") int f(struct xdp_md *ctx) { sub(ctx); return 2; }
//// callback
static long tick(__u32 index, void *context) { return 0; }
SEC("xdp") int f(struct xdp_md *ctx) { bpf_loop(3, tick, 0, 0); return 2; }
//// callback_global
__noinline long tick(__u32 index, void *context) { return bpf_get_prandom_u32() & 1; }
SEC("xdp") int f(struct xdp_md *ctx) { bpf_loop(3, tick, 0, 0); return 2; }
//// spin_lock
struct locked { struct bpf_spin_lock lock; int n; };
ARRAY(m, struct locked);
SEC("tc") int f(struct __sk_buff *ctx) { struct locked *l = bpf_map_lookup_elem(&m, &zero); if (!l) return 0; bpf_spin_lock(&l->lock); l->n++; bpf_spin_unlock(&l->lock); return 0; }
//// spin_lock_written
struct locked { struct bpf_spin_lock lock; int n; };
ARRAY(m, struct locked);
SEC("tc") int f(struct __sk_buff *ctx) { struct locked *l = bpf_map_lookup_elem(&m, &zero); if (!l) return 0; *(volatile int *)&l->lock = 1; return 0; }
//// timer
struct timed { struct bpf_timer t; int n; };
ARRAY(m, struct timed);
SEC("tc") int f(struct __sk_buff *ctx) { struct timed *t = bpf_map_lookup_elem(&m, &zero); if (!t) return 0; bpf_timer_init(&t->t, &m, 1); return 0; }
//// timer_in_array
struct timed { struct { struct bpf_timer t; } in[2]; };
ARRAY(m, struct timed);
SEC("tc") int f(struct __sk_buff *ctx) { struct timed *t = bpf_map_lookup_elem(&m, &zero); return t && *(volatile char *)t; }
//// kptr
struct task_struct;
struct holder { struct task_struct __kptr *t; };
ARRAY(m, struct holder);
SEC("tc") int f(struct __sk_buff *ctx) { struct holder *h = bpf_map_lookup_elem(&m, &zero); if (!h) return 0; *(volatile long *)&h->t = 7; return 0; }
//// pointer_in_value
struct holder { struct record *t; };
ARRAY(m, struct holder);
SEC("tc") int f(struct __sk_buff *ctx) { struct holder *h = bpf_map_lookup_elem(&m, &zero); if (!h) return 0; h->t = (void *)7; return 0; }
//// global_lock
struct bpf_spin_lock lock;
SEC("tc") int f(struct __sk_buff *ctx) { bpf_spin_lock(&lock); bpf_spin_unlock(&lock); return 0; }
//// global_variable
int counter;
const volatile int limit = 3;
SEC("tc") int f(struct __sk_buff *ctx) { counter += limit; return counter > 7; }
//// sk_storage
struct { __uint(type, BPF_MAP_TYPE_SK_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int); __type(value, int); } m SEC(".maps");
SEC("tc") int f(struct __sk_buff *ctx) { struct bpf_sock *sk = ctx->sk; if (!sk) return 0; sk = bpf_sk_fullsock(sk); if (!sk) return 0; bpf_sk_storage_get(&m, sk, 0, 1); return 0; }
//// union_value
union either { int a; long b; };
ARRAY(m, union either);
SEC("tc") int f(struct __sk_buff *ctx) { union either *e = bpf_map_lookup_elem(&m, &zero); return e ? e->a : 0; }
//// old_prefix
SEC("xdp/anything") int f(struct xdp_md *ctx) { return 2; }
//// kfunc
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
SEC("tc") int f(struct __sk_buff *ctx) { bpf_rcu_read_lock(); bpf_rcu_read_unlock(); return 0; }
//// kconfig
extern int CONFIG_HZ __kconfig;
SEC("tc") int f(struct __sk_buff *ctx) { return CONFIG_HZ; }
//// core
struct sock { int sk_mark; } __attribute__((preserve_access_index));
SEC("kprobe/x") int f(struct sock *s) { int x; bpf_probe_read_kernel(&x, 4, &s->sk_mark); return x; }
//// note_tag
SEC("tc") __attribute__((btf_decl_tag("comment:test_expect_success"))) int f(struct __sk_buff *ctx) { return 0; }
//// load_abs_sub
long long load_byte(void *skb, unsigned long long off) asm("llvm.bpf.load.byte");
static __noinline int sub(struct __sk_buff *ctx) { return load_byte(ctx, 3) + bpf_get_prandom_u32(); }
SEC("socket") int f(struct __sk_buff *ctx) { return sub(ctx); }
//// load_abs_sub_void
long long load_byte(void *skb, unsigned long long off) asm("llvm.bpf.load.byte");
static __noinline void sub(struct __sk_buff *ctx) { char text[2] = "x"; load_byte(ctx, 3); bpf_trace_printk(text, 2); }
SEC("socket") int f(struct __sk_buff *ctx) { sub(ctx); return 0; }
//// local_in_section
static __noinline SEC("xdp") int sub(int x) { return x + bpf_get_prandom_u32(); }
SEC("xdp") int f(struct xdp_md *ctx) { return sub(1) & 1; }
//// ringbuf
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } m SEC(".maps");
SEC("tc") int f(struct __sk_buff *ctx) { void *p = bpf_ringbuf_reserve(&m, 8, 0); if (!p) return 0; bpf_ringbuf_submit(p, 0); return 0; }
//// ringbuf_leak
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } m SEC(".maps");
SEC("tc") int f(struct __sk_buff *ctx) { void *p = bpf_ringbuf_reserve(&m, 8, 0); return p != 0; }
