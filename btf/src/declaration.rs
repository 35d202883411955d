//! Types as C writes them, in one line.

use crate::kind::{Kind, Param, TypeId};
use crate::parse::Btf;

/// How many types deep a name may go; damaged BTF may run in circles.
const MAX_DEPTH: u32 = 16;

impl Btf {
    /// A type as C names it in a declaration without a variable: `struct ip_state`, `__u16[10]`, `const char *`.
    pub fn c_name(&self, id: TypeId) -> String {
        declare(self, id, "", MAX_DEPTH)
    }

    /// A function as C declares it: `int knock(struct xdp_md *ctx)`. Of anything else the name.
    pub fn c_declaration(&self, func: &Kind) -> String {
        match func {
            Kind::Func { name, proto, .. } => declare(self, *proto, name, MAX_DEPTH),
            other => other.name().to_owned(),
        }
    }
}

/// Declares `inner`, which is a name or what stands around one, as being of a type.
fn declare(btf: &Btf, id: TypeId, inner: &str, depth: u32) -> String {
    let join = |left: &str| match inner {
        "" => left.to_owned(),
        _ if left.ends_with('*') => format!("{left}{inner}"),
        _ => format!("{left} {inner}"),
    };
    let Some(depth) = depth.checked_sub(1) else {
        return join("…");
    };
    let Some(kind) = btf.get(id) else {
        return join(if id == TypeId::VOID { "void" } else { "?" });
    };
    let keyword = |keyword: &str, name: &str| match name {
        "" => join(&format!("{keyword} {{…}}")),
        name => join(&format!("{keyword} {name}")),
    };
    match kind {
        Kind::Struct { name, .. } => keyword("struct", name),
        Kind::Union { name, .. } => keyword("union", name),
        Kind::Enum { name, .. } | Kind::Enum64 { name, .. } => keyword("enum", name),
        Kind::Fwd { name, union } => keyword(if *union { "union" } else { "struct" }, name),
        Kind::Ptr { to } => match btf.get(btf.resolve(*to)) {
            Some(Kind::Array { .. } | Kind::FuncProto { .. }) => {
                declare(btf, *to, &format!("(*{inner})"), depth)
            }
            _ => declare(btf, *to, &format!("*{inner}"), depth),
        },
        Kind::Array { element, len, .. } => {
            let text = declare(btf, *element, &format!("{inner}[{len}]"), depth);
            // No blank before the bracket where no name stands.
            if inner.is_empty() { text.replacen(" [", "[", 1) } else { text }
        }
        Kind::Const { to } => format!("const {}", declare(btf, *to, inner, depth)),
        Kind::Volatile { to } => format!("volatile {}", declare(btf, *to, inner, depth)),
        Kind::Restrict { to } | Kind::TypeTag { to, .. } => declare(btf, *to, inner, depth),
        Kind::FuncProto { result, params } => {
            let param = |param: &Param| match param.ty {
                TypeId::VOID => "...".to_owned(),
                ty => declare(btf, ty, &param.name, depth),
            };
            let params: Vec<String> = params.iter().map(param).collect();
            let params = if params.is_empty() { "void".to_owned() } else { params.join(", ") };
            declare(btf, *result, &format!("{inner}({params})"), depth)
        }
        Kind::Int { name, .. }
        | Kind::Float { name, .. }
        | Kind::Typedef { name, .. }
        | Kind::Func { name, .. }
        | Kind::Var { name, .. }
        | Kind::DataSec { name, .. }
        | Kind::DeclTag { name, .. } => join(name),
    }
}
