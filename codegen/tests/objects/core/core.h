/* What the programs beside it need of the compiler and of libbpf. */
#define SEC(name) __attribute__((section(name), used))
#define KERNEL __attribute__((preserve_access_index))

/* The kinds of `enum bpf_core_relo_kind`, as the builtins number them. */
#define offset_of(field) __builtin_preserve_field_info(field, 0)
#define size_of(field) __builtin_preserve_field_info(field, 1)
#define exists(field) __builtin_preserve_field_info(field, 2)
#define is_signed(field) __builtin_preserve_field_info(field, 3)
#define shift_left(field) __builtin_preserve_field_info(field, 4)
#define shift_right(field) __builtin_preserve_field_info(field, 5)
#define local_id(type) __builtin_btf_type_id(*(type *)0, 0)
#define kernel_id(type) __builtin_btf_type_id(*(type *)0, 1)
#define type_exists(type) __builtin_preserve_type_info(*(type *)0, 0)
#define type_size(type) __builtin_preserve_type_info(*(type *)0, 1)
#define type_matches(type) __builtin_preserve_type_info(*(type *)0, 2)
#define value_exists(type, value) __builtin_preserve_enum_value(*(type *)value, 0)
#define value_of(type, value) __builtin_preserve_enum_value(*(type *)value, 1)

char _license[] SEC("license") = "GPL";
/* Results are kept, so that the compiler keeps what they come from. */
volatile unsigned long long out;
