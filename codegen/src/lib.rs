//! Relocatable BPF ELF objects with BTF and line information, written and read back.
