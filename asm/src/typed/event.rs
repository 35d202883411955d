//! Events that the kernel records: their fields by name, where the format of the event has them.

use std::marker::PhantomData;

use super::context::{Context, ContextStruct};
use super::elsewhere::KernelAddress;
use super::flow::FlowError;
use super::kind::{Action, Kind, ProbeAction, Returns, sealed};
use super::memory::{Field, Loadable};
use super::named::{NamedMember, NamedType, Shape, TraceEvent};
use super::register::Register;
use super::scalar::{Operand, Operands};
use super::{At, Typed, here};
use crate::insn::{AluOp, Insn, Source};
use crate::reg::{Reg, Size, Width};
use knockwright_linux::context::{Context as Layout, arguments};
use knockwright_linux::{AttachType, ProgType};

/// A trace point with the record of its event `E`: one of [`trace_event!`](crate::trace_event), or a struct of the writer's own.
#[derive(Debug)]
pub struct Tracepoint<E>(PhantomData<fn() -> E>);

/// What a tracepoint's program finds in its context: the record of an event.
#[derive(Debug)]
pub struct EventRecord<E>(PhantomData<fn() -> E>);

impl<E: 'static> ContextStruct for EventRecord<E> {
    const LAYOUT: &'static Layout = &arguments::RECORD_OF_AN_EVENT;
}

impl<E> sealed::Sealed for Tracepoint<E> {}

impl<E: TraceEvent> Kind for Tracepoint<E> {
    const PROG_TYPE: ProgType = ProgType::Tracepoint;
    const ATTACH: Option<AttachType> = None;
    const SECTION: &'static str = "tracepoint";
    const TARGET: Option<&'static str> = Some(E::EVENT);
    type Context = EventRecord<E>;
    type Action = ProbeAction;
}

impl<E: TraceEvent> Returns<Tracepoint<E>> for ProbeAction {
    fn operand(&self) -> Operands {
        Operand::operand(&Action::number(*self))
    }
}

/// A field of an event's record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventField {
    /// Its name.
    pub name: String,
    /// Its declaration in C.
    pub declaration: String,
    /// Where it starts, in bytes.
    pub offset: u32,
    /// Its size in bytes.
    pub size: u32,
    /// Whether negative values exist.
    pub signed: bool,
}

/// The format of an event: what the file `events/GROUP/EVENT/format` of tracefs says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventFormat {
    /// The event's name, without its group.
    pub name: String,
    /// Its fields, those that every event has first.
    pub fields: Vec<EventField>,
}

/// What is wrong with an event's format, or with what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The text isn't that of a `format` file.
    #[error("this is no format of an event: the line `name: …` is missing")]
    NoName,
    /// A line of a field lacks something.
    #[error("line {line}: `{text}` is no field: it has a name, an offset, a size and a sign")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// Its text.
        text: String,
    },
    /// It's the format of another event.
    #[error("the format is that of `{found}`, and the program is for `{wanted}`")]
    AnotherEvent {
        /// The program's.
        wanted: &'static str,
        /// The format's.
        found: String,
    },
    /// The event has no field of the name.
    #[error("the event `{event}` has no field `{field}`; it has {known}")]
    NoField {
        /// The event.
        event: String,
        /// The name.
        field: String,
        /// The names that there are.
        known: String,
    },
    /// The field has another size.
    #[error(
        "the field `{field}` of `{event}` has {found} bytes (`{declaration}`), and {wanted} were declared"
    )]
    Size {
        /// The event.
        event: String,
        /// The name.
        field: String,
        /// Its declaration in C.
        declaration: String,
        /// Its size in bytes.
        found: u32,
        /// The size that the program declares.
        wanted: u32,
    },
    /// The field isn't one that programs read.
    #[error(
        "the field `{field}` of `{event}` can't be read by programs: they read from byte 8 to byte 32767"
    )]
    NotReadable {
        /// The event.
        event: String,
        /// The name.
        field: String,
    },
}

impl EventFormat {
    /// Reads a `format` file.
    ///
    /// ```
    /// use knockwright_asm::typed::EventFormat;
    ///
    /// let format = EventFormat::parse(
    ///     "name: sys_enter\nID: 1\nformat:\n\
    ///      \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\
    ///      \tfield:unsigned long args[6];\toffset:16;\tsize:48;\tsigned:0;\n",
    /// )?;
    /// assert_eq!((format.name.as_str(), format.fields[1].name.as_str()), ("sys_enter", "args"));
    /// # Ok::<(), knockwright_asm::typed::EventError>(())
    /// ```
    ///
    /// # Errors
    /// [`EventError::NoName`] and [`EventError::Line`]. What isn't a field is passed over.
    pub fn parse(text: &str) -> Result<Self, EventError> {
        let name = text.lines().find_map(|line| line.strip_prefix("name:")).ok_or(EventError::NoName)?;
        let mut fields = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let Some(declared) = line.trim_start().strip_prefix("field:") else { continue };
            let field = field(declared)
                .ok_or_else(|| EventError::Line { line: index + 1, text: line.trim().to_owned() })?;
            fields.push(field);
        }
        Ok(Self { name: name.trim().to_owned(), fields })
    }

    /// Where a member of the program's event is.
    ///
    /// # Errors
    /// [`EventError`], if it isn't there as it was declared.
    pub fn field<E: TraceEvent, F: NamedType>(
        &self,
        member: NamedMember<E, F>,
    ) -> Result<Field<E, F>, EventError> {
        if E::EVENT.rsplit('/').next() != Some(self.name.as_str()) {
            return Err(EventError::AnotherEvent { wanted: E::EVENT, found: self.name.clone() });
        }
        let (event, name) = (self.name.clone(), member.name());
        let Some(found) = self.fields.iter().find(|field| field.name == name) else {
            let known: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
            return Err(EventError::NoField { event, field: name, known: known.join(", ") });
        };
        let wanted = match member.shape() {
            Shape::Bytes(bytes) => bytes,
            Shape::Pointer(_) => 8,
        };
        if found.size != wanted {
            let (declaration, found) = (found.declaration.clone(), found.size);
            return Err(EventError::Size { event, field: name, declaration, found, wanted });
        }
        let readable = found.offset >= FIRST;
        readable
            .then(|| member.at(found.offset))
            .flatten()
            .ok_or(EventError::NotReadable { event, field: name })
    }
}

/// The first byte of a record that programs read.
const FIRST: u32 = arguments::RECORD.offset;

/// A field, from what follows `field:` in its line.
fn field(declared: &str) -> Option<EventField> {
    let mut parts = declared.split(';').map(str::trim);
    let declaration = parts.next()?.to_owned();
    let mut number =
        |name: &str| parts.next()?.strip_prefix(name)?.strip_prefix(':')?.trim().parse::<u32>().ok();
    let (offset, size, signed) = (number("offset")?, number("size")?, number("signed")? != 0);
    let before_array = declaration.find('[').filter(|at| !declaration[*at..].starts_with("[]"));
    let named = before_array.map_or(declaration.as_str(), |at| &declaration[..at]);
    let name = named
        .rsplit(|other: char| !(other.is_ascii_alphanumeric() || other == '_'))
        .find(|name| !name.is_empty())?;
    Some(EventField { name: name.to_owned(), declaration, offset, size, signed })
}

/// # The record of an event
impl<E: TraceEvent> Typed<Tracepoint<E>> {
    /// `dst = *(size *)(context + field)`: a field of the record.
    ///
    /// The field comes from [`EventFormat::field`], or from [`field!`](crate::field) of a `repr(C)` struct that is the whole record
    /// with the 8 bytes in front that every event has. Those can't be read: that is an error of the program.
    ///
    /// ```
    /// use knockwright_asm::member;
    /// use knockwright_asm::typed::{EventFormat, ProbeAction, R2, Tracepoint, Typed};
    ///
    /// knockwright_asm::trace_event! { /// A system call begins.
    ///     pub struct SysEnter as "raw_syscalls/sys_enter" { /// Its number.
    ///         pub id: u64, }
    /// }
    /// let format = EventFormat::parse("name: sys_enter\n\tfield:long id;\toffset:8;\tsize:8;\tsigned:1;\n")?;
    /// let (p, context) = Typed::<Tracepoint<SysEnter>>::new("calls");
    /// let id = p.recorded(R2, &context, format.field(member!(SysEnter, id))?); // r2 = *(u64 *)(r1 +8)
    /// # let _ = id;
    /// p.exit(ProbeAction::Done);
    /// # p.finish()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn recorded<R: Register, F: Loadable>(
        &self,
        _: R,
        context: &Context<Tracepoint<E>>,
        field: Field<E, F>,
    ) -> F::Number<R::Held<'_>> {
        let at = here();
        self.load_recorded(R::REG, context, field.offset(), F::SIZE, at);
        F::number(self.loaded(R::REG, at))
    }

    /// `dst = *(u32 *)(context + field); dst &= 0xffff; dst += context`: where the bytes of a `__data_loc` field are, which
    /// [`Typed::probe_read_str`] copies. That the field is one isn't checked: the event's format calls it so.
    #[track_caller]
    pub fn recorded_bytes<R: Register>(
        &self,
        _: R,
        context: &Context<Tracepoint<E>>,
        field: Field<E, u32>,
    ) -> KernelAddress<R::Held<'_>, u8> {
        let at = here();
        assert!(R::REG != context.used().reg(), "the address needs a register besides the context's");
        self.load_recorded(R::REG, context, field.offset(), Size::U32, at);
        let alu = |op, src| self.emit(Insn::Alu { width: Width::W64, op, dst: R::REG, src }, at);
        // The upper half is the length.
        alu(AluOp::And, Source::Imm(0xffff));
        alu(AluOp::Add, Source::Reg(context.used().reg()));
        KernelAddress::at(self.written(R::REG, at))
    }

    fn load_recorded(&self, dst: Reg, context: &Context<Tracepoint<E>>, offset: u32, size: Size, at: At) {
        self.check(context.used(), at);
        if offset < FIRST {
            self.flow.borrow_mut().errors.push(FlowError::NotRecorded { at: at.into(), offset });
        }
        let base = context.used().reg();
        // A field's offset fits by its construction.
        self.emit(Insn::Load { size, dst, base, off: offset as i16 }, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::trace_event! {
        /// Another task runs.
        struct SchedSwitch as "sched/sched_switch" {
            /// Its name.
            prev_comm: [u8; 16],
            /// Its number.
            prev_pid: u32,
            /// In another size.
            prev_state: u32,
            /// What isn't there.
            missing: u32,
            /// What every event has.
            common_pid: u32,
        }
    }

    const SCHED_SWITCH: &str = "name: sched_switch
ID: 372
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;
\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;
\tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;
\tfield:__data_loc char[] name;\toffset:40;\tsize:4;\tsigned:0;
\tfield:const char * filename;\toffset:48;\tsize:8;\tsigned:0;

print fmt: \"prev_comm=%s\", REC->prev_comm
";

    #[test]
    fn fields_have_names_offsets_and_sizes() {
        let format = EventFormat::parse(SCHED_SWITCH).expect("a format");
        let fields: Vec<(&str, u32, u32, bool)> = format
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.offset, field.size, field.signed))
            .collect();
        assert_eq!(fields[0], ("common_type", 0, 2, false));
        assert_eq!(
            fields[2..],
            [
                ("prev_comm", 8, 16, false),
                ("prev_pid", 24, 4, true),
                ("prev_state", 32, 8, true),
                ("name", 40, 4, false),
                ("filename", 48, 8, false),
            ]
        );
        let offset = |field: Result<u32, EventError>| field.expect("a field");
        assert_eq!(offset(format.field(crate::member!(SchedSwitch, prev_pid)).map(Field::offset)), 24);
        assert_eq!(offset(format.field(crate::member!(SchedSwitch, prev_comm[3])).map(Field::offset)), 11);
    }

    #[test]
    fn what_is_not_there_as_declared_is_an_error() {
        let format = EventFormat::parse(SCHED_SWITCH).expect("a format");
        let words = |error: Option<EventError>| error.expect("an error").to_string();
        assert_eq!(
            words(format.field(crate::member!(SchedSwitch, prev_state)).err()),
            "the field `prev_state` of `sched_switch` has 8 bytes (`long prev_state`), and 4 were declared"
        );
        assert!(
            words(format.field(crate::member!(SchedSwitch, missing)).err())
                .contains("has no field `missing`")
        );
        assert!(words(format.field(crate::member!(SchedSwitch, common_pid)).err()).contains("can't be read"));
        let other = EventFormat::parse("name: sched_wakeup\n").expect("a format");
        assert!(matches!(
            other.field(crate::member!(SchedSwitch, prev_pid)),
            Err(EventError::AnotherEvent { wanted: "sched/sched_switch", .. })
        ));
    }

    #[test]
    fn text_that_is_no_format_is_an_error() {
        assert_eq!(EventFormat::parse(""), Err(EventError::NoName));
        for line in [
            "field:int a;",
            "field:int a; offset:x; size:4; signed:0;",
            "field:; offset:0; size:4; signed:0;",
        ] {
            let text = format!("name: e\n{line}\n");
            assert!(matches!(EventFormat::parse(&text), Err(EventError::Line { line: 2, .. })), "{line}");
        }
    }
}
