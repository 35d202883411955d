//! The source lines that a log names, each once.

use std::collections::HashMap;
use std::hash::BuildHasher;

use super::trail::SourceText;

/// The source lines of a log: a path comes by some of them again and again, and a log may name many.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    lines: Vec<SourceText>,
    /// The last line with each hash. Two lines with one hash are rare, and kept more than once then.
    by_hash: HashMap<u64, u32>,
}

impl Sources {
    /// The index of a line, which is added if it isn't there.
    pub(super) fn index_of(&mut self, file: Option<String>, line: Option<u32>, text: &str) -> u32 {
        let hash = self.by_hash.hasher().hash_one((&file, line, text));
        let is_it = |known: &SourceText| known.text == text && known.line == line && known.file == file;
        if let Some(&index) = self.by_hash.get(&hash)
            && self.get(index).is_some_and(is_it)
        {
            return index;
        }
        let index = self.lines.len() as u32;
        self.lines.push(SourceText { file, line, text: text.to_owned() });
        self.by_hash.insert(hash, index);
        index
    }

    /// The line of an index.
    pub(crate) fn get(&self, index: u32) -> Option<&SourceText> {
        self.lines.get(index as usize)
    }
}
