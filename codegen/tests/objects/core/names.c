/* Functions and variables of the kernel by name. */
#include "core.h"
#define KSYM __attribute__((section(".ksyms")))
#define WEAK __attribute__((weak))

extern void bpf_rcu_read_lock(void) KSYM;
extern void bpf_rcu_read_unlock(void) KSYM;
extern void no_such_function(int x) KSYM WEAK;
struct rq { int any; };
extern const struct rq runqueues KSYM;
extern int no_such_variable KSYM WEAK;
/* The kernel's takes a pointer. */
extern void tcp_reno_ssthresh(int x, int y) KSYM WEAK;

SEC("tc") int functions(void *ctx)
{
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return 0;
}

SEC("tc") int guarded(void *ctx)
{
	if (no_such_function)
		no_such_function(1);
	return 0;
}

SEC("tc") int unguarded(void *ctx)
{
	no_such_function(1);
	return 0;
}

SEC("tc") int of_another_type(void *ctx)
{
	tcp_reno_ssthresh(1, 2);
	return 0;
}

SEC("tc") int variables(void *ctx)
{
	if (&no_such_variable)
		return 1;
	out = (unsigned long long)&runqueues;
	return 0;
}
