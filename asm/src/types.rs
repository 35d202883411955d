//! The types that a program carries: of its maps, of its functions, of what it names in the kernel.

use std::sync::Arc;

use knockwright_btf::{Btf, Builder, Kind, TypeId, TypeRef};

use crate::layout::{self, BpfType, LayoutError, Type, add_layout};

/// The type of a value: of a map's key or value, of a parameter, of a result.
///
/// Two are equal if they are the same in BTF, wherever they come from.
#[derive(Debug, Clone)]
pub enum DataType {
    /// A Rust type, as programs in the DSL have it.
    Rust(Type),
    /// A type of BTF, as objects have it: whatever C can say, with locks, timers and pointers to kernel objects.
    Btf(TypeRef),
}

impl DataType {
    /// The size in bytes; `None` for what has no values or more than 4 GiB.
    pub fn size(&self) -> Option<u32> {
        match self {
            Self::Rust(ty) => layout::checked_size(ty).ok(),
            Self::Btf(ty) => ty.size(),
        }
    }

    /// Adds the type to BTF that is being built.
    ///
    /// # Errors
    /// [`LayoutError`] if it's a Rust type whose description the kernel would refuse.
    pub fn add_to(&self, btf: &mut Builder) -> Result<TypeId, LayoutError> {
        match self {
            Self::Rust(ty) => add_layout(btf, ty),
            Self::Btf(ty) => Ok(btf.add_from(ty)),
        }
    }

    /// The type in BTF.
    ///
    /// # Errors
    /// As [`DataType::add_to`].
    pub fn to_btf(&self) -> Result<TypeRef, LayoutError> {
        match self {
            Self::Btf(ty) => Ok(ty.clone()),
            Self::Rust(ty) => {
                let mut btf = Builder::new();
                let id = add_layout(&mut btf, ty)?;
                Ok(TypeRef::new(Arc::new(btf.build()), id))
            }
        }
    }
}

impl PartialEq for DataType {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Rust(one), Self::Rust(two)) => one == two,
            _ => matches!((self.to_btf(), other.to_btf()), (Ok(one), Ok(two)) if one == two),
        }
    }
}

impl Eq for DataType {}

impl From<Type> for DataType {
    fn from(ty: Type) -> Self {
        Self::Rust(ty)
    }
}

impl From<TypeRef> for DataType {
    fn from(ty: TypeRef) -> Self {
        Self::Btf(ty)
    }
}

/// How large a map's key or value is, and its type where that is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Extent {
    /// Only the size in bytes is known. A ring buffer has keys and values of size 0.
    Bytes(u32),
    /// The type is known, and with it names and offsets.
    Typed(DataType),
}

impl Extent {
    /// The extent of a Rust type.
    pub const fn of<T: BpfType>() -> Self {
        Self::Typed(DataType::Rust(T::TYPE))
    }

    /// The size in bytes; 0 for a type that has none, which no map takes.
    pub fn size(&self) -> u32 {
        match self {
            Self::Bytes(size) => *size,
            Self::Typed(ty) => ty.size().unwrap_or(0),
        }
    }

    /// The type, if it's known.
    pub fn data_type(&self) -> Option<&DataType> {
        match self {
            Self::Bytes(_) => None,
            Self::Typed(ty) => Some(ty),
        }
    }
}

/// What a function takes and gives, and what it's tagged with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prototype {
    /// The parameters; registers carry five.
    pub params: Vec<Param>,
    /// The type of the result; `void` is BTF's.
    pub result: DataType,
    /// The function's tags (`btf_decl_tag`), its parameters' among them.
    pub tags: Vec<Tag>,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// The name; empty where BTF has none, as for `...`.
    pub name: String,
    /// The type.
    pub ty: DataType,
}

/// A tag of a function or of one of its parameters, which may tell the verifier something: `arg:nonnull`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// The parameter, counted from 0; `None` for the function itself.
    pub param: Option<u32>,
    /// What it says.
    pub text: String,
}

impl Prototype {
    /// A function of 64-bit numbers: `__u64 name(__u64 a, …)`.
    pub fn numbers<'a>(params: impl IntoIterator<Item = &'a str>) -> Self {
        let number = DataType::Rust(u64::TYPE);
        let param = |name: &str| Param { name: name.to_owned(), ty: number.clone() };
        Self { params: params.into_iter().map(param).collect(), result: number.clone(), tags: Vec::new() }
    }

    /// The prototype of a [`Kind::Func`] of BTF, if the number leads to one that has one.
    pub fn of_func(btf: &Arc<Btf>, func: TypeId) -> Option<Self> {
        let Kind::Func { proto, .. } = btf.get(func)? else {
            return None;
        };
        let Kind::FuncProto { result, params } = btf.get(*proto)? else {
            return None;
        };
        let ty = |id| DataType::Btf(TypeRef::new(Arc::clone(btf), id));
        let tag = |kind: &Kind| match kind {
            Kind::DeclTag { name, to, component } if *to == func => {
                Some(Tag { param: *component, text: name.clone() })
            }
            _ => None,
        };
        Some(Self {
            params: params.iter().map(|param| Param { name: param.name.clone(), ty: ty(param.ty) }).collect(),
            result: ty(*result),
            tags: btf.iter().filter_map(|(_, kind)| tag(kind)).collect(),
        })
    }

    /// The names of the parameters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.params.iter().map(|param| param.name.as_str())
    }
}

/// Something that the kernel or its configuration defines and a program names: loaders look it up and put its id, address or
/// value into the instructions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extern {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: ExternKind,
    /// Whether the program copes with a kernel that doesn't have it.
    pub weak: bool,
    /// The instructions that name it, as indexes into [`Program::items`](crate::Program::items), in order. Until it's looked up, a
    /// call has BTF id 0.
    pub uses: Vec<usize>,
}

impl Extern {
    /// Something that has to be there and that no instruction names yet.
    pub fn new(name: impl Into<String>, kind: ExternKind) -> Self {
        Self { name: name.into(), kind, weak: false, uses: Vec::new() }
    }
}

/// What a program names in the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExternKind {
    /// A function that the kernel gives to programs: a kfunc. With its prototype as the object has it.
    Function(Prototype),
    /// A variable of the kernel (`.ksyms`), by type or, for `void`, by address.
    Variable(TypeRef),
    /// An option of the kernel's configuration or a fact about the kernel (`.kconfig`).
    Config(TypeRef),
    /// The object doesn't say.
    Unknown,
}
