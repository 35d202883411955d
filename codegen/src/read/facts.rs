//! What is known of a kernel that objects are made for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use knockwright_asm::linux::release::Release;

use crate::btf::KernelTypes;

/// What is known of a kernel: as much of it as its loader finds there. What isn't known leaves the programs that need it
/// unsupported, by name.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct KernelFacts {
    /// Its types.
    pub types: Option<KernelTypes>,
    /// Its release, as programs ask for it: that of the stable series, whatever a distribution calls it.
    pub release: Option<Release>,
    /// Its configuration.
    pub config: Option<KernelConfig>,
    /// Its table of symbols.
    pub symbols: Option<KernelSymbols>,
}

impl From<KernelTypes> for KernelFacts {
    /// The types alone.
    fn from(types: KernelTypes) -> Self {
        Self { types: Some(types), ..Self::default() }
    }
}

/// The options of a kernel's configuration, `.config`. It's read when the first is asked for.
#[derive(Clone)]
pub struct KernelConfig {
    options: Lazily<BTreeMap<String, String>>,
}

/// Something that is read once, or can't be.
type Lazily<T> = Arc<LazyLock<Option<T>, Box<dyn FnOnce() -> Option<T> + Send>>>;

impl KernelConfig {
    /// The file that a function reads: lines `CONFIG_HZ=250`. What isn't set stands there as a comment, and isn't among the
    /// options.
    pub fn of(read: impl FnOnce() -> Option<String> + Send + 'static) -> Self {
        Self { options: Arc::new(LazyLock::new(Box::new(|| read().map(|text| options(&text))))) }
    }

    /// The options that are set, with their values as they are written, `y` or `"text"`; `None` if there is no such file.
    pub(super) fn options(&self) -> Option<&BTreeMap<String, String>> {
        LazyLock::force(&self.options).as_ref()
    }
}

impl fmt::Debug for KernelConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KernelConfig").finish_non_exhaustive()
    }
}

fn options(text: &str) -> BTreeMap<String, String> {
    let mut options = BTreeMap::new();
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        if name.starts_with("CONFIG_") {
            // Of several loaders take the first.
            options.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
    }
    options
}

/// The addresses of a kernel's functions and variables, `/proc/kallsyms`. It's read when the first is asked for.
#[derive(Clone)]
pub struct KernelSymbols {
    table: Lazily<String>,
}

/// What a table of symbols says of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    At(u64),
    /// There are several at different addresses.
    Ambiguous,
    Absent,
}

impl KernelSymbols {
    /// The table that a function reads: lines `ffffffff81000000 T _stext`, the address in hexadecimal.
    pub fn of(read: impl FnOnce() -> Option<String> + Send + 'static) -> Self {
        Self { table: Arc::new(LazyLock::new(Box::new(read))) }
    }

    /// The address of a name; `None` if there is no table.
    pub(super) fn find(&self, name: &str) -> Option<Symbol> {
        let table = LazyLock::force(&self.table).as_deref()?;
        let address = |line: &str| {
            // A scan of the line's end first: almost all are others.
            line.contains(name).then_some(())?;
            let mut parts = line.split_ascii_whitespace();
            let (address, kind, symbol) = (parts.next()?, parts.next()?, parts.next()?);
            // What link-time optimisation has made of a variable's name.
            let symbol = match symbol.split_once(".llvm.") {
                Some((before, _)) if kind == "d" => before,
                _ => symbol,
            };
            u64::from_str_radix(address, 16).ok().filter(|_| symbol == name)
        };
        let mut addresses = table.lines().filter_map(address);
        Some(match addresses.next() {
            None => Symbol::Absent,
            Some(first) if addresses.all(|other| other == first) => Symbol::At(first),
            Some(_) => Symbol::Ambiguous,
        })
    }
}

impl fmt::Debug for KernelSymbols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KernelSymbols").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read_as_it_is_written() {
        let text =
            "# Linux\nCONFIG_HZ=250\n# CONFIG_NUMA is not set\nCONFIG_HZ=100\nCONFIG_NAME=\"a=b\"\n\nX=y\n";
        let config = KernelConfig::of(|| Some(text.to_owned()));
        let get = |name| config.options().unwrap().get(name).map(String::as_str);
        assert_eq!(get("CONFIG_HZ"), Some("250"));
        assert_eq!(get("CONFIG_NAME"), Some("\"a=b\""));
        assert_eq!((get("CONFIG_NUMA"), get("X")), (None, None));
        assert_eq!(KernelConfig::of(|| None).options(), None);
    }

    #[test]
    fn symbols_are_whole_names() {
        let table = "ffffffff81000000 T schedule\nffffffff81000010 t schedule_work\nffffffff82000000 d state.llvm.123\n\
                     ffffffff81000020 t twice\nffffffff81000030 t twice\nffffffff81000040 t same\nffffffff81000040 T same\n\
                     ffffffffc0000000 t in_module\t[module]\nffffffff82000001 b other.llvm.1\n";
        let symbols = KernelSymbols::of(|| Some(table.to_owned()));
        let find = |name| symbols.find(name).unwrap();
        assert_eq!(find("schedule"), Symbol::At(0xffff_ffff_8100_0000));
        assert_eq!(find("state"), Symbol::At(0xffff_ffff_8200_0000));
        assert_eq!(find("same"), Symbol::At(0xffff_ffff_8100_0040));
        assert_eq!(find("in_module"), Symbol::At(0xffff_ffff_c000_0000));
        assert_eq!(find("twice"), Symbol::Ambiguous);
        assert_eq!((find("other"), find("nothing")), (Symbol::Absent, Symbol::Absent));
        assert_eq!(KernelSymbols::of(|| None).find("schedule"), None);
    }
}
