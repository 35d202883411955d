//! The verifier's words for what a register may hold, in the lists of what a call takes, for people.

/// The words, the longest of those that start alike first.
const WORDS: &[(&str, &str)] = &[
    ("map_value_or_null", "a map value that may be NULL"),
    ("ringbuf_mem_or_null", "a reserved record that may be NULL"),
    ("mem_or_null", "memory that may be NULL"),
    ("ringbuf_mem", "a reserved record"),
    ("rdonly_mem", "memory that is read"),
    ("map_value", "a map's value"),
    ("map_key", "a map's key"),
    ("map_ptr", "a map"),
    ("pkt_meta", "the packet's metadata"),
    ("pkt_end", "the packet's end"),
    ("pkt", "checked bytes of the packet"),
    ("fp", "memory of the stack"),
    ("ctx", "the context"),
    ("mem", "memory that a helper gave"),
    ("buf", "a buffer of the hook"),
    ("sock_common", "a socket"),
    ("tcp_sock", "a TCP socket"),
    ("xdp_sock", "an XDP socket"),
    ("sock", "a socket"),
    ("trusted_ptr_", "a kernel object that is sure to live"),
    ("rcu_ptr_", "a kernel object inside a read section"),
    ("untrusted_ptr_", "a kernel object that may be gone"),
    ("percpu_ptr_", "a variable of each CPU"),
    ("ptr_", "a kernel object"),
    ("func", "a function"),
    ("dynptr_ptr", "a dynptr"),
    ("inv", "a number"),
    ("scalar", "a number"),
];

/// What one of the verifier's words stands for; itself if nobody here knows it.
fn kind(word: &str) -> &str {
    WORDS.iter().find(|(start, _)| word.starts_with(start)).map_or(word, |(_, words)| words)
}

/// A list such as `fp, pkt, map_value` in words, each thing once.
pub(crate) fn list(words: &str) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for word in words.split([',', ' ']).filter(|word| !word.is_empty() && *word != "or") {
        let words = kind(word);
        if !kinds.contains(&words) {
            kinds.push(words);
        }
    }
    match kinds.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn lists_are_read_out() {
        assert_eq!(list("fp"), "memory of the stack");
        assert_eq!(
            list("fp, pkt, map_value"),
            "memory of the stack, checked bytes of the packet or a map's value"
        );
        assert_eq!(list("ptr_, trusted_ptr_"), "a kernel object or a kernel object that is sure to live");
        assert_eq!(list("something_new"), "something_new");
    }
}
