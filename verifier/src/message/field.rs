//! The values in messages, by the way they are printed.

use std::fmt;

use crate::scalar::Tnum;

/// A number that the message has in decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(pub i128);

macro_rules! from {
    ($($type:ty)*) => {
        $(impl From<$type> for Number {
            fn from(value: $type) -> Self {
                Self(value as i128)
            }
        })*
    };
}

from! { u8 u16 u32 u64 usize i16 i32 i64 }

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Two hexadecimal digits or more, without prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opcode(pub u32);

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}", self.0)
    }
}

/// A hexadecimal number without prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hex(pub u64);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

/// A hexadecimal number with its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefixed(pub u64);

impl fmt::Display for Prefixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// A number of which some bits are known: `(0x0; 0xff)`, or the number itself if all are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits(pub Tnum);

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tnum { value, mask } = self.0;
        match () {
            () if !self.0.is_const() => write!(f, "({value:#x}; {mask:#x})"),
            // As state lines print numbers.
            () if value <= u64::from(u16::MAX) => write!(f, "{value}"),
            () => write!(f, "{value:#x}"),
        }
    }
}

/// A value to try a row with.
#[cfg(test)]
pub(super) trait Sample {
    fn sample() -> Self;
}

#[cfg(test)]
mod samples {
    use std::borrow::Cow;

    use super::{Bits, Hex, Number, Opcode, Prefixed, Sample};
    use crate::scalar::Tnum;

    macro_rules! samples {
        ($($type:ty: $value:expr;)*) => {
            $(impl Sample for $type {
                fn sample() -> Self {
                    $value
                }
            })*
        };
    }

    samples! {
        u8: 7;
        Number: Number(-12);
        Opcode: Opcode(0xe);
        Hex: Hex(0x60);
        Prefixed: Prefixed(0x100);
        Bits: Bits(Tnum { value: 0, mask: 0x1fe });
        Cow<'static, str>: "x".into();
        knockwright_asm::HelperId: knockwright_asm::Helper::MapLookupElem.into();
    }
}
