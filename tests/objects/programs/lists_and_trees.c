// Objects that programs allocate, in lists and trees under a lock.

#include "bpf.h"

struct bpf_list_head { __u64 words[2]; } __attribute__((aligned(8)));
struct bpf_list_node { __u64 words[3]; } __attribute__((aligned(8)));
struct bpf_rb_root { __u64 words[2]; } __attribute__((aligned(8)));
struct bpf_rb_node { __u64 words[4]; } __attribute__((aligned(8)));

struct element { struct bpf_list_node node; __u64 number; };
struct leaf { struct bpf_rb_node node; __u64 number; };

PRIVATE(list) struct bpf_spin_lock list_lock;
PRIVATE(list) struct bpf_list_head list __contains(element, node);
PRIVATE(tree) struct bpf_spin_lock tree_lock;
PRIVATE(tree) struct bpf_rb_root tree __contains(leaf, node);

extern void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, __u64 off) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node, _Bool (*less)(struct bpf_rb_node *, const struct bpf_rb_node *), void *meta, __u64 off) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node) __ksym;

#define NEW(type) ((type *)bpf_obj_new_impl(__builtin_btf_type_id(*(type *)0, 0), NULL))

static _Bool less(struct bpf_rb_node *left, const struct bpf_rb_node *right)
{
	return container_of(left, struct leaf, node)->number < container_of(right, struct leaf, node)->number;
}

SEC("tc") int new_and_drop(struct __sk_buff *skb)
{
	struct element *element = NEW(struct element);
	if (!element)
		return 0;
	element->number = 5;
	bpf_obj_drop_impl(element, NULL);
	return 0;
}
SEC("tc") int pushes(struct __sk_buff *skb)
{
	struct element *element = NEW(struct element);
	if (!element)
		return 0;
	element->number = skb->len;
	bpf_spin_lock(&list_lock);
	bpf_list_push_front_impl(&list, &element->node, NULL, 0);
	bpf_spin_unlock(&list_lock);
	return 0;
}
SEC("tc") int pops(struct __sk_buff *skb)
{
	struct bpf_list_node *node;
	bpf_spin_lock(&list_lock);
	node = bpf_list_pop_front(&list);
	bpf_spin_unlock(&list_lock);
	if (node)
		bpf_obj_drop_impl(container_of(node, struct element, node), NULL);
	return 0;
}
SEC("tc") int adds_to_the_tree(struct __sk_buff *skb)
{
	struct leaf *leaf = NEW(struct leaf);
	if (!leaf)
		return 0;
	leaf->number = skb->len;
	bpf_spin_lock(&tree_lock);
	bpf_rbtree_add_impl(&tree, &leaf->node, less, NULL, 0);
	bpf_spin_unlock(&tree_lock);
	return 0;
}
SEC("tc") int removes_the_first(struct __sk_buff *skb)
{
	struct bpf_rb_node *node;
	bpf_spin_lock(&tree_lock);
	node = bpf_rbtree_first(&tree);
	if (node)
		node = bpf_rbtree_remove(&tree, node);
	bpf_spin_unlock(&tree_lock);
	if (node)
		bpf_obj_drop_impl(container_of(node, struct leaf, node), NULL);
	return 0;
}

/* Rejected. */
SEC("tc") int leaks_an_object(struct __sk_buff *skb) { return NEW(struct element) ? 1 : 0; }
SEC("tc") int pushes_without_the_lock(struct __sk_buff *skb)
{
	struct element *element = NEW(struct element);
	if (element)
		bpf_list_push_front_impl(&list, &element->node, NULL, 0);
	return 0;
}
SEC("tc") int pushes_under_another_lock(struct __sk_buff *skb)
{
	struct element *element = NEW(struct element);
	if (!element)
		return 0;
	bpf_spin_lock(&tree_lock);
	bpf_list_push_front_impl(&list, &element->node, NULL, 0);
	bpf_spin_unlock(&tree_lock);
	return 0;
}
SEC("tc") int drops_after_push(struct __sk_buff *skb)
{
	struct element *element = NEW(struct element);
	if (!element)
		return 0;
	bpf_spin_lock(&list_lock);
	bpf_list_push_front_impl(&list, &element->node, NULL, 0);
	bpf_spin_unlock(&list_lock);
	bpf_obj_drop_impl(element, NULL);
	return 0;
}
SEC("tc") int first_without_the_lock(struct __sk_buff *skb) { return bpf_rbtree_first(&tree) ? 1 : 0; }
