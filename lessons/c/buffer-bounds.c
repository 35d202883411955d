#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp.w/bpf_test_finish") int fault(__u64 *args)
{
	int *error = (int *)args[0];
	return error[-1];		/* nothing lies in front of it */
}

SEC("raw_tp.w/bpf_test_finish") int repair(__u64 *args)
{
	int *error = (int *)args[0];
	return error[0];
}

char _license[] SEC("license") = "GPL";
