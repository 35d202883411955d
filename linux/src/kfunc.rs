//! Kernel functions that programs call by their BTF id (kfuncs), each a row.
//!
//! Their ids differ from kernel to kernel, so that a name is all that stays. Sources: the functions that the BTF of eleven
//! kernels, from 5.10.262 to 7.3.4, marks as such (`bpf_kfunc`), with their prototypes as of 6.18; and the answers of 6.18.44 to
//! a call of each by each program type that can be loaded without a target. `tests/kfuncs.rs` asks the running kernel again.
//!
//! Not written down: functions for schedulers (`scx_bpf_*`) and congestion control, those that only programs with a target
//! call, and the kernel's tests.

use crate::{KernelVersion, ProgType, ProgTypes};

/// A kernel function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kfunc {
    /// What it gives, in C.
    pub result: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it takes, in C; empty if nothing. The ends of names tell the verifier what to ask: `__sz` is the size of the memory
    /// before it, `__k` a known number, `__ign` nothing.
    pub arguments: &'static str,
    /// The first of the kernels asked that has it: 5.10, 6.1, 6.12 or one from 6.16 on.
    pub since: KernelVersion,
    /// The first of them that has it no longer.
    pub until: Option<KernelVersion>,
    /// The program types that may call it, of those that the kernel loads without a target.
    pub programs: ProgTypes,
}

const fn kfunc(
    result: &'static str,
    name: &'static str,
    arguments: &'static str,
    since: KernelVersion,
    programs: ProgTypes,
) -> Kfunc {
    Kfunc { result, name, arguments, since, until: None, programs }
}

impl Kfunc {
    const fn until(self, until: KernelVersion) -> Self {
        Self { until: Some(until), ..self }
    }

    /// The function of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|kfunc| kfunc.name == name)
    }

    /// Its prototype in C.
    pub fn prototype(&self) -> String {
        let space = if self.result.ends_with('*') { "" } else { " " };
        let arguments = if self.arguments.is_empty() { "void" } else { self.arguments };
        format!("{}{space}{}({arguments})", self.result, self.name)
    }
}

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

/// Types that are loaded only for a target are in none of the sets: which functions they may call depends on it.
const TARGETED: ProgTypes =
    ProgTypes::of(&[ProgType::Tracing, ProgType::StructOps, ProgType::Ext, ProgType::Lsm]);
/// Every type that can be asked; `lirc_mode2` can't on the kernels at hand, which have no such devices.
pub const ASKED: ProgTypes = ProgTypes::ALL.without(TARGETED).without(ProgTypes::of(&[ProgType::LircMode2]));

const EVERY: ProgTypes = ASKED;
const OBJECTS: ProgTypes = ProgTypes::of(&[
    ProgType::SchedCls,
    ProgType::Tracepoint,
    ProgType::Xdp,
    ProgType::PerfEvent,
    ProgType::CgroupSkb,
    ProgType::CgroupSock,
    ProgType::SockOps,
    ProgType::CgroupDevice,
    ProgType::CgroupSockAddr,
    ProgType::CgroupSysctl,
    ProgType::CgroupSockopt,
    ProgType::Syscall,
]);
const TRACED: ProgTypes = ProgTypes::of(&[ProgType::Tracepoint, ProgType::PerfEvent, ProgType::Syscall]);
const XDP: ProgTypes = ProgTypes::of(&[ProgType::Xdp]);
const SYSCALL: ProgTypes = ProgTypes::of(&[ProgType::Syscall]);
const CRYPTO: ProgTypes = ProgTypes::of(&[ProgType::SchedCls, ProgType::SchedAct, ProgType::Xdp]);
const CGROUPS: ProgTypes = ProgTypes::of(&[
    ProgType::CgroupSkb,
    ProgType::CgroupSock,
    ProgType::SockOps,
    ProgType::CgroupDevice,
    ProgType::CgroupSockAddr,
    ProgType::CgroupSysctl,
    ProgType::CgroupSockopt,
]);
const EVENTS: ProgTypes = ProgTypes::of(&[ProgType::Tracepoint, ProgType::PerfEvent]);
const SCHED: ProgTypes = ProgTypes::of(&[ProgType::SchedCls, ProgType::SchedAct]);
const CLASSIFIER: ProgTypes = ProgTypes::of(&[ProgType::SchedCls]);
const PACKETS: ProgTypes = ProgTypes::of(&[
    ProgType::SocketFilter,
    ProgType::SchedCls,
    ProgType::SchedAct,
    ProgType::Tracepoint,
    ProgType::PerfEvent,
    ProgType::CgroupSkb,
    ProgType::CgroupSock,
    ProgType::LwtIn,
    ProgType::LwtOut,
    ProgType::LwtXmit,
    ProgType::SockOps,
    ProgType::SkSkb,
    ProgType::CgroupDevice,
    ProgType::CgroupSockAddr,
    ProgType::LwtSeg6local,
    ProgType::CgroupSysctl,
    ProgType::CgroupSockopt,
    ProgType::Netfilter,
]);

/// The rows, by name.
#[rustfmt::skip]
pub static ALL: &[Kfunc] = &[
    kfunc("void *", "bpf_arena_alloc_pages", "void *p__map, void *addr__ign, u32 page_cnt, int node_id, u64 flags", v(6, 12), EVERY),
    kfunc("void", "bpf_arena_free_pages", "void *p__map, void *ptr__ign, u32 page_cnt", v(6, 12), EVERY),
    kfunc("int", "bpf_arena_reserve_pages", "void *p__map, void *ptr__ign, u32 page_cnt", v(6, 17), EVERY),
    kfunc("void *", "bpf_cast_to_kern_ctx", "void *obj", v(6, 12), EVERY),
    kfunc("struct cgroup *", "bpf_cgroup_acquire", "struct cgroup *cgrp", v(6, 12), OBJECTS),
    kfunc("struct cgroup *", "bpf_cgroup_ancestor", "struct cgroup *cgrp, int level", v(6, 12), OBJECTS),
    kfunc("struct cgroup *", "bpf_cgroup_from_id", "u64 cgid", v(6, 12), OBJECTS),
    kfunc("int", "bpf_cgroup_read_xattr", "struct cgroup *cgroup, const char *name__str, struct bpf_dynptr *value_p", v(6, 17), EVERY),
    kfunc("void", "bpf_cgroup_release", "struct cgroup *cgrp", v(6, 12), OBJECTS),
    kfunc("int", "bpf_copy_from_user_dynptr", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", v(6, 16), EVERY),
    kfunc("int", "bpf_copy_from_user_str", "void *dst, u32 dst__sz, const void *unsafe_ptr__ign, u64 flags", v(6, 12), EVERY),
    kfunc("int", "bpf_copy_from_user_str_dynptr", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", v(6, 16), EVERY),
    kfunc("int", "bpf_copy_from_user_task_dynptr", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign, struct task_struct *tsk", v(6, 16), EVERY),
    kfunc("int", "bpf_copy_from_user_task_str", "void *dst, u32 dst__sz, const void *unsafe_ptr__ign, struct task_struct *tsk, u64 flags", v(6, 16), EVERY),
    kfunc("int", "bpf_copy_from_user_task_str_dynptr", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign, struct task_struct *tsk", v(6, 16), EVERY),
    kfunc("struct bpf_cpumask *", "bpf_cpumask_acquire", "struct bpf_cpumask *cpumask", v(6, 12), TRACED),
    kfunc("bool", "bpf_cpumask_and", "struct bpf_cpumask *dst, const struct cpumask *src1, const struct cpumask *src2", v(6, 12), TRACED),
    kfunc("u32", "bpf_cpumask_any_and_distribute", "const struct cpumask *src1, const struct cpumask *src2", v(6, 12), TRACED),
    kfunc("u32", "bpf_cpumask_any_distribute", "const struct cpumask *cpumask", v(6, 12), TRACED),
    kfunc("void", "bpf_cpumask_clear", "struct bpf_cpumask *cpumask", v(6, 12), TRACED),
    kfunc("void", "bpf_cpumask_clear_cpu", "u32 cpu, struct bpf_cpumask *cpumask", v(6, 12), TRACED),
    kfunc("void", "bpf_cpumask_copy", "struct bpf_cpumask *dst, const struct cpumask *src", v(6, 12), TRACED),
    kfunc("struct bpf_cpumask *", "bpf_cpumask_create", "", v(6, 12), TRACED),
    kfunc("bool", "bpf_cpumask_empty", "const struct cpumask *cpumask", v(6, 12), TRACED),
    kfunc("bool", "bpf_cpumask_equal", "const struct cpumask *src1, const struct cpumask *src2", v(6, 12), TRACED),
    kfunc("u32", "bpf_cpumask_first", "const struct cpumask *cpumask", v(6, 12), TRACED),
    kfunc("u32", "bpf_cpumask_first_and", "const struct cpumask *src1, const struct cpumask *src2", v(6, 12), TRACED),
    kfunc("u32", "bpf_cpumask_first_zero", "const struct cpumask *cpumask", v(6, 12), TRACED),
    kfunc("bool", "bpf_cpumask_full", "const struct cpumask *cpumask", v(6, 12), TRACED),
    kfunc("bool", "bpf_cpumask_intersects", "const struct cpumask *src1, const struct cpumask *src2", v(6, 12), TRACED),
    kfunc("void", "bpf_cpumask_or", "struct bpf_cpumask *dst, const struct cpumask *src1, const struct cpumask *src2", v(6, 12), TRACED),
    kfunc("int", "bpf_cpumask_populate", "struct cpumask *cpumask, void *src, size_t src__sz", v(6, 16), TRACED),
    kfunc("void", "bpf_cpumask_release", "struct bpf_cpumask *cpumask", v(6, 12), TRACED),
    kfunc("void", "bpf_cpumask_set_cpu", "u32 cpu, struct bpf_cpumask *cpumask", v(6, 12), TRACED),
    kfunc("void", "bpf_cpumask_setall", "struct bpf_cpumask *cpumask", v(6, 12), TRACED),
    kfunc("bool", "bpf_cpumask_subset", "const struct cpumask *src1, const struct cpumask *src2", v(6, 12), TRACED),
    kfunc("bool", "bpf_cpumask_test_and_clear_cpu", "u32 cpu, struct bpf_cpumask *cpumask", v(6, 12), TRACED),
    kfunc("bool", "bpf_cpumask_test_and_set_cpu", "u32 cpu, struct bpf_cpumask *cpumask", v(6, 12), TRACED),
    kfunc("bool", "bpf_cpumask_test_cpu", "u32 cpu, const struct cpumask *cpumask", v(6, 12), TRACED),
    kfunc("u32", "bpf_cpumask_weight", "const struct cpumask *cpumask", v(6, 12), TRACED),
    kfunc("void", "bpf_cpumask_xor", "struct bpf_cpumask *dst, const struct cpumask *src1, const struct cpumask *src2", v(6, 12), TRACED),
    kfunc("struct bpf_crypto_ctx *", "bpf_crypto_ctx_acquire", "struct bpf_crypto_ctx *ctx", v(6, 12), SYSCALL),
    kfunc("struct bpf_crypto_ctx *", "bpf_crypto_ctx_create", "const struct bpf_crypto_params *params, u32 params__sz, int *err", v(6, 12), SYSCALL),
    kfunc("void", "bpf_crypto_ctx_release", "struct bpf_crypto_ctx *ctx", v(6, 12), SYSCALL),
    kfunc("int", "bpf_crypto_decrypt", "struct bpf_crypto_ctx *ctx, const struct bpf_dynptr *src, const struct bpf_dynptr *dst, const struct bpf_dynptr *siv__nullable", v(6, 12), CRYPTO),
    kfunc("int", "bpf_crypto_encrypt", "struct bpf_crypto_ctx *ctx, const struct bpf_dynptr *src, const struct bpf_dynptr *dst, const struct bpf_dynptr *siv__nullable", v(6, 12), CRYPTO),
    kfunc("int", "bpf_dynptr_adjust", "const struct bpf_dynptr *p, u32 start, u32 end", v(6, 12), EVERY),
    kfunc("int", "bpf_dynptr_clone", "const struct bpf_dynptr *p, struct bpf_dynptr *clone__uninit", v(6, 12), EVERY),
    kfunc("int", "bpf_dynptr_copy", "struct bpf_dynptr *dst_ptr, u32 dst_off, struct bpf_dynptr *src_ptr, u32 src_off, u32 size", v(6, 16), EVERY),
    kfunc("int", "bpf_dynptr_from_skb", "struct __sk_buff *s, u64 flags, struct bpf_dynptr *ptr__uninit", v(6, 12), PACKETS),
    kfunc("int", "bpf_dynptr_from_skb_meta", "struct __sk_buff *skb_, u64 flags, struct bpf_dynptr *ptr__uninit", v(6, 18), SCHED),
    kfunc("int", "bpf_dynptr_from_xdp", "struct xdp_md *x, u64 flags, struct bpf_dynptr *ptr__uninit", v(6, 12), XDP),
    kfunc("bool", "bpf_dynptr_is_null", "const struct bpf_dynptr *p", v(6, 12), EVERY),
    kfunc("bool", "bpf_dynptr_is_rdonly", "const struct bpf_dynptr *p", v(6, 12), EVERY),
    kfunc("int", "bpf_dynptr_memset", "struct bpf_dynptr *p, u32 offset, u32 size, u8 val", v(6, 17), EVERY),
    kfunc("__u32", "bpf_dynptr_size", "const struct bpf_dynptr *p", v(6, 12), EVERY),
    kfunc("void *", "bpf_dynptr_slice", "const struct bpf_dynptr *p, u32 offset, void *buffer__opt, u32 buffer__szk", v(6, 12), EVERY),
    kfunc("void *", "bpf_dynptr_slice_rdwr", "const struct bpf_dynptr *p, u32 offset, void *buffer__opt, u32 buffer__szk", v(6, 12), EVERY),
    kfunc("struct kmem_cache *", "bpf_get_kmem_cache", "u64 addr", v(6, 16), EVERY),
    kfunc("void", "bpf_iter_bits_destroy", "struct bpf_iter_bits *it", v(6, 12), EVERY),
    kfunc("int", "bpf_iter_bits_new", "struct bpf_iter_bits *it, const u64 *unsafe_ptr__ign, u32 nr_words", v(6, 12), EVERY),
    kfunc("int *", "bpf_iter_bits_next", "struct bpf_iter_bits *it", v(6, 12), EVERY),
    kfunc("void", "bpf_iter_css_destroy", "struct bpf_iter_css *it", v(6, 12), EVERY),
    kfunc("int", "bpf_iter_css_new", "struct bpf_iter_css *it, struct cgroup_subsys_state *start, unsigned flags", v(6, 12), EVERY),
    kfunc("struct cgroup_subsys_state *", "bpf_iter_css_next", "struct bpf_iter_css *it", v(6, 12), EVERY),
    kfunc("void", "bpf_iter_css_task_destroy", "struct bpf_iter_css_task *it", v(6, 12), EVERY),
    kfunc("int", "bpf_iter_css_task_new", "struct bpf_iter_css_task *it, struct cgroup_subsys_state *css, unsigned flags", v(6, 12), EVERY),
    kfunc("struct task_struct *", "bpf_iter_css_task_next", "struct bpf_iter_css_task *it", v(6, 12), EVERY),
    kfunc("void", "bpf_iter_dmabuf_destroy", "struct bpf_iter_dmabuf *it", v(6, 16), EVERY),
    kfunc("int", "bpf_iter_dmabuf_new", "struct bpf_iter_dmabuf *it", v(6, 16), EVERY),
    kfunc("struct dma_buf *", "bpf_iter_dmabuf_next", "struct bpf_iter_dmabuf *it", v(6, 16), EVERY),
    kfunc("void", "bpf_iter_kmem_cache_destroy", "struct bpf_iter_kmem_cache *it", v(6, 16), EVERY),
    kfunc("int", "bpf_iter_kmem_cache_new", "struct bpf_iter_kmem_cache *it", v(6, 16), EVERY),
    kfunc("struct kmem_cache *", "bpf_iter_kmem_cache_next", "struct bpf_iter_kmem_cache *it", v(6, 16), EVERY),
    kfunc("void", "bpf_iter_num_destroy", "struct bpf_iter_num *it", v(6, 12), EVERY),
    kfunc("int", "bpf_iter_num_new", "struct bpf_iter_num *it, int start, int end", v(6, 12), EVERY),
    kfunc("int *", "bpf_iter_num_next", "struct bpf_iter_num *it", v(6, 12), EVERY),
    kfunc("void", "bpf_iter_task_destroy", "struct bpf_iter_task *it", v(6, 12), EVERY),
    kfunc("int", "bpf_iter_task_new", "struct bpf_iter_task *it, struct task_struct *task__nullable, unsigned flags", v(6, 12), EVERY),
    kfunc("struct task_struct *", "bpf_iter_task_next", "struct bpf_iter_task *it", v(6, 12), EVERY),
    kfunc("void", "bpf_iter_task_vma_destroy", "struct bpf_iter_task_vma *it", v(6, 12), EVERY),
    kfunc("int", "bpf_iter_task_vma_new", "struct bpf_iter_task_vma *it, struct task_struct *task, u64 addr", v(6, 12), EVERY),
    kfunc("struct vm_area_struct *", "bpf_iter_task_vma_next", "struct bpf_iter_task_vma *it", v(6, 12), EVERY),
    kfunc("void", "bpf_key_put", "struct bpf_key *bkey", v(6, 1), OBJECTS),
    kfunc("struct bpf_list_node *", "bpf_list_back", "struct bpf_list_head *head", v(6, 16), OBJECTS),
    kfunc("struct bpf_list_node *", "bpf_list_front", "struct bpf_list_head *head", v(6, 16), OBJECTS),
    kfunc("struct bpf_list_node *", "bpf_list_pop_back", "struct bpf_list_head *head", v(6, 12), OBJECTS),
    kfunc("struct bpf_list_node *", "bpf_list_pop_front", "struct bpf_list_head *head", v(6, 12), OBJECTS),
    kfunc("int", "bpf_list_push_back_impl", "struct bpf_list_head *head, struct bpf_list_node *node, void *meta__ign, u64 off", v(6, 12), OBJECTS),
    kfunc("int", "bpf_list_push_front_impl", "struct bpf_list_head *head, struct bpf_list_node *node, void *meta__ign, u64 off", v(6, 12), OBJECTS),
    kfunc("void", "bpf_local_irq_restore", "long *flags__irq_flag", v(6, 16), EVERY),
    kfunc("void", "bpf_local_irq_save", "long *flags__irq_flag", v(6, 16), EVERY),
    kfunc("struct bpf_key *", "bpf_lookup_system_key", "u64 id", v(6, 1), OBJECTS),
    kfunc("struct bpf_key *", "bpf_lookup_user_key", "s32 serial, u64 flags", v(6, 1), OBJECTS),
    kfunc("s64", "bpf_map_sum_elem_count", "const struct bpf_map *map", v(6, 12), EVERY),
    kfunc("int", "bpf_modify_return_test_tp", "int nonce", v(6, 12), EVERY),
    kfunc("void", "bpf_obj_drop_impl", "void *p__alloc, void *meta__ign", v(6, 12), OBJECTS),
    kfunc("void *", "bpf_obj_new_impl", "u64 local_type_id__k, void *meta__ign", v(6, 12), OBJECTS),
    kfunc("void", "bpf_percpu_obj_drop_impl", "void *p__alloc, void *meta__ign", v(6, 12), OBJECTS),
    kfunc("void *", "bpf_percpu_obj_new_impl", "u64 local_type_id__k, void *meta__ign", v(6, 12), OBJECTS),
    kfunc("void", "bpf_preempt_disable", "", v(6, 12), EVERY),
    kfunc("void", "bpf_preempt_enable", "", v(6, 12), EVERY),
    kfunc("int", "bpf_probe_read_kernel_dynptr", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", v(6, 16), EVERY),
    kfunc("int", "bpf_probe_read_kernel_str_dynptr", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", v(6, 16), EVERY),
    kfunc("int", "bpf_probe_read_user_dynptr", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", v(6, 16), EVERY),
    kfunc("int", "bpf_probe_read_user_str_dynptr", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", v(6, 16), EVERY),
    kfunc("int", "bpf_rbtree_add_impl", "struct bpf_rb_root *root, struct bpf_rb_node *node, (anon) *less, void *meta__ign, u64 off", v(6, 12), OBJECTS),
    kfunc("struct bpf_rb_node *", "bpf_rbtree_first", "struct bpf_rb_root *root", v(6, 12), OBJECTS),
    kfunc("struct bpf_rb_node *", "bpf_rbtree_left", "struct bpf_rb_root *root, struct bpf_rb_node *node", v(6, 16), OBJECTS),
    kfunc("struct bpf_rb_node *", "bpf_rbtree_remove", "struct bpf_rb_root *root, struct bpf_rb_node *node", v(6, 12), OBJECTS),
    kfunc("struct bpf_rb_node *", "bpf_rbtree_right", "struct bpf_rb_root *root, struct bpf_rb_node *node", v(6, 16), OBJECTS),
    kfunc("struct bpf_rb_node *", "bpf_rbtree_root", "struct bpf_rb_root *root", v(6, 16), OBJECTS),
    kfunc("void", "bpf_rcu_read_lock", "", v(6, 12), EVERY),
    kfunc("void", "bpf_rcu_read_unlock", "", v(6, 12), EVERY),
    kfunc("void *", "bpf_rdonly_cast", "const void *obj__ign, u32 btf_id__k", v(6, 12), EVERY),
    kfunc("void *", "bpf_refcount_acquire_impl", "void *p__refcounted_kptr, void *meta__ign", v(6, 12), OBJECTS),
    kfunc("int", "bpf_res_spin_lock", "struct bpf_res_spin_lock *lock", v(6, 16), EVERY),
    kfunc("int", "bpf_res_spin_lock_irqsave", "struct bpf_res_spin_lock *lock, long *flags__irq_flag", v(6, 16), EVERY),
    kfunc("void", "bpf_res_spin_unlock", "struct bpf_res_spin_lock *lock", v(6, 16), EVERY),
    kfunc("void", "bpf_res_spin_unlock_irqrestore", "struct bpf_res_spin_lock *lock, long *flags__irq_flag", v(6, 16), EVERY),
    kfunc("int", "bpf_send_signal_task", "struct task_struct *task, int sig, enum pid_type type, u64 value", v(6, 16), OBJECTS),
    kfunc("int", "bpf_sk_assign_tcp_reqsk", "struct __sk_buff *s, struct sock *sk, struct bpf_tcp_req_attrs *attrs, int attrs__sz", v(6, 12), CLASSIFIER),
    kfunc("int", "bpf_sock_addr_set_sun_path", "struct bpf_sock_addr_kern *sa_kern, const u8 *sun_path, u32 sun_path__sz", v(6, 12), CGROUPS),
    kfunc("int", "bpf_sock_ops_enable_tx_tstamp", "struct bpf_sock_ops_kern *skops, u64 flags", v(6, 16), CGROUPS),
    kfunc("int", "bpf_strcasecmp", "const char *s1__ign, const char *s2__ign", v(6, 18), EVERY),
    kfunc("int", "bpf_strchr", "const char *s__ign, char c", v(6, 17), EVERY),
    kfunc("int", "bpf_strchrnul", "const char *s__ign, char c", v(6, 17), EVERY),
    kfunc("int", "bpf_strcmp", "const char *s1__ign, const char *s2__ign", v(6, 17), EVERY),
    kfunc("int", "bpf_strcspn", "const char *s__ign, const char *reject__ign", v(6, 17), EVERY),
    kfunc("int", "bpf_stream_vprintk_impl", "int stream_id, const char *fmt__str, const void *args, u32 len__sz, void *aux__prog", v(6, 18), EVERY).until(v(7, 0)),
    kfunc("int", "bpf_strlen", "const char *s__ign", v(6, 17), EVERY),
    kfunc("int", "bpf_strnchr", "const char *s__ign, size_t count, char c", v(6, 17), EVERY),
    kfunc("int", "bpf_strnlen", "const char *s__ign, size_t count", v(6, 17), EVERY),
    kfunc("int", "bpf_strnstr", "const char *s1__ign, const char *s2__ign, size_t len", v(6, 17), EVERY),
    kfunc("int", "bpf_strrchr", "const char *s__ign, int c", v(6, 17), EVERY),
    kfunc("int", "bpf_strspn", "const char *s__ign, const char *accept__ign", v(6, 17), EVERY),
    kfunc("int", "bpf_strstr", "const char *s1__ign, const char *s2__ign", v(6, 17), EVERY),
    kfunc("struct task_struct *", "bpf_task_acquire", "struct task_struct *p", v(6, 12), OBJECTS),
    kfunc("struct task_struct *", "bpf_task_from_pid", "s32 pid", v(6, 12), OBJECTS),
    kfunc("struct task_struct *", "bpf_task_from_vpid", "s32 vpid", v(6, 16), OBJECTS),
    kfunc("struct cgroup *", "bpf_task_get_cgroup1", "struct task_struct *task, int hierarchy_id", v(6, 12), OBJECTS),
    kfunc("void", "bpf_task_release", "struct task_struct *p", v(6, 12), OBJECTS),
    kfunc("long", "bpf_task_under_cgroup", "struct task_struct *task, struct cgroup *ancestor", v(6, 12), OBJECTS),
    kfunc("int", "bpf_task_work_schedule_resume_impl", "struct task_struct *task, struct bpf_task_work *tw, void *map__map, bpf_task_work_callback_t callback, void *aux__prog", v(6, 18), EVERY).until(v(7, 0)),
    kfunc("int", "bpf_task_work_schedule_signal_impl", "struct task_struct *task, struct bpf_task_work *tw, void *map__map, bpf_task_work_callback_t callback, void *aux__prog", v(6, 18), EVERY).until(v(7, 0)),
    kfunc("void", "bpf_throw", "u64 cookie", v(6, 12), OBJECTS),
    kfunc("int", "bpf_wq_init", "struct bpf_wq *wq, void *p__map, unsigned flags", v(6, 12), EVERY),
    kfunc("int", "bpf_wq_set_callback_impl", "struct bpf_wq *wq, int (*callback_fn)(void *map, int *key, void *value), unsigned flags, void *aux__prog", v(6, 12), EVERY).until(v(7, 0)),
    kfunc("int", "bpf_wq_start", "struct bpf_wq *wq, unsigned flags", v(6, 12), EVERY),
    kfunc("struct xfrm_state *", "bpf_xdp_get_xfrm_state", "struct xdp_md *ctx, struct bpf_xfrm_state_opts *opts, u32 opts__sz", v(6, 12), XDP),
    kfunc("int", "bpf_xdp_metadata_rx_hash", "const struct xdp_md *ctx, u32 *hash, enum xdp_rss_hash_type *rss_type", v(6, 12), EVERY),
    kfunc("int", "bpf_xdp_metadata_rx_timestamp", "const struct xdp_md *ctx, u64 *timestamp", v(6, 12), EVERY),
    kfunc("int", "bpf_xdp_metadata_rx_vlan_tag", "const struct xdp_md *ctx, __be16 *vlan_proto, u16 *vlan_tci", v(6, 12), EVERY),
    kfunc("int", "bpf_xdp_pull_data", "struct xdp_md *x, u32 len", v(6, 18), XDP),
    kfunc("void", "bpf_xdp_xfrm_state_release", "struct xfrm_state *x", v(6, 12), XDP),
    kfunc("void", "css_rstat_flush", "struct cgroup_subsys_state *css", v(6, 16), EVENTS),
    kfunc("void", "css_rstat_updated", "struct cgroup_subsys_state *css, int cpu", v(6, 16), EVENTS),
];
