//! The verifier's messages: one table of Linux 5.10 to 7.3 that prints and parses.
//!
//! A message is one row of `rows/`, and a row is all there is of it: its name, what it says, the class of rejections that it
//! belongs to, its fields, and its text on each kernel. A check refuses a program with a [`Message`], whose fields are typed;
//! [`Message::on`] prints it as a kernel does; [`Read::of`] recognises it again in a log.
//!
//! ```
//! use knockwright_linux::KernelVersion;
//! use knockwright_verifier::message::{Kind, Message, Read};
//!
//! let message = Message::AtomicTarget { reg: 2, held: "pkt".into() };
//! let text = message.on(KernelVersion::new(6, 12)).to_string();
//! assert_eq!(text, "BPF_ATOMIC stores into R2 pkt is not allowed");
//! assert_eq!(message.on(KernelVersion::new(5, 10)).to_string(), "BPF_XADD stores into R2 pkt is not allowed");
//!
//! let read = Read::of(&text).unwrap();
//! assert_eq!((read.kind, read.fields.number("reg"), read.fields.text("held")), (Kind::AtomicTarget, Some(2), Some("pkt")));
//! assert_eq!(read.kind.class().unwrap().slug(), "atomic-target");
//! ```

mod class_id;
mod field;
mod pattern;
mod row;
mod template;

use std::fmt;

use knockwright_asm::{KernelVersion, Reg};

pub use class_id::ClassId;
pub use field::{Bits, Hex, Number, Opcode, Prefixed};
use row::{About, Field, Hole, Row, Text};
pub use template::{Fields, number};

/// Hands the rows of one theme after another on to `table!`.
macro_rules! gather {
    ([$theme:ident $($more:ident)*] { $($rows:tt)* } { $($new:tt)* }) => {
        $theme! { [$($more)*] { $($rows)* $($new)* } }
    };
    ([] { $($rows:tt)* } { $($new:tt)* }) => { table! { $($rows)* $($new)* } };
}

/// The type of a field, by the way it's printed.
macro_rules! field_type {
    (register) => { u8 };
    (number) => { Number };
    (text) => { std::borrow::Cow<'static, str> };
    (bits) => { Bits };
    (opcode) => { Opcode };
    (hex) => { Hex };
    (prefixed) => { Prefixed };
    (helper) => { knockwright_asm::HelperId };
}

/// How a field is found in a text.
macro_rules! hole {
    (register) => {
        Hole::Register
    };
    (number) => {
        Hole::Number
    };
    ($other:ident) => {
        Hole::Text
    };
}

/// What a row says of the program.
macro_rules! about {
    (note) => {
        About::Note
    };
    ($slug:literal) => {
        About::Class(ClassId::new($slug))
    };
}

/// Makes the table from its rows:
///
/// ```text
/// /// What it says.
/// Name("class") { field: register, other: number } [
///     ..=6.1 => "text up to 6.1 with {field}",
///     6.8.. => "text since 6.8 with {field} and {other}",
///     read => "text of which no kernel is recorded, with {whatever}"
/// ]
/// ```
///
/// The class is that of rejections with this message, as far as the text alone tells: every refusal has one. `(note)` stands for it
/// if the message isn't the reason of a rejection. `{unended}` at the end of a text says that the kernel prints no newline.
macro_rules! table {
    ($(
        $(#[$doc:meta])* $name:ident($about:tt) { $($field:ident: $kind:ident),* }
        [ $($kernels:expr => $text:literal),* ]
    )*) => {
        /// What a message of the verifier says, whatever the kernel's words for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }

        /// A message of the verifier with the values in it.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        #[allow(missing_docs)] // the texts in the table say what the fields are
        pub enum Message {
            $($(#[$doc])* $name { $($field: field_type!($kind)),* },)*
        }

        impl Message {
            /// Which message it is.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$name { .. } => Kind::$name,)* }
            }

            fn fill(&self, f: &mut fmt::Formatter<'_>, template: &str) -> fmt::Result {
                match self {
                    $(Self::$name { $($field),* } => {
                        template::fill(f, template, &[$((stringify!($field), $field as &dyn fmt::Display)),*])
                    })*
                }
            }

            /// One of each, with some values.
            #[cfg(test)]
            fn samples() -> Vec<Self> {
                vec![$(Self::$name { $($field: <field_type!($kind) as field::Sample>::sample()),* }),*]
            }
        }

        static ROWS: &[Row] = &[$(
            Row {
                kind: Kind::$name,
                about: about!($about),
                fields: &[$(Field { name: stringify!($field), hole: hole!($kind) }),*],
                texts: &[$(Text { releases: row::releases(stringify!($kernels)), template: $text }),*],
            },
        )*];
    };
}

#[macro_use]
mod rows;

gather! {
    [registers memory stack pointers helpers references functions code types limits objects sections arguments attach kernel btf]
    {} {}
}

impl Kind {
    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The class of rejections with this message, as far as the message alone tells; none if it's no reason of one.
    pub fn class(self) -> Option<ClassId> {
        match self.row().about {
            About::Class(class) => Some(class),
            About::Note => None,
        }
    }
}

impl Message {
    /// The message as a kernel prints it; nothing if that kernel doesn't say it.
    pub const fn on(&self, kernel: KernelVersion) -> OnKernel<'_> {
        OnKernel { message: self, kernel }
    }
}

/// A message in the words of a kernel.
#[derive(Debug, Clone, Copy)]
pub struct OnKernel<'a> {
    message: &'a Message,
    kernel: KernelVersion,
}

impl OnKernel<'_> {
    /// What the message ends with: nothing where the kernel forgets the newline, or doesn't say the message.
    pub(crate) fn end(&self) -> &'static str {
        match self.message.kind().row().text_on(self.kernel) {
            Some(text) if !text.template.ends_with(template::UNENDED) => "\n",
            _ => "",
        }
    }
}

impl fmt::Display for OnKernel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message.kind().row().text_on(self.kernel) {
            Some(text) => self.message.fill(f, text.template),
            None => Ok(()),
        }
    }
}

/// A message that was recognised in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Read<'a> {
    /// Which message it is.
    pub kind: Kind,
    /// The values in it.
    pub fields: Fields<'a>,
    /// Whether its text begins with words of its own, so that it's recognised among other text too.
    pub is_telling: bool,
}

impl<'a> Read<'a> {
    /// Recognises the reason of a rejection; none if no kernel known here gives it.
    ///
    /// Of several rows that fit, the most special one counts: the one of which most stands in the text as it is.
    pub fn of(text: &'a str) -> Option<Self> {
        pattern::find(text, |row| row.about != About::Note)
    }

    /// Recognises any message: the reason of a rejection, or what is said on the way.
    pub fn of_any(text: &'a str) -> Option<Self> {
        pattern::find(text, |_| true)
    }

    /// The register that the message names.
    pub fn register(&self) -> Option<Reg> {
        // Arguments are counted from 0, and the first is in r1.
        let argument = || self.fields.number("argument").and_then(|number| number.checked_add(1));
        let number = self.fields.number("reg").or_else(argument)?;
        Reg::from_number(u8::try_from(number).ok()?)
    }
}

#[cfg(test)]
mod tests;
