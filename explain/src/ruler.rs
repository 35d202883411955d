//! The accessed object with the bytes that the access may touch.

use knockwright_asm::Program;
use knockwright_verifier::log::RegState;
use knockwright_verifier::message::Kind;

use crate::analysis::stack::{Written, touched, written};
use crate::analysis::stack_numbers::runs;
use crate::analysis::{Access, Fault, Object, context, derive, packet_numbers, refused_access};
use crate::diagnosis::{Field, Measured, Ruler};
use crate::fields;

/// What bytes of the stack are called that nobody wrote.
pub(crate) const NEVER: &str = "never written";

/// The bytes of a frame's stack.
const STACK: i64 = 512;

/// The object that is accessed.
pub(crate) fn ruler(fault: &Fault<'_>, program: Option<&Program>) -> Option<Ruler> {
    if let Some(window) = context::window(fault, program) {
        return of_context(&window);
    }
    if let Some(touched) = touched(fault) {
        return of_stack(fault, touched.frame, touched.first, touched.end, touched.end - touched.first);
    }
    let access = refused_access(fault, program)?;
    match access.object {
        // An instruction that is refused for something else accesses nothing.
        Object::Stack | Object::Packet if !is_of_access(fault) => None,
        Object::Stack => {
            let (low, high, bytes) = derive::window(fault, &access)?;
            let frame = match fault.state(access.base) {
                Some(RegState::Pointer(pointer)) => pointer.frame.unwrap_or(fault.frame),
                _ => fault.frame,
            };
            of_stack(fault, frame, low, high.checked_add(bytes)?, bytes)
        }
        Object::Packet => of_packet(fault),
        Object::MapValue { .. } | Object::Memory => of_object(fault, program, &access),
    }
}

/// Whether the message is about where an access leads.
fn is_of_access(fault: &Fault<'_>) -> bool {
    derive::is_offset(fault)
        || fault.detail(Kind::PacketAccess).is_some()
        || matches!(
            fault.kind(),
            Some(
                Kind::OutsidePacket
                    | Kind::PacketAlignment
                    | Kind::StackAlignment
                    | Kind::StackVariesAtomic
                    | Kind::VaryingByte
                    | Kind::HelperVaryingByte
            )
        )
}

fn of_object(fault: &Fault<'_>, program: Option<&Program>, access: &Access) -> Option<Ruler> {
    let size = i64::try_from(access.object_size?).ok().filter(|size| *size >= 0)?;
    let (name, fields): (String, Vec<Field>) = match &access.object {
        Object::MapValue { map } => {
            let name = map
                .as_ref()
                .map_or_else(|| "the map's value".to_owned(), |map| format!("the value of {map}"));
            let ty =
                program.and_then(|program| fields::value_type(program, map.as_deref(), access.object_size));
            (name, ty.as_ref().map(fields::fields).unwrap_or_default())
        }
        _ => ("the memory".to_owned(), Vec::new()),
    };
    let (low, high, bytes) = derive::window(fault, access)?;
    drawn(name, Measured::Object, (0, size), fields, (low, high.checked_add(bytes)?, bytes))
}

/// The stack with what is known to be written, and what isn't.
fn of_stack(fault: &Fault<'_>, frame: u32, first: i128, end: i128, bytes: i128) -> Option<Ruler> {
    let name = if frame == 0 { "the stack".to_owned() } else { format!("the stack of frame {frame}") };
    let mut ruler = drawn(name, Measured::Stack, (-STACK, STACK), Vec::new(), (first, end, bytes))?;
    let (from, to) = ruler.view();
    let known = written(fault, frame, from.into(), to.into());
    let of = |wanted: fn(Written) -> bool| -> Vec<i32> {
        known.iter().filter(|(_, how)| wanted(*how)).map(|(byte, _)| *byte).collect()
    };
    let parts = [
        ("written", of(|how| matches!(how, Written::By(_) | Written::Before))),
        (NEVER, of(|how| how == Written::Never)),
    ];
    for (name, bytes) in parts {
        ruler.fields.extend(runs(&bytes).into_iter().filter_map(|(first, last)| {
            let offset = u32::try_from(i64::from(first) + STACK).ok()?;
            let size = u32::try_from(last - first + 1).ok()?;
            Some(Field { name: name.to_owned(), offset, size, elements: None })
        }));
    }
    ruler.fields.sort_by_key(|field| field.offset);
    Some(ruler)
}

/// What comparisons prove of the packet, with the access.
fn of_packet(fault: &Fault<'_>) -> Option<Ruler> {
    let window = packet_numbers::window(fault)?;
    let name = if window.varies { "the packet behind the offset that varies" } else { "the packet" };
    let proven = i64::try_from(window.proven).ok()?;
    let ends = (window.offset, window.offset.checked_add(window.size)?, window.size);
    drawn(name.to_owned(), Measured::Packet, (0, proven), Vec::new(), ends)
}

fn of_context(window: &context::Window) -> Option<Ruler> {
    let fields = window.context.fields?.iter().map(|field| Field {
        name: field.name.to_owned(),
        offset: field.offset,
        size: field.size * field.elements.unwrap_or(1),
        elements: field.elements,
    });
    let name = format!("the context, struct {}", window.context.name);
    let ends = (window.offset, window.offset.checked_add(window.size)?, window.size);
    let whole = i64::try_from(window.whole).ok()?;
    drawn(name, Measured::Context, (0, whole), fields.collect(), ends)
}

/// A ruler of an object, from its start and its size, with the first byte accessed, the one behind the last, and how many one
/// access has.
fn drawn(
    name: String,
    measured: Measured,
    (start, size): (i64, i64),
    fields: Vec<Field>,
    (first, end, access): (i128, i128, i128),
) -> Option<Ruler> {
    let number = |value: i128| i64::try_from(value).ok();
    let (first, end, access) = (number(first)?, number(end)?, number(access).filter(|bytes| *bytes > 0)?);
    (first < end).then_some(Ruler { name, measured, start, size, fields, first, end, access })
}
