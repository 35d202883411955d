//! Types, functions, lines and maps, as they are loaded.

macro_rules! btf {
    ($($then:tt)*) => { gather! { $($then)* {
        /// The types are refused, in the log of their own load.
        BtfRefused("btf-refused") {} [
            read => "Exceeded max num of types",
            read => "Invalid magic",
            read => "Invalid section offset",
            read => "Invalid string section",
            read => "Layout section is too big",
            read => "Layout section is too small",
            read => "Max chain length or cycle detected",
            read => "No data",
            read => "No type found",
            read => "Section overlap found",
            read => "String section is not at the end",
            read => "Total section length too long",
            read => "Type '{what}' is not a struct",
            read => "Type tags don't precede modifiers",
            read => "Unaligned layout_off",
            read => "Unaligned type_off",
            read => "Unsupported btf_header",
            read => "Unsupported flags",
            read => "Unsupported section found",
            read => "Unsupported version",
            read => "[{number}] Invalid btf_info:{number}",
            read => "[{number}] Invalid kind:{number}",
            read => "[{number}] Invalid name_offset:{number}",
            read => "[{number}] meta_left:{number} meta_needed:{number}",
            read => "btf_header not found",
            read => "hdr_len not found",
            read => "layout_len is not multiple of {number}",
            read => "[{number}] {what} {rest}"
        ]
        /// Records of functions or lines are wrong.
        FunctionInfo("function-info") {} [
            read => "BTF of func#{number} doesn't point to KIND_FUNC",
            read => "BTF of func_id {number} doesn't point to KIND_FUNC",
            read => "Invalid line_info[{number}].line_off or .file_name_off",
            read => "invalid btf id for main subprog in func_info",
            read => "invalid func info rec size {number}",
            read => "invalid type id {number} in func info",
            read => "nonzero tailing record in func info",
            read => "nonzero tailing record in line_info"
        ]
        /// A map is refused, in the log of its creation.
        MapCreation("map-creation") {} [
            read => "Invalid attr.",
            read => "Invalid btf_fd.",
            read => "Invalid btf_value_type_id.",
            read => "Invalid excl_prog_hash_size.",
            read => "Invalid map_extra.",
            read => "Invalid map_name.",
            read => "Invalid map_token_fd.",
            read => "Invalid map_type.",
            read => "Invalid numa_node.",
            read => "btf_vmlinux_value_type_id can only be used with struct_ops maps.",
            read => "btf_vmlinux_value_type_id is mutually exclusive with btf_key_type_id and btf_value_type_id."
        ]
    } } };
}
