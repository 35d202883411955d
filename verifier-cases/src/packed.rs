//! The recordings that come with the library, so that an installed program has them where there is no checkout.

use crate::record::{RecordError, Recording};

macro_rules! packed {
    ($($kernel:literal),* $(,)?) => {
        &[$(($kernel, include_bytes!(concat!("../logs/", $kernel, ".jsonl.gz")))),*]
    };
}

/// Each kernel with its file.
static RECORDINGS: &[(&str, &[u8])] =
    packed!["5.10", "6.1", "6.12", "6.16", "6.17", "6.18", "6.19", "7.0", "7.1", "7.2", "7.3"];

/// The recording of a kernel as the library was built with it.
///
/// # Errors
/// [`RecordError::NotRecorded`] if there is none; [`RecordError::Damaged`] can't be, since the tests read all of them.
pub fn recording(kernel: &str) -> Result<Recording, RecordError> {
    let Some((_, file)) = RECORDINGS.iter().find(|(name, _)| *name == kernel) else {
        let known = RECORDINGS.iter().map(|(name, _)| (*name).to_owned()).collect();
        return Err(RecordError::NotRecorded { kernel: kernel.to_owned(), known });
    };
    Recording::read(*file)
        .map_err(|what| RecordError::Damaged { path: Recording::path("".as_ref(), kernel), what })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel_range::SERIES;

    #[test]
    fn every_kernel_of_the_catalogue_has_a_whole_recording() {
        let names: Vec<&str> = RECORDINGS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, SERIES.map(|series| series.to_string()));
        for name in names {
            assert_eq!(recording(name).unwrap().kernel, name);
        }
        let error = recording("6.11").unwrap_err().to_string();
        assert!(error.contains("6.11 isn't recorded") && error.contains("6.12"), "{error}");
    }
}
