/* What every object of this folder needs of the language: sections, map definitions, helpers by number. The kernel's own
 * header has no helpers as functions, and no loader's headers are used, so that these objects depend on none. */

#ifndef BPF_H
#define BPF_H

#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))
#define __noinline __attribute__((noinline))
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define __hidden __attribute__((visibility("hidden")))
#define __weak __attribute__((weak))
#define __ksym __attribute__((section(".ksyms")))
#define __kconfig __attribute__((section(".kconfig")))
#define __kptr __attribute__((btf_type_tag("kptr")))
#define __kptr_untrusted __attribute__((btf_type_tag("kptr_untrusted")))
#define __percpu_kptr __attribute__((btf_type_tag("percpu_kptr")))
#define __contains(name, node) __attribute__((btf_decl_tag("contains:" #name ":" #node)))
#define __arg(kind) __attribute__((btf_decl_tag("arg:" kind)))
#define CORE __attribute__((preserve_access_index))
#define PRIVATE(name) SEC(".bss." #name) __hidden __attribute__((aligned(8)))
#define barrier_var(variable) asm volatile("" : "+r"(variable))
#define NULL ((void *)0)
#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

#define __uint(name, value) int (*name)[value]
#define __type(name, value) typeof(value) *name
#define __array(name, value) typeof(value) *name[]

/* A map with a type, so many entries, key and value. */
#define MAP(name, kind, entries, key_type, value_type) \
	struct { \
		__uint(type, kind); \
		__uint(max_entries, entries); \
		__type(key, key_type); \
		__type(value, value_type); \
	} name SEC(".maps")

/* Numbers that older headers don't have. */
#define MAP_TYPE_CGRP_STORAGE 32
#define MAP_TYPE_ARENA 33

static void *(*const bpf_map_lookup_elem)(void *, const void *) = (void *)1;
static long (*const bpf_map_update_elem)(void *, const void *, const void *, __u64) = (void *)2;
static long (*const bpf_map_delete_elem)(void *, const void *) = (void *)3;
static __u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static long (*const bpf_trace_printk)(const char *, __u32, ...) = (void *)6;
static __u32 (*const bpf_get_prandom_u32)(void) = (void *)7;
static __u32 (*const bpf_get_smp_processor_id)(void) = (void *)8;
static long (*const bpf_tail_call)(void *, void *, __u32) = (void *)12;
static __u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static __u64 (*const bpf_get_current_uid_gid)(void) = (void *)15;
static long (*const bpf_get_current_comm)(void *, __u32) = (void *)16;
static long (*const bpf_redirect)(__u32, __u64) = (void *)23;
static long (*const bpf_perf_event_output)(void *, void *, __u64, void *, __u64) = (void *)25;
static long (*const bpf_skb_load_bytes)(const void *, __u32, void *, __u32) = (void *)26;
static long (*const bpf_get_stackid)(void *, void *, __u64) = (void *)27;
static __u64 (*const bpf_get_current_task)(void) = (void *)35;
static long (*const bpf_current_task_under_cgroup)(void *, __u32) = (void *)37;
static long (*const bpf_skb_pull_data)(void *, __u32) = (void *)39;
static long (*const bpf_xdp_adjust_head)(void *, int) = (void *)44;
static __u64 (*const bpf_get_socket_cookie)(void *) = (void *)46;
static long (*const bpf_setsockopt)(void *, int, int, void *, int) = (void *)49;
static long (*const bpf_redirect_map)(void *, __u64, __u64) = (void *)51;
static long (*const bpf_sk_redirect_map)(void *, void *, __u32, __u64) = (void *)52;
static long (*const bpf_sock_map_update)(void *, void *, void *, __u64) = (void *)53;
static long (*const bpf_perf_event_read_value)(void *, __u64, void *, __u32) = (void *)55;
static long (*const bpf_msg_redirect_map)(void *, void *, __u32, __u64) = (void *)60;
static long (*const bpf_bind)(void *, void *, int) = (void *)64;
static long (*const bpf_sock_hash_update)(void *, void *, void *, __u64) = (void *)70;
static void *(*const bpf_get_local_storage)(void *, __u64) = (void *)81;
static long (*const bpf_sk_select_reuseport)(void *, void *, void *, __u64) = (void *)82;
static struct bpf_sock *(*const bpf_sk_lookup_tcp)(void *, void *, __u32, __u64, __u64) = (void *)84;
static long (*const bpf_sk_release)(void *) = (void *)86;
static long (*const bpf_map_push_elem)(void *, const void *, __u64) = (void *)87;
static long (*const bpf_map_pop_elem)(void *, void *) = (void *)88;
static long (*const bpf_map_peek_elem)(void *, void *) = (void *)89;
static long (*const bpf_spin_lock)(struct bpf_spin_lock *) = (void *)93;
static long (*const bpf_spin_unlock)(struct bpf_spin_lock *) = (void *)94;
static struct bpf_sock *(*const bpf_sk_fullsock)(struct bpf_sock *) = (void *)95;
static long (*const bpf_sysctl_get_name)(void *, char *, __u64, __u64) = (void *)101;
static void *(*const bpf_sk_storage_get)(void *, void *, void *, __u64) = (void *)107;
static long (*const bpf_probe_read_user)(void *, __u32, const void *) = (void *)112;
static long (*const bpf_probe_read_kernel)(void *, __u32, const void *) = (void *)113;
static long (*const bpf_sk_assign)(void *, void *, __u64) = (void *)124;
static long (*const bpf_seq_write)(void *, const void *, __u32) = (void *)127;
static long (*const bpf_ringbuf_output)(void *, void *, __u64, __u64) = (void *)130;
static void *(*const bpf_ringbuf_reserve)(void *, __u64, __u64) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *, __u64) = (void *)132;
static void (*const bpf_ringbuf_discard)(void *, __u64) = (void *)133;
static void *(*const bpf_inode_storage_get)(void *, void *, void *, __u64) = (void *)145;
static long (*const bpf_copy_from_user)(void *, __u32, const void *) = (void *)148;
static long (*const bpf_snprintf)(char *, __u32, const char *, __u64 *, __u32) = (void *)165;
static void *(*const bpf_per_cpu_ptr)(const void *, __u32) = (void *)153;
static void *(*const bpf_this_cpu_ptr)(const void *) = (void *)154;
static void *(*const bpf_task_storage_get)(void *, void *, void *, __u64) = (void *)156;
static struct task_struct *(*const bpf_get_current_task_btf)(void) = (void *)158;
static long (*const bpf_for_each_map_elem)(void *, void *, void *, __u64) = (void *)164;
static long (*const bpf_sys_bpf)(__u32, void *, __u32) = (void *)166;
static long (*const bpf_sys_close)(__u32) = (void *)168;
static long (*const bpf_timer_init)(struct bpf_timer *, void *, __u64) = (void *)169;
static long (*const bpf_timer_set_callback)(struct bpf_timer *, void *) = (void *)170;
static long (*const bpf_timer_start)(struct bpf_timer *, __u64, __u64) = (void *)171;
static long (*const bpf_timer_cancel)(struct bpf_timer *) = (void *)172;
static __u64 (*const bpf_get_func_ip)(void *) = (void *)173;
static __u64 (*const bpf_get_attach_cookie)(void *) = (void *)174;
static long (*const bpf_find_vma)(void *, __u64, void *, void *, __u64) = (void *)180;
static long (*const bpf_loop)(__u32, void *, void *, __u64) = (void *)181;
static long (*const bpf_strncmp)(const char *, __u32, const char *) = (void *)182;
static long (*const bpf_get_func_arg)(void *, __u32, __u64 *) = (void *)183;
static int (*const bpf_get_retval)(void) = (void *)186;
static int (*const bpf_set_retval)(int) = (void *)187;
static long (*const bpf_xdp_load_bytes)(void *, __u32, void *, __u32) = (void *)189;
static void *(*const bpf_kptr_xchg)(void *, void *) = (void *)194;
static void *(*const bpf_map_lookup_percpu_elem)(void *, const void *, __u32) = (void *)195;
static long (*const bpf_dynptr_from_mem)(void *, __u32, __u64, void *) = (void *)197;
static long (*const bpf_ringbuf_reserve_dynptr)(void *, __u32, __u64, void *) = (void *)198;
static void (*const bpf_ringbuf_submit_dynptr)(void *, __u64) = (void *)199;
static void (*const bpf_ringbuf_discard_dynptr)(void *, __u64) = (void *)200;
static long (*const bpf_dynptr_read)(void *, __u32, const void *, __u32, __u64) = (void *)201;
static long (*const bpf_dynptr_write)(const void *, __u32, void *, __u32, __u64) = (void *)202;
static void *(*const bpf_dynptr_data)(const void *, __u32, __u32) = (void *)203;
static long (*const bpf_user_ringbuf_drain)(void *, void *, void *, __u64) = (void *)209;
static void *(*const bpf_cgrp_storage_get)(void *, void *, void *, __u64) = (void *)210;

#ifndef LICENSE
#define LICENSE "GPL"
#endif
char declared_license[] SEC("license") = LICENSE;

#endif
