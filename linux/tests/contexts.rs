//! The page that is made of the rows of program types, contexts and maps.

use knockwright_linux::context::page;

const COMMAND: &str = "KNOCKWRIGHT_BLESS=1 cargo test -p knockwright-linux --test contexts";

#[test]
fn the_page_of_contexts_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/contexts.md");
    let page = page();
    if std::env::var_os("KNOCKWRIGHT_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(stored == page, "docs/contexts.md is stale: {COMMAND}");
}
