/* What libpcap says of packets. Standard input: filters, each as a record (u32 kind, u32 length, bytes; kind 0 an expression,
 * 1 instructions, 2 a packet for the filter before it). Standard output: per filter u32 count and the instructions, count 0
 * if libpcap doesn't compile it; per packet u32, the filter's answer. */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t bytes[1 << 16];

static int read_u32(uint32_t *number)
{
	return fread(number, sizeof(*number), 1, stdin) == 1;
}

static void write_u32(uint32_t number)
{
	fwrite(&number, sizeof(number), 1, stdout);
}

int main(void)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 262144);
	struct bpf_program filter = { 0 };
	uint32_t kind, length;

	while (read_u32(&kind) && read_u32(&length)) {
		if (length >= sizeof(bytes) || fread(bytes, 1, length, stdin) != length)
			return 1;
		if (kind == 2) {
			struct pcap_pkthdr header = { .caplen = length, .len = length };
			write_u32(filter.bf_insns ? pcap_offline_filter(&filter, &header, bytes) : 0);
			continue;
		}
		if (kind == 0) {
			bytes[length] = 0;
			if (pcap_compile(pcap, &filter, (char *)bytes, 1, PCAP_NETMASK_UNKNOWN))
				filter.bf_len = 0, filter.bf_insns = NULL;
		} else {
			filter.bf_len = length / sizeof(struct bpf_insn);
			filter.bf_insns = malloc(length);
			memcpy(filter.bf_insns, bytes, length);
		}
		write_u32(filter.bf_len);
		fwrite(filter.bf_insns, sizeof(struct bpf_insn), filter.bf_len, stdout);
	}
	return 0;
}
