//! The catalogue: every case by its class.

use crate::case::{Case, Class};

macro_rules! classes {
    ($($path:literal $name:ident;)*) => {
        $(#[path = $path] mod $name;)*

        /// Every class, in the order of the catalogue.
        pub const CLASSES: &[&Class] = &[$(&$name::CLASS),*];
    };
}

classes! {
    "../catalogue/map-value-or-null.rs" map_value_or_null;
    "../catalogue/map-value-max.rs" map_value_max;
}

/// Every case with its class.
pub fn cases() -> impl Iterator<Item = (&'static Class, &'static Case)> {
    CLASSES.iter().flat_map(|class| class.cases.iter().map(move |case| (*class, case)))
}
