#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct cgroup_subsys_state {
	struct cgroup *cgroup;
} __attribute__((preserve_access_index));

struct cgroup {
	struct cgroup_subsys_state self;
} __attribute__((preserve_access_index));

extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;
extern long bpf_cgroup_ancestor_level(void) __ksym __weak;
extern struct cgroup *bpf_cgroup_acquire(struct cgroup *cgroup) __ksym;
extern void bpf_cgroup_release(struct cgroup *cgroup) __ksym;

SEC("tc") int fault(struct __sk_buff *skb)
{
	struct cgroup *cgroup = bpf_cgroup_from_id(1), *other;
	if (!cgroup)
		return 0;
	other = bpf_cgroup_acquire(cgroup->self.cgroup);	/* read from memory: may be gone */
	bpf_cgroup_release(cgroup);
	if (other)
		bpf_cgroup_release(other);
	return 0;
}

SEC("tc") int repair(struct __sk_buff *skb)
{
	struct cgroup *cgroup = bpf_cgroup_from_id(1), *other;
	if (!cgroup)
		return 0;
	other = bpf_cgroup_acquire(cgroup);
	bpf_cgroup_release(cgroup);
	if (other)
		bpf_cgroup_release(other);
	return 0;
}

char _license[] SEC("license") = "GPL";
