//! The kernel's configuration as a program's constants, section `.kconfig`: where each value lies in the map that loaders make
//! of it, and what it is on a kernel.
//!
//! Written from the behaviour of libbpf 1.7 and its description of `__kconfig` in `bpf_helpers.h`.

use std::cmp::Reverse;

use knockwright_asm::linux::errno::{EINVAL, EOPNOTSUPP, ERANGE, ESRCH};
use knockwright_asm::linux::release::Release;
use knockwright_asm::{Endian, KernelVersion};

use super::facts::{KernelConfig, KernelFacts};
use crate::btf::{Btf, KernelTypes, Kind, TypeId};
use crate::elf_file::{ElfFile, STB_LOCAL, STB_WEAK, UNDEFINED};

/// The section, and the map that loaders make of it.
pub(super) const SECTION: &str = ".kconfig";

/// What a value is as a type of C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Bool,
    /// `enum libbpf_tristate`: 0 is no, 1 yes, 2 a module.
    ThreeValued,
    /// One byte: a number, or one of the letters `y`, `n` and `m`.
    Character {
        signed: bool,
    },
    Number {
        signed: bool,
    },
    Text,
}

/// One value that a program names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) name: String,
    /// The variable in the object's types.
    pub(super) var: TypeId,
    /// A kernel without it is none to be refused: then it's 0.
    weak: bool,
    /// The first byte in the map, and how many there are.
    pub(super) offset: u32,
    pub(super) size: u32,
    form: Result<Form, ConfigError>,
}

/// Why loaders refuse an object for a value of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// It isn't set, and isn't `__weak`.
    #[error("its configuration hasn't set it")]
    NotSet,
    /// It's neither an option nor one of the values that libbpf makes up.
    #[error(
        "libbpf makes up no such value: names are CONFIG_…, LINUX_KERNEL_VERSION, LINUX_HAS_BPF_COOKIE and LINUX_HAS_SYSCALL_WRAPPER"
    )]
    Unknown,
    /// No value has such a type.
    #[error(
        "a value of the configuration is a _Bool, an enum libbpf_tristate, an integer, or an array of char"
    )]
    Type,
    /// The kernel's value isn't one of the type.
    #[error("its value there, {value}, isn't one of the variable's type")]
    Value {
        /// As the configuration has it.
        value: String,
    },
    /// What libbpf makes up is too large for the type.
    #[error("its value there, {value}, is too large for the variable")]
    TooLarge {
        /// The number.
        value: u64,
    },
}

impl ConfigError {
    /// The error number that libbpf ends with.
    pub(super) fn errno(&self) -> i32 {
        match self {
            Self::NotSet => ESRCH,
            Self::Type => EOPNOTSUPP,
            Self::TooLarge { .. } => ERANGE,
            Self::Unknown | Self::Value { .. } => EINVAL,
        }
    }
}

/// What is known of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// Its bytes.
    Value(Vec<u8>),
    /// Nothing: that of the kernel isn't at hand.
    Nothing,
}

/// The values that an object names, in the order of their places in the map.
pub(super) fn settings(file: &ElfFile<'_>) -> Vec<Setting> {
    let Some(btf) = file.btf.as_deref() else { return Vec::new() };
    let of_section = btf.iter().flat_map(|(_, kind)| match kind {
        Kind::DataSec { name, vars, .. } if name == SECTION => vars.as_slice(),
        _ => &[],
    });
    let mut settings: Vec<(u32, Setting)> = of_section
        .filter_map(|slot| {
            let Kind::Var { name, ty, .. } = btf.get(slot.var)? else { return None };
            let is_it = |symbol: &&crate::elf_file::Symbol| {
                symbol.section == UNDEFINED && symbol.binding != STB_LOCAL && symbol.name == *name
            };
            let symbol = file.symbols.iter().find(is_it)?;
            let (size, form) = (btf.size(*ty).unwrap_or(0), form(btf, *ty));
            let align = match form {
                Ok(Form::Text) => 1,
                _ => size.clamp(1, 8),
            };
            let weak = symbol.binding == STB_WEAK;
            Some((align, Setting { name: name.clone(), var: slot.var, weak, offset: 0, size, form }))
        })
        .collect();
    settings.sort_by(|(align, one), (other_align, other)| {
        let key = |align: u32, size: u32| (Reverse(align), size);
        key(*align, one.size).cmp(&key(*other_align, other.size)).then_with(|| one.name.cmp(&other.name))
    });
    let mut end = 0_u32;
    let place = |(align, mut setting): (u32, Setting)| {
        setting.offset = end.checked_next_multiple_of(align).unwrap_or(u32::MAX);
        end = setting.offset.saturating_add(setting.size);
        setting
    };
    settings.into_iter().map(place).collect()
}

/// The size of the map in bytes.
pub(super) fn size(settings: &[Setting]) -> u32 {
    settings.last().map_or(0, |last| last.offset.saturating_add(last.size))
}

/// What a type of C makes of a value.
fn form(btf: &Btf, ty: TypeId) -> Result<Form, ConfigError> {
    match btf.get(btf.resolve(ty)) {
        Some(Kind::Int { size, encoding, .. }) => match size {
            1 if encoding.bool => Ok(Form::Bool),
            _ if encoding.bool => Err(ConfigError::Type),
            1 => Ok(Form::Character { signed: encoding.signed }),
            2 | 4 | 8 => Ok(Form::Number { signed: encoding.signed }),
            _ => Err(ConfigError::Type),
        },
        Some(Kind::Enum { name, size: 4, .. } | Kind::Enum64 { name, .. }) if name == "libbpf_tristate" => {
            Ok(Form::ThreeValued)
        }
        Some(Kind::Array { element, len, .. }) if *len > 0 => match form(btf, *element) {
            Ok(Form::Character { .. }) => Ok(Form::Text),
            _ => Err(ConfigError::Type),
        },
        _ => Err(ConfigError::Type),
    }
}

impl Setting {
    /// Its bytes on a kernel, in the object's byte order.
    ///
    /// # Errors
    /// If loaders refuse the object for it.
    pub(super) fn on(&self, kernel: &KernelFacts, endian: Endian) -> Result<Known, ConfigError> {
        let form = self.form.clone()?;
        let number = match (self.name.strip_prefix("LINUX_"), self.name.starts_with("CONFIG_")) {
            (_, true) => {
                let Some(options) = kernel.config.as_ref().and_then(KernelConfig::options) else {
                    return Ok(Known::Nothing);
                };
                return match (options.get(&self.name), self.weak) {
                    (Some(value), _) => self.of_text(form, value, endian).map(Known::Value),
                    (None, true) => Ok(Known::Value(vec![0; self.size as usize])),
                    (None, false) => Err(ConfigError::NotSet),
                };
            }
            (Some("KERNEL_VERSION"), _) => kernel.release.map(version_code),
            (Some("HAS_BPF_COOKIE"), _) => kernel.release.map(has_cookie).map(u64::from),
            (Some("HAS_SYSCALL_WRAPPER"), _) => {
                let by_config = kernel.config.as_ref().and_then(has_wrapper);
                by_config.or_else(|| has_wrapper_by_types(kernel.types.as_ref()?)).map(u64::from)
            }
            (Some(_), _) if self.weak => Some(0),
            _ => return Err(ConfigError::Unknown),
        };
        let Some(number) = number else { return Ok(Known::Nothing) };
        let wrong = || ConfigError::Value { value: number.to_string() };
        match form {
            Form::ThreeValued | Form::Text => Err(wrong()),
            Form::Bool if number > 1 => Err(wrong()),
            form => {
                let bytes = self.of_number(form, number, endian);
                bytes.map(Known::Value).ok_or(ConfigError::TooLarge { value: number })
            }
        }
    }

    /// The bytes of what a configuration says.
    fn of_text(&self, form: Form, value: &str, endian: Endian) -> Result<Vec<u8>, ConfigError> {
        let bytes = match (value.as_bytes(), form) {
            ([b'y', ..], Form::Bool) => Some(vec![1]),
            ([b'n', ..], Form::Bool) => Some(vec![0]),
            ([letter @ (b'y' | b'n' | b'm'), ..], Form::ThreeValued) => {
                let number = match letter {
                    b'y' => 1,
                    b'm' => 2,
                    _ => 0,
                };
                self.of_number(form, number, endian)
            }
            ([letter @ (b'y' | b'n' | b'm'), ..], Form::Character { .. }) => Some(vec![*letter]),
            ([b'"', text @ .., b'"'], Form::Text) => {
                // The end of the text is a 0: what is too long is cut.
                let length = text.len().min(self.size as usize - 1);
                let mut bytes = text[..length].to_vec();
                bytes.resize(self.size as usize, 0);
                Some(bytes)
            }
            ([b'y' | b'n' | b'm' | b'"', ..], _) => None,
            (_, Form::Character { .. } | Form::Number { .. }) => {
                number(value).and_then(|number| self.of_number(form, number, endian))
            }
            _ => None,
        };
        bytes.ok_or_else(|| ConfigError::Value { value: value.to_owned() })
    }

    /// The bytes of a number, if the type has it.
    fn of_number(&self, form: Form, number: u64, endian: Endian) -> Option<Vec<u8>> {
        let signed = matches!(form, Form::Character { signed: true } | Form::Number { signed: true });
        let bits = self.size * 8;
        let fits = match signed {
            _ if bits >= 64 => true,
            true => number.wrapping_add(1 << (bits - 1)) >> bits == 0,
            false => number >> bits == 0,
        };
        let mut bytes = number.to_le_bytes().get(..self.size as usize)?.to_vec();
        if endian == Endian::Big {
            bytes.reverse();
        }
        fits.then_some(bytes)
    }
}

/// A number as C writes it: decimal, `0x` and hexadecimal, `0` and octal, with or without a sign.
fn number(text: &str) -> Option<u64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8),
        None => (digits, 10),
    };
    let number = u64::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))?;
    Some(if negative { number.wrapping_neg() } else { number })
}

/// A release as `KERNEL_VERSION` of `linux/version.h` makes it a number, whose last part is 255 at most.
fn version_code(release: Release) -> u64 {
    let KernelVersion { major, minor } = release.series;
    u64::from(major) << 16 | u64::from(minor) << 8 | u64::from(release.patch.min(255))
}

/// Whether links give programs a number of the user's: `bpf_get_attach_cookie` is there.
fn has_cookie(release: Release) -> bool {
    release.series >= KernelVersion::new(5, 15)
}

/// Whether a probe of `__x64_sys_bpf` can be made, which is what libbpf tries.
fn has_wrapper(config: &KernelConfig) -> Option<bool> {
    let options = config.options()?;
    let is_set = |option: &&str| options.get(*option).is_some_and(|value| value == "y");
    Some(["CONFIG_ARCH_HAS_SYSCALL_WRAPPER", "CONFIG_KPROBE_EVENTS"].iter().all(is_set))
}

/// The same by the kernel's types, which have the function and what a probe is only where both are there. Where they haven't, it
/// can't be told.
fn has_wrapper_by_types(types: &KernelTypes) -> Option<bool> {
    types.function("__x64_sys_bpf")?;
    types.structure("trace_kprobe").map(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(name: &str, form: Form, size: u32) -> Setting {
        Setting { name: name.to_owned(), var: TypeId(1), weak: false, offset: 0, size, form: Ok(form) }
    }

    fn facts() -> KernelFacts {
        let config = "CONFIG_Y=y\nCONFIG_M=m\nCONFIG_N=n\nCONFIG_HZ=250\nCONFIG_HEX=0xff\nCONFIG_MINUS=-2\nCONFIG_BIG=256\n\
                      CONFIG_TEXT=\"(none)\"\nCONFIG_OPEN=\"open\nCONFIG_ODD=12x\n\
                      CONFIG_ARCH_HAS_SYSCALL_WRAPPER=y\nCONFIG_KPROBE_EVENTS=y\n";
        KernelFacts {
            release: Some(Release::new("6.12.300")),
            config: Some(KernelConfig::of(|| Some(config.to_owned()))),
            ..KernelFacts::default()
        }
    }

    fn value(name: &str, form: Form, size: u32) -> Result<Vec<u8>, ConfigError> {
        match setting(name, form, size).on(&facts(), Endian::Little)? {
            Known::Value(bytes) => Ok(bytes),
            Known::Nothing => panic!("{name} is known"),
        }
    }

    const CHARACTER: Form = Form::Character { signed: true };
    const NUMBER: Form = Form::Number { signed: false };
    const SIGNED: Form = Form::Number { signed: true };

    #[test]
    fn each_form_takes_its_values() {
        assert_eq!(value("CONFIG_Y", Form::Bool, 1), Ok(vec![1]));
        assert_eq!(value("CONFIG_N", Form::Bool, 1), Ok(vec![0]));
        assert_eq!(value("CONFIG_M", Form::ThreeValued, 4), Ok(vec![2, 0, 0, 0]));
        assert_eq!(value("CONFIG_M", CHARACTER, 1), Ok(vec![b'm']));
        assert_eq!(value("CONFIG_HZ", NUMBER, 4), Ok(vec![250, 0, 0, 0]));
        assert_eq!(value("CONFIG_HEX", NUMBER, 2), Ok(vec![255, 0]));
        assert_eq!(value("CONFIG_MINUS", SIGNED, 2), Ok(vec![254, 255]));
        assert_eq!(value("CONFIG_MINUS", NUMBER, 8), Ok((-2_i64).to_le_bytes().to_vec()));
        assert_eq!(value("CONFIG_TEXT", Form::Text, 8), Ok(b"(none)\0\0".to_vec()));
        assert_eq!(value("CONFIG_TEXT", Form::Text, 4), Ok(b"(no\0".to_vec()));
        assert_eq!(value("LINUX_KERNEL_VERSION", NUMBER, 4), Ok(vec![255, 12, 6, 0]));
        assert_eq!(value("LINUX_HAS_BPF_COOKIE", Form::Bool, 1), Ok(vec![1]));
        assert_eq!(value("LINUX_HAS_SYSCALL_WRAPPER", Form::Bool, 1), Ok(vec![1]));
    }

    #[test]
    fn other_values_refuse_the_object() {
        let wrong = |name, form, size| matches!(value(name, form, size), Err(ConfigError::Value { .. }));
        assert!(wrong("CONFIG_M", Form::Bool, 1));
        assert!(wrong("CONFIG_Y", NUMBER, 4) && wrong("CONFIG_Y", Form::Text, 4));
        assert!(wrong("CONFIG_HZ", Form::Bool, 1) && wrong("CONFIG_HZ", Form::ThreeValued, 4));
        assert!(
            wrong("CONFIG_HZ", CHARACTER, 1) && wrong("CONFIG_BIG", Form::Character { signed: false }, 1)
        );
        assert!(wrong("CONFIG_MINUS", NUMBER, 4) && wrong("CONFIG_OPEN", Form::Text, 8));
        assert!(wrong("CONFIG_TEXT", NUMBER, 4) && wrong("CONFIG_ODD", NUMBER, 4));
        assert!(wrong("LINUX_KERNEL_VERSION", Form::Bool, 1));
        let short = value("LINUX_KERNEL_VERSION", NUMBER, 2).unwrap_err();
        assert_eq!((&short, short.errno()), (&ConfigError::TooLarge { value: 0x0006_0cff }, ERANGE));
        assert_eq!(value("CONFIG_NOTHING", NUMBER, 4), Err(ConfigError::NotSet));
        assert_eq!(value("LINUX_SOMETHING", NUMBER, 4), Err(ConfigError::Unknown));
        assert_eq!(value("SOMETHING", NUMBER, 4), Err(ConfigError::Unknown));
    }

    #[test]
    fn what_is_weak_may_be_absent() {
        let weak = |name| Setting { weak: true, ..setting(name, NUMBER, 4) }.on(&facts(), Endian::Little);
        assert_eq!(weak("CONFIG_NOTHING"), Ok(Known::Value(vec![0; 4])));
        assert_eq!(weak("LINUX_SOMETHING"), Ok(Known::Value(vec![0; 4])));
        assert_eq!(weak("SOMETHING"), Err(ConfigError::Unknown));
        let nothing = setting("CONFIG_HZ", NUMBER, 4).on(&KernelFacts::default(), Endian::Little);
        assert_eq!(nothing, Ok(Known::Nothing));
    }

    #[test]
    fn numbers_are_written_as_in_c() {
        let read = ["0", "010", "0x1F", "-1", "18446744073709551615", "+7"].map(number);
        assert_eq!(read, [Some(0), Some(8), Some(31), Some(u64::MAX), Some(u64::MAX), Some(7)]);
        assert_eq!(["", "08", "1 ", "0x", "--1", "18446744073709551616"].map(number), [None; 6]);
    }
}
