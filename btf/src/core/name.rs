//! Names without flavours.

/// A name without its flavour: `task_struct` of `task_struct___old`.
///
/// A flavour is what follows the last three underscores that have another character on either side. It tells apart variants
/// of a type inside one object or kernel, and doesn't count when types of two are compared.
///
/// ```
/// use knockwright_btf::core::essential_name;
///
/// assert_eq!(essential_name("task_struct___old"), "task_struct");
/// assert_eq!(essential_name("a___b___c"), "a___b");
/// for whole in ["task_struct", "a___", "___b", "a____b", "a__b"] {
///     assert_eq!(essential_name(whole), whole);
/// }
/// ```
pub fn essential_name(name: &str) -> &str {
    let separates = |window: &[u8]| window[0] != b'_' && &window[1..4] == b"___" && window[4] != b'_';
    let last = name.as_bytes().windows(5).rposition(separates);
    // What stands before the first underscore ends a character: an underscore is one of its own.
    last.and_then(|at| name.get(..=at)).unwrap_or(name)
}
