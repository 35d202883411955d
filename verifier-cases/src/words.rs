//! Words of messages: the name that was meant, and numbers with what they count.

/// The fewest characters that are taken for a part of a name.
const PART: usize = 3;

/// Of names the one that a mistyped one is nearest to; none if it resembles none.
pub fn nearest<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let typed = typed.to_lowercase();
    let slips = |name: &str| {
        let name = name.to_lowercase();
        let is_part = name.contains(&typed) || typed.contains(&name);
        let slips = strsim::damerau_levenshtein(&typed, &name);
        let few = slips <= 1 + typed.chars().count() / 5;
        (few || is_part && name.len().min(typed.len()) >= PART).then_some(slips)
    };
    let near = names.into_iter().filter_map(|name| Some((slips(name)?, name)));
    near.min_by_key(|(slips, _)| *slips).map(|(_, name)| name)
}

/// The question that follows an unknown name in a message: `` (did you mean `knock`?)``, or nothing.
pub fn did_you_mean<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    nearest(typed, names).map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

/// A number with what it counts: `1 kernel`, `2 kernels`.
pub fn counted(count: impl TryInto<u64>, what: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let plural = match (count, what.ends_with('s')) {
        (1, _) => "",
        (_, false) => "s",
        (_, true) => "es",
    };
    format!("{count} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_parts_find_the_name_and_other_words_do_not() {
        let names = ["knock", "article-null", "article-null-fixed", "map-value-max", "pass"];
        for (typed, meant) in [
            ("knok", Some("knock")),
            ("konck", Some("knock")),
            ("Knock", Some("knock")),
            ("map-value-mx", Some("map-value-max")),
            ("article", Some("article-null")),
            ("article-null-fixd", Some("article-null-fixed")),
            ("zebra", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names), meant, "{typed}");
        }
    }

    #[test]
    fn one_has_no_plural() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "kernel")), ["0 kernels", "1 kernel", "2 kernels"]);
        assert_eq!([1, 99].map(|count| counted(count, "class")), ["1 class", "99 classes"]);
    }
}
