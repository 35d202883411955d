/* Loads programs and runs them on packets, in a guest. The file named: records (u32 kind, u32 length, bytes). Kind 1 to 3 is the
 * machine code of a program for xdp, tc or a socket filter, kind 4 a packet, whose bytes are after a u32 for each kind: what the
 * programs answer. Prints how many runs agree, or the first that doesn't. */
#include <linux/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint8_t bytes[1 << 20], out[1 << 20];
static char log[1 << 16];
static const int types[] = { 0, BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_SOCKET_FILTER };

static int load(int type, uint32_t length)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.insns = (uint64_t)(uintptr_t)bytes;
	attr.insn_cnt = length / 8;
	attr.license = (uint64_t)(uintptr_t)"GPL";
	int fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0) {
		attr.log_level = 1;
		attr.log_buf = (uint64_t)(uintptr_t)log;
		attr.log_size = sizeof(log);
		syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	}
	return fd;
}

static int run(int fd, const uint8_t *packet, uint32_t length, uint32_t *answer)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = fd;
	attr.test.data_in = (uint64_t)(uintptr_t)packet;
	attr.test.data_size_in = length;
	attr.test.data_out = (uint64_t)(uintptr_t)out;
	attr.test.data_size_out = sizeof(out);
	int failed = syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr));
	*answer = attr.test.retval;
	return failed;
}

int main(int count, char **arguments)
{
	FILE *file = fopen(arguments[count - 1], "r");
	int fds[4] = { -1, -1, -1, -1 };
	uint32_t kind, length, programs = 0, packets = 0, runs = 0;

	if (!file)
		return 2;
	while (fread(&kind, 4, 1, file) == 1 && fread(&length, 4, 1, file) == 1) {
		if (fread(bytes, 1, length, file) != length)
			return 2;
		if (kind < 4) {
			close(fds[kind]);
			fds[kind] = load(types[kind], length);
			if (fds[kind] < 0) {
				printf("program %u of kind %u isn't loaded: %s\n%s\n", programs, kind, strerror(errno), log);
				return 1;
			}
			programs++;
			continue;
		}
		packets++;
		for (int hook = 1; hook < 4; hook++) {
			uint32_t wanted, answer;
			/* The kernel takes the link layer's header away before a socket filter sees the packet. */
			uint8_t *packet = bytes + 12 + (hook == 3 ? 0 : 14);

			memcpy(&wanted, bytes + 4 * (hook - 1), 4);
			if (run(fds[hook], packet, bytes + length - packet, &answer) || answer != wanted) {
				printf("packet %u of kind %d: %u, not %u (%s)\n", packets, hook, answer, wanted, strerror(errno));
				return 1;
			}
			runs++;
		}
	}
	printf("%u programs, %u packets, %u runs agree\n", programs, packets, runs);
	return 0;
}
