//! `docs/verifier-rules.md` says which kernel has what: what the profiles say.

use knockwright_verifier::{Profile, Rules};

/// The cells of a row of a table.
fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

/// A switch as the page writes it.
fn on_the_page(rules: &Rules, name: &str) -> String {
    let shown = format!("{rules:?}");
    let start = shown.find(&format!(" {name}: ")).unwrap_or_else(|| panic!("no switch {name}"));
    let value = shown[start..].split([':', ',', '}']).nth(1).expect("a value").trim();
    match value {
        "true" => "yes".to_owned(),
        "false" => "no".to_owned(),
        other => other.to_owned(),
    }
}

#[test]
fn the_table_of_switches_is_that_of_the_profiles() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verifier-rules.md");
    let page = std::fs::read_to_string(path).expect("the page of rules");
    let mut rows = page.lines().skip_while(|line| !line.starts_with("| switch |"));
    let head = cells(rows.next().expect("the table"));
    let named = |name: &str| Profile::ALL.iter().copied().find(|profile| profile.name() == name);
    let profiles: Vec<Profile> = head[1..].iter().map(|name| named(name).expect("a profile")).collect();
    assert_eq!(profiles, Profile::ALL);
    let mut count = 0;
    for row in rows.skip(1).map_while(|row| row.starts_with('|').then(|| cells(row))) {
        let name = row[0].trim_matches('`');
        for (profile, cell) in profiles.iter().zip(&row[1..]) {
            assert_eq!(*cell, on_the_page(profile.rules(), name), "{name} on {}", profile.name());
        }
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[test]
fn every_switch_of_the_domain_is_named() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verifier-rules.md");
    let page = std::fs::read_to_string(path).expect("the page of rules");
    let rules = page.split("## Which kernel has what").next().expect("the rules");
    // Each switch that the domain, the stack, speculation and the comparison of states ask.
    let asked = [
        include_str!("../src/scalar/alu.rs"),
        include_str!("../src/scalar/branch.rs"),
        include_str!("../src/scalar/value.rs"),
        include_str!("../src/check/speculation.rs"),
    ];
    for name in Rules::NAMES {
        let is_asked = asked.iter().any(|source| source.contains(&format!("rules.{name}")));
        assert!(!is_asked || rules.contains(&format!("`{name}`")), "{name} isn't on the page");
    }
}
