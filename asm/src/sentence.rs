//! Errors whose `Debug` is their sentence: it's what `unwrap` shows.

/// Gives errors a `Debug` that writes what `Display` does.
macro_rules! debug_as_display {
    ($($error:ty),* $(,)?) => {$(
        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    )*};
}

pub(crate) use debug_as_display;
