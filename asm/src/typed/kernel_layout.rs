//! Where members of the kernel's structs and parameters of its functions are, by the kernel's BTF.

use std::sync::Arc;

use super::kernel::ForFunction;
use super::memory::Field;
use super::named::{KernelFunction, KernelStruct, Named, NamedMember, NamedType, Shape};
use knockwright_btf::{Btf, KernelTypes, Kind as Type, Param, TypeId};
use knockwright_linux::AttachType;
use knockwright_linux::attach_type::TargetName;

/// How deep structs without a name may lie in one another.
const MAX_DEPTH: u32 = 16;

/// The types of a kernel, by which members that a program names are found.
///
/// `/sys/kernel/btf/vmlinux` holds those of the running kernel. On another kernel members may be elsewhere: a program is for the
/// kernels whose types it was built with.
#[derive(Debug)]
pub struct KernelLayout {
    types: KernelTypes,
}

/// What is wrong with a name that is looked up in a kernel's types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// There is no such struct.
    #[error("the kernel has no `struct {name}`")]
    NoStruct {
        /// Its name.
        name: &'static str,
    },
    /// There is nothing of the name that a program can be for.
    #[error("the kernel's types have no `{name}`, and the program is for `{target}`")]
    NoTarget {
        /// What the program names.
        target: &'static str,
        /// What the kernel's types would call it.
        name: String,
    },
    /// The struct or function has no such member.
    #[error("`{within}` has no `{name}`; it has {known}")]
    NoMember {
        /// The struct or the function.
        within: String,
        /// The member's name.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// The member is something else than was declared.
    #[error("`{within}.{name}` is `{found}`, and {wanted} was declared")]
    Other {
        /// The struct or the function.
        within: String,
        /// The member's name.
        name: String,
        /// Its type in C.
        found: String,
        /// What was declared.
        wanted: String,
    },
    /// The member is some bits of a number.
    #[error("`{within}.{name}` is a bit field, which no load reads as a whole")]
    Bits {
        /// The struct or the function.
        within: String,
        /// The member's name.
        name: String,
    },
    /// The pointer leads to memory that programs don't load from.
    #[error("`{within}.{name}` points to memory that is tagged `{tag}`: programs don't load from there")]
    Tagged {
        /// The struct or the function.
        within: String,
        /// The member's name.
        name: String,
        /// The tag.
        tag: String,
    },
    /// The member is too far from the start of its struct.
    #[error("`{within}.{name}` is {offset} bytes from the start, and a load reaches 32767")]
    TooFar {
        /// The struct or the function.
        within: String,
        /// The member's name.
        name: String,
        /// The distance in bytes.
        offset: u32,
    },
    /// A parameter before it is passed in more than one register.
    #[error("`{within}` takes a struct by value, so that the places of what follows depend on the machine")]
    ByValue {
        /// The function.
        within: String,
    },
}

/// The result of a function `F`, after its parameters; see [`KernelLayout::result`].
#[derive(Debug)]
pub struct ResultField<F: KernelFunction> {
    pub(super) field: Field<F, F::Result>,
}

copies! { [F: KernelFunction] ResultField<F>; }

/// Something found in the kernel's types.
struct Found {
    ty: TypeId,
    bits: u32,
    is_bit_field: bool,
}

impl KernelLayout {
    /// By these types.
    pub fn new(btf: Arc<Btf>) -> Self {
        Self { types: KernelTypes::new(btf) }
    }

    /// By these types, where they are looked up already.
    pub fn of(types: KernelTypes) -> Self {
        Self { types }
    }

    /// The types.
    pub fn types(&self) -> &KernelTypes {
        &self.types
    }

    fn btf(&self) -> &Arc<Btf> {
        self.types.btf()
    }

    fn resolved(&self, id: TypeId) -> Option<&Type> {
        self.btf().get(self.btf().resolve(id))
    }

    /// Where a member of a struct is.
    ///
    /// # Errors
    /// [`NameError`], if it isn't there as it was declared.
    pub fn field<S: KernelStruct, F: NamedType>(
        &self,
        member: NamedMember<S, F>,
    ) -> Result<Field<S, F>, NameError> {
        let start = self.types.structure(S::NAME).ok_or(NameError::NoStruct { name: S::NAME })?;
        let (mut ty, mut bits) = (start, 0);
        let mut within = S::NAME.to_owned();
        let mut is_bit_field = false;
        for name in member.path() {
            let found = self.member(ty, name, MAX_DEPTH).ok_or_else(|| {
                let mut known = Vec::new();
                self.names(ty, MAX_DEPTH, &mut known);
                NameError::NoMember { within: within.clone(), name: name.to_owned(), known: known.join(", ") }
            })?;
            (ty, bits, is_bit_field) = (found.ty, bits + found.bits, found.is_bit_field);
            if name != member.path().last().unwrap_or_default() {
                within = format!("{within}.{name}");
            }
        }
        let name = member.path().last().unwrap_or_default().to_owned();
        if is_bit_field || bits % 8 != 0 {
            return Err(NameError::Bits { within, name });
        }
        self.check(&within, &name, ty, member.shape())?;
        let offset = bits / 8;
        member.at(offset).ok_or(NameError::TooFar { within, name, offset })
    }

    /// The members of a struct, those of members without a name among them.
    fn members(&self, ty: TypeId) -> &[knockwright_btf::Field] {
        match self.resolved(ty) {
            Some(Type::Struct { members, .. } | Type::Union { members, .. }) => members,
            _ => &[],
        }
    }

    fn member(&self, ty: TypeId, name: &str, depth: u32) -> Option<Found> {
        let depth = depth.checked_sub(1)?;
        self.members(ty).iter().find_map(|member| {
            let (bits, is_bit_field) = (member.bit_offset, member.bit_width != 0);
            if member.name == name {
                return Some(Found { ty: member.ty, bits, is_bit_field });
            }
            let inside = member.name.is_empty().then(|| self.member(member.ty, name, depth)).flatten()?;
            Some(Found { bits: bits + inside.bits, ..inside })
        })
    }

    fn names(&self, ty: TypeId, depth: u32, known: &mut Vec<String>) {
        let Some(depth) = depth.checked_sub(1) else { return };
        for member in self.members(ty) {
            match member.name.as_str() {
                "" => self.names(member.ty, depth, known),
                name => known.push(format!("`{name}`")),
            }
        }
    }

    /// Whether a type is what was declared.
    fn check(&self, within: &str, name: &str, ty: TypeId, shape: Shape) -> Result<(), NameError> {
        let other = |wanted: String| NameError::Other {
            within: within.to_owned(),
            name: name.to_owned(),
            found: self.btf().c_name(ty),
            wanted,
        };
        match (shape, self.resolved(ty)) {
            (Shape::Pointer(wanted), Some(Type::Ptr { to })) => {
                if let Some(tag) = self.tag(*to) {
                    return Err(NameError::Tagged { within: within.to_owned(), name: name.to_owned(), tag });
                }
                match self.resolved(*to) {
                    Some(Type::Struct { name: found, .. }) if found == wanted => Ok(()),
                    _ => Err(other(format!("a pointer to `struct {wanted}`"))),
                }
            }
            (Shape::Pointer(wanted), _) => Err(other(format!("a pointer to `struct {wanted}`"))),
            // A pointer to a struct is no number for the verifier.
            (Shape::Bytes(8), Some(Type::Ptr { to })) => match self.resolved(*to) {
                Some(Type::Struct { .. } | Type::Union { .. }) => Err(other("a number".to_owned())),
                _ => Ok(()),
            },
            (
                Shape::Bytes(bytes),
                Some(Type::Int { .. } | Type::Enum { .. } | Type::Enum64 { .. } | Type::Array { .. }),
            ) if self.btf().size(ty) == Some(bytes) => Ok(()),
            (Shape::Bytes(bytes), _) => Err(other(format!("a number or an array of {bytes} bytes"))),
        }
    }

    /// The tag on what a pointer leads to that keeps programs from loading there.
    fn tag(&self, mut to: TypeId) -> Option<String> {
        for _ in 0..MAX_DEPTH {
            match self.btf().get(to)? {
                Type::TypeTag { name, .. } if name == "user" || name == "percpu" => {
                    return Some(name.clone());
                }
                Type::TypeTag { to: next, .. }
                | Type::Const { to: next }
                | Type::Volatile { to: next }
                | Type::Restrict { to: next }
                | Type::Typedef { to: next, .. } => to = *next,
                _ => return None,
            }
        }
        None
    }

    /// The number of what a program of the kind is for in these types: the `attach_btf_id` of its load.
    ///
    /// # Errors
    /// [`NameError::NoTarget`].
    pub fn target<K: ForFunction>(&self) -> Result<TypeId, NameError> {
        let target = K::Function::NAME;
        let Some(called) = K::ATTACH.and_then(AttachType::target_name) else {
            return Err(NameError::NoTarget { target, name: target.to_owned() });
        };
        let (found, name) = match called {
            TargetName::Typedef(before) => {
                let name = format!("{before}{target}");
                (self.types.typedef(&name), name)
            }
            TargetName::Function(before) => {
                let name = format!("{before}{target}");
                (self.types.function(&name), name)
            }
        };
        found.ok_or(NameError::NoTarget { target, name })
    }

    /// The parameters that programs of a kind see of their target, and its result.
    fn signature<K: ForFunction>(&self) -> Result<(&[Param], TypeId), NameError> {
        let target = K::Function::NAME;
        let no_target = |name: String| NameError::NoTarget { target, name };
        // The type of a trace point doesn't name its parameters; the function that calls its programs does.
        let (function, skipped) = match K::ATTACH {
            Some(AttachType::TraceRawTp) => {
                let name = format!("__bpf_trace_{target}");
                (self.types.function(&name).ok_or_else(|| no_target(name))?, 1)
            }
            _ => (self.target::<K>()?, 0),
        };
        let Some(Type::Func { proto, .. }) = self.btf().get(function) else {
            return Err(no_target(target.to_owned()));
        };
        match self.btf().get(*proto) {
            Some(Type::FuncProto { params, result }) => {
                Ok((params.get(skipped..).unwrap_or_default(), *result))
            }
            _ => Err(no_target(target.to_owned())),
        }
    }

    /// Where a parameter is in the context of programs of a kind `K`, which are for its function.
    ///
    /// # Errors
    /// [`NameError`], if it isn't there as it was declared.
    pub fn parameter<K: ForFunction, F: NamedType>(
        &self,
        member: NamedMember<K::Function, F>,
    ) -> Result<Field<K::Function, F>, NameError> {
        let within = K::Function::NAME.to_owned();
        let (params, _) = self.signature::<K>()?;
        let name = member.name();
        let Some(place) = params.iter().position(|param| param.name == name) else {
            let known: Vec<String> = params.iter().map(|param| format!("`{}`", param.name)).collect();
            return Err(NameError::NoMember { within, name, known: known.join(", ") });
        };
        self.check_registers(&within, &params[..place])?;
        self.check(&within, &name, params[place].ty, member.shape())?;
        let offset = 8 * u32::try_from(place).unwrap_or(u32::MAX);
        member.at(offset).ok_or(NameError::TooFar { within, name, offset })
    }

    /// Where the function's result is in the context of programs of a kind `K`, which are for it.
    ///
    /// # Errors
    /// [`NameError`], if it returns something else than was declared.
    pub fn result<K: ForFunction>(&self) -> Result<ResultField<K::Function>, NameError>
    where
        <K::Function as KernelFunction>::Result: NamedType,
    {
        let (within, name) = (K::Function::NAME.to_owned(), "return".to_owned());
        let (params, result) = self.signature::<K>()?;
        self.check_registers(&within, params)?;
        self.check(&within, &name, result, <<K::Function as KernelFunction>::Result as NamedType>::SHAPE)?;
        let offset = 8 * u32::try_from(params.len()).unwrap_or(u32::MAX);
        match i16::try_from(offset) {
            Ok(_) => Ok(ResultField { field: Field::found(offset) }),
            Err(_) => Err(NameError::TooFar { within, name, offset }),
        }
    }

    /// Each of the parameters must be in one register.
    fn check_registers(&self, within: &str, params: &[Param]) -> Result<(), NameError> {
        let is_one = |param: &Param| self.btf().size(param.ty).is_some_and(|size| size <= 8);
        if params.iter().all(is_one) { Ok(()) } else { Err(NameError::ByValue { within: within.to_owned() }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::typed::{Fentry, Fexit, Ptr, TpBtf};
    use knockwright_btf::{Builder, Endian, Field as Member, IntEncoding, Linkage};

    crate::kernel_struct! {
        /// An outer struct.
        struct Outer as "outer" {
            /// A number.
            number: u32,
            /// In another size.
            word: u32,
            /// Inside a union without a name.
            inside: u64,
            /// Some bits.
            bits: u32,
            /// Another one.
            next: Ptr<Outer>,
            /// A pointer, taken for a number.
            raw: u64,
            /// A struct inside.
            inner: Inner,
            /// What isn't there.
            missing: u32,
        }
        /// An inner struct.
        struct Inner as "inner" {
            /// Numbers.
            values: [u16; 4],
        }
        /// A struct that isn't there.
        struct Nowhere as "nowhere" {
            /// A number.
            number: u32,
        }
    }

    crate::kernel_function! {
        /// A function.
        struct Runs as "runs" -> u32 {
            /// The first parameter.
            outer: Ptr<Outer>,
            /// The second.
            count: u64,
            /// Taken for something else.
            other: u32,
        }
        /// A trace point.
        struct Ran as "ran" -> () {
            /// Its second parameter.
            count: u64,
        }
        /// A function that returns nothing.
        struct Absent as "absent" -> u32 {}
    }

    fn member(name: &str, ty: TypeId, bit_offset: u32, bit_width: u8) -> Member {
        Member { name: name.to_owned(), ty, bit_offset, bit_width }
    }

    fn param(name: &str, ty: TypeId) -> Param {
        Param { name: name.to_owned(), ty }
    }

    fn layout() -> KernelLayout {
        let mut btf = Builder::new();
        let u16 = btf.add_int("u16", 2, IntEncoding::UNSIGNED);
        let u32 = btf.add_int("u32", 4, IntEncoding::UNSIGNED);
        let u64 = btf.add_int("u64", 8, IntEncoding::UNSIGNED);
        let values = btf.add(Type::Array { element: u16, index: u32, len: 4 });
        let inner = btf.add(Type::Struct {
            name: "inner".into(),
            size: 8,
            members: vec![member("values", values, 0, 0)],
        });
        let either = vec![member("inside", u64, 0, 0), member("other", u32, 0, 0)];
        let either = btf.add(Type::Union { name: String::new(), size: 8, members: either });
        // The struct comes after the pointer to it.
        let next = TypeId(either.0 + 1);
        let outer = TypeId(either.0 + 2);
        assert_eq!(btf.add(Type::Ptr { to: outer }), next);
        let members = vec![
            member("number", u32, 32, 0),
            member("word", u64, 64, 0),
            member("", either, 128, 0),
            member("bits", u32, 192, 3),
            member("next", next, 256, 0),
            member("raw", next, 320, 0),
            member("inner", inner, 384, 0),
        ];
        assert_eq!(btf.add(Type::Struct { name: "outer".into(), size: 64, members }), outer);
        let params = vec![param("outer", next), param("count", u64), param("other", u64)];
        let runs = btf.add(Type::FuncProto { result: u32, params });
        btf.add(Type::Func { name: "runs".into(), proto: runs, linkage: Linkage::Static });
        let calls = btf.add(Type::FuncProto {
            result: TypeId::VOID,
            params: vec![param("__data", next), param("outer", next), param("count", u64)],
        });
        btf.add(Type::Func { name: "__bpf_trace_ran".into(), proto: calls, linkage: Linkage::Static });
        btf.add(Type::Typedef { name: "btf_trace_ran".into(), to: next });
        let btf = Btf::parse(&btf.finish(Endian::NATIVE), Endian::NATIVE).expect("types");
        KernelLayout::new(Arc::new(btf))
    }

    #[test]
    fn members_are_found_by_name() {
        let kernel = layout();
        let offset = |offset: Result<u32, NameError>| offset.expect("a member");
        assert_eq!(offset(kernel.field(crate::member!(Outer, number)).map(Field::offset)), 4);
        assert_eq!(offset(kernel.field(crate::member!(Outer, inside)).map(Field::offset)), 16);
        assert_eq!(offset(kernel.field(crate::member!(Outer, next)).map(Field::offset)), 32);
        assert_eq!(offset(kernel.field(crate::member!(Outer, inner.values)).map(Field::offset)), 48);
        assert_eq!(offset(kernel.field(crate::member!(Outer, inner.values[3])).map(Field::offset)), 54);
    }

    #[test]
    fn parameters_and_results_are_found_by_name() {
        let kernel = layout();
        let outer = kernel.parameter::<Fentry<Runs>, _>(crate::member!(Runs, outer)).expect("a parameter");
        let count = kernel.parameter::<Fentry<Runs>, _>(crate::member!(Runs, count)).expect("a parameter");
        assert_eq!((outer.offset(), count.offset()), (0, 8));
        assert_eq!(kernel.result::<Fexit<Runs>>().expect("a result").field.offset(), 24);
        // The first parameter of a trace point's function is the program's own data.
        let count = kernel.parameter::<TpBtf<Ran>, _>(crate::member!(Ran, count)).expect("a parameter");
        assert_eq!(count.offset(), 8);
        let btf_trace = kernel.target::<TpBtf<Ran>>().expect("a target");
        assert!(matches!(kernel.btf().get(btf_trace), Some(Type::Typedef { .. })));
    }

    #[test]
    fn what_is_not_there_as_declared_is_an_error() {
        let kernel = layout();
        let words = |error: Option<NameError>| error.expect("an error").to_string();
        assert_eq!(
            words(kernel.field(crate::member!(Outer, word)).err()),
            "`outer.word` is `u64`, and a number or an array of 4 bytes was declared"
        );
        assert_eq!(
            words(kernel.field(crate::member!(Nowhere, number)).err()),
            "the kernel has no `struct nowhere`"
        );
        assert!(
            words(kernel.field(crate::member!(Outer, missing)).err())
                .starts_with("`outer` has no `missing`; it has `number`, `word`, `inside`, `other`, `bits`")
        );
        assert!(matches!(kernel.field(crate::member!(Outer, bits)), Err(NameError::Bits { .. })));
        assert!(matches!(kernel.field(crate::member!(Outer, raw)), Err(NameError::Other { .. })));
        let other = kernel.parameter::<Fentry<Runs>, _>(crate::member!(Runs, other));
        assert!(matches!(other, Err(NameError::Other { .. })));
        assert_eq!(
            words(kernel.target::<Fentry<Absent>>().err()),
            "the kernel's types have no `absent`, and the program is for `absent`"
        );
    }
}
