use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an object, a list or a tree is used against the rules of ownership",
    why: "What bpf_obj_new gives belongs to the program until it is dropped or put into a list or tree. Lists and trees are touched with the lock beside them held, and nodes lie where their type says.",
    fix: "Hold the bpf_spin_lock of the same map value, check for NULL, and drop or insert each object once.",
    lesson: lesson("kernel", 88),
    docs: pages::GRAPHS,
    remedy: |_| {
        Some(Remedy {
            c: "bpf_spin_lock(&glock); bpf_rbtree_add(&groot, &n->node, less); bpf_spin_unlock(&glock);",
            rust: "the same calls through bindings: lock, insert or remove, unlock; drop what was removed by bpf_obj_drop",
            asm: "call lock, then add or remove, then unlock, with no other call between",
        })
    },
    ..PLAIN
};
