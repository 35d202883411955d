// Hooks, arenas, symbols, jump tables and counts used against their rules; what stands before a program is said in `objects.c`.

#include "bpf.h"

PRIVATE(L) struct bpf_spin_lock lock;
static long (*const own_spin_lock)(void *) = (void *)93;
static long (*const own_spin_unlock)(void *) = (void *)94;

//= attach-target - name
SEC("fexit/do_exit") int end_of_what_never_returns(void *ctx) { return 0; }
//= attach-target - name
SEC("fmod_ret/vfs_read") int changes_what_may_not_be_changed(void *ctx) { return 0; }

//= buffer-bounds - constant
SEC("raw_tp.w/sys_enter") int before_the_buffer(__u64 **ctx) { return ctx[0][-1] != 0; }
//= buffer-bounds - constant
SEC("raw_tp.w/sys_enter") int somewhere_in_the_buffer(__u64 **ctx)
{
	__u64 at = bpf_get_prandom_u32() & 7;
	barrier_var(at);
	return *((char *)ctx[0] + at) != 0;
}

//= map-not-for-program - map
SEC("raw_tp/sys_enter") int locks_in_a_tracepoint(void *ctx)
{
	own_spin_lock(&lock);
	own_spin_unlock(&lock);
	return 0;
}
//= map-not-for-program - map
SEC("socket") int locks_in_a_filter(void *ctx)
{
	own_spin_lock(&lock);
	own_spin_unlock(&lock);
	return 0;
}

//= arena - arena
SEC("tc") int casts_between_other_spaces(void *ctx)
{
	/* r1 = addr_space_cast(r1, 0, 2) */
	asm volatile("r1 = 0; .byte 0xbf, 0x11, 1, 0; .long 2" ::: "r1");
	return 0;
}
//= arena - arena
SEC("tc") int casts_without_an_arena(void *ctx)
{
	/* r1 = addr_space_cast(r1, 0, 1) */
	asm volatile("r1 = 0; .byte 0xbf, 0x11, 1, 0; .long 1" ::: "r1");
	return 0;
}

//= kernel-symbol - symbol
SEC("tc") int symbol_of_a_type_there_is_not(void *ctx)
{
	asm volatile(".byte 0x18, 0x31, 0, 0; .long 9999999; .long 0, 0" ::: "r1");
	return 0;
}
//= kernel-symbol - symbol
SEC("tc") int symbol_that_is_a_type(void *ctx)
{
	asm volatile(".byte 0x18, 0x31, 0, 0; .long 1; .long 0, 0" ::: "r1");
	return 0;
}

//= unknown-opcode - -mcpu
//7.3= indirect-jump - jump-tables
SEC("tc") int jumps_without_a_table(void *ctx)
{
	asm volatile("r1 = 0; .byte 0x0d, 0x01, 0, 0; .long 0" ::: "r1");
	return 0;
}

//= invalid-register - r10
//7.3= stack-arguments - struct
SEC("tc") int reads_arguments_it_has_not(void *ctx)
{
	asm volatile(".byte 0x79, 0xb1, 8, 0; .long 0" ::: "r1");
	return 0;
}

#define FUNCTION(n) static __noinline int function##n(int number) { barrier_var(number); return number + 1; }
#define EIGHT(with, n) with(n##0) with(n##1) with(n##2) with(n##3) with(n##4) with(n##5) with(n##6) with(n##7)
#define OCTAL(with, n) \
	EIGHT(with, n##0) EIGHT(with, n##1) EIGHT(with, n##2) EIGHT(with, n##3) \
	EIGHT(with, n##4) EIGHT(with, n##5) EIGHT(with, n##6) EIGHT(with, n##7)
#define ALL(with) OCTAL(with, 1) OCTAL(with, 2) OCTAL(with, 3) OCTAL(with, 4)
#define CALL(n) sum += function##n(sum);
ALL(FUNCTION)

//= program-limits - inline
SEC("tc") int calls_256_functions(struct __sk_buff *skb)
{
	int sum = skb->len;
	ALL(CALL)
	return sum & 1;
}
