//! The catalogue: every case by its class. Each class is a file of `catalogue/`, named by its slug; the build finds it there.

mod vocabulary;

use crate::case::{Case, Class};

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// Every class, in the order of the catalogue.
pub const CLASSES: &[&Class] = &IN_ORDER;

/// The classes by their places.
const IN_ORDER: [&Class; LISTED.len()] = {
    let mut classes = LISTED;
    let mut end = 1;
    while end < classes.len() {
        let mut at = end;
        while at > 0 && classes[at].place < classes[at - 1].place {
            (classes[at], classes[at - 1]) = (classes[at - 1], classes[at]);
            at -= 1;
        }
        end += 1;
    }
    classes
};

/// Every case with its class.
pub fn cases() -> impl Iterator<Item = (&'static Class, &'static Case)> {
    CLASSES.iter().flat_map(|class| class.cases.iter().map(move |case| (*class, case)))
}

/// The file of a class, by its slug: its cases as they are written.
pub fn source(slug: &str) -> Option<&'static str> {
    LISTED.iter().zip(SOURCES).find(|(class, _)| class.slug == slug).map(|(_, source)| source)
}

#[cfg(test)]
mod tests;
