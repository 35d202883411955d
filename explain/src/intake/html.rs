//! Logs in the source of a page: entities, and tags around lines.

/// The entities that escaped text has, with what they stand for. The ampersand comes last, so that nothing is taken twice.
const ENTITIES: &[(&str, &str)] = &[
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#39;", "'"),
    ("&#039;", "'"),
    ("&#x27;", "'"),
    ("&apos;", "'"),
    ("&nbsp;", " "),
    ("&#160;", " "),
    ("&amp;", "&"),
];

/// The tags that stand around lines of text.
const TAGS: &[&str] = &[
    "a", "b", "br", "code", "details", "div", "em", "font", "i", "li", "p", "pre", "samp", "span", "strong",
    "summary", "td", "tr", "tt",
];

/// A line without tags at its ends and without entities. `plain` holds it where there are some.
pub(super) fn plain<'a>(line: &'a str, plain: &'a mut String) -> &'a str {
    let bytes = line.trim().as_bytes();
    let line = match bytes {
        [b'<', ..] | [.., b'>'] => without_tags(line),
        _ => line,
    };
    if memchr::memchr(b'&', line.as_bytes()).is_none()
        || !ENTITIES.iter().any(|(entity, _)| line.contains(entity))
    {
        return line;
    }
    plain.clear();
    plain.push_str(line);
    for (entity, character) in ENTITIES {
        if plain.contains(entity) {
            *plain = plain.replace(entity, character);
        }
    }
    plain
}

fn without_tags(line: &str) -> &str {
    let mut line = line;
    loop {
        let text = line.trim_start();
        match text.find('>').filter(|end| is_tag(&text[..=*end])) {
            Some(end) => line = &text[end + 1..],
            None => break,
        }
    }
    loop {
        let text = line.trim_end();
        match text.rfind('<').filter(|start| is_tag(&text[*start..])) {
            Some(start) => line = &text[..start],
            None => return line,
        }
    }
}

/// Whether a text is one tag of those that stand around lines.
fn is_tag(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) else { return false };
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    let name = inner.split([' ', '/']).next().unwrap_or_default();
    !inner.contains('<') && TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> String {
        plain(line, &mut String::new()).to_owned()
    }

    #[test]
    fn tags_and_entities_come_off() {
        assert_eq!(
            of("<pre class=\"x\"><code>8: (25) if r1 &gt; 0x14 goto pc+3</code></pre>"),
            "8: (25) if r1 > 0x14 goto pc+3"
        );
        assert_eq!(of("R0 invalid mem access &#39;inv&#39;<br/>"), "R0 invalid mem access 'inv'");
        assert_eq!(of("a &amp;lt; b"), "a &lt; b");
    }

    #[test]
    fn what_is_no_page_stays() {
        for line in ["3: <invalid CO-RE relocation>", "; a->b & c;", "r1 > r2", " <x>", "8: (67) r1 <<= 1"] {
            assert_eq!(of(line), line);
        }
    }
}
