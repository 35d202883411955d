#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

SEC("uprobe.s") int fault(void *ctx)
{
	int number = 0;
	bpf_rcu_read_lock();
	bpf_copy_from_user(&number, sizeof(number), 0);	/* may wait for a page */
	bpf_rcu_read_unlock();
	return number;
}

SEC("uprobe.s") int repair(void *ctx)
{
	int number = 0;
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	bpf_copy_from_user(&number, sizeof(number), 0);
	return number;
}

char _license[] SEC("license") = "GPL";
