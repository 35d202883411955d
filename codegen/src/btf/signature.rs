//! The types of functions: the entry by its program type, the others by their parameters.

use knockwright_asm::linux::Context;
use knockwright_asm::{Function, ProgType, Prototype};

use knockwright_btf::{Builder, Field, IntEncoding, Kind, Linkage, Param, TypeId};

use super::LayoutError;

/// Adds the function type of an entry: `int name(struct xdp_md *ctx)`.
///
/// But for `struct xdp_md` the context is only declared: its members are the kernel's business, and no loader looks.
pub(crate) fn add_entry(btf: &mut Builder, name: &str, prog_type: ProgType) -> TypeId {
    let int = btf.add_int("int", 4, IntEncoding::SIGNED);
    let target = match prog_type.context() {
        // libxdp compares an entry with the one that it replaces, so the struct has to be whole.
        Some(context) if prog_type == ProgType::Xdp => add_whole(btf, context),
        Some(context) => btf.add(Kind::Fwd { name: context.name.to_owned(), union: false }),
        None => TypeId::VOID,
    };
    let ctx = Param { name: "ctx".to_owned(), ty: btf.add(Kind::Ptr { to: target }) };
    add_func(btf, name, int, vec![ctx], Linkage::Global)
}

/// Adds the function type of a subprogram as if it took and gave numbers: `__u64 name(__u64 a, …)`.
pub(crate) fn add_numbers(btf: &mut Builder, function: &Function) -> TypeId {
    let number = btf.add_kernel_int("__u64", 8, IntEncoding::UNSIGNED);
    let names = function.prototype.iter().flat_map(Prototype::names);
    let params = names.map(|name| Param { name: name.to_owned(), ty: number }).collect();
    add_func(btf, &function.name, number, params, linkage(function))
}

/// Adds the function type that a prototype says, with its tags.
pub(crate) fn add_prototype(
    btf: &mut Builder,
    function: &Function,
    prototype: &Prototype,
) -> Result<TypeId, LayoutError> {
    let result = prototype.result.add_to(btf)?;
    let mut params = Vec::with_capacity(prototype.params.len());
    for param in &prototype.params {
        params.push(Param { name: param.name.clone(), ty: param.ty.add_to(btf)? });
    }
    let func = add_func(btf, &function.name, result, params, linkage(function));
    for tag in &prototype.tags {
        btf.add(Kind::DeclTag { name: tag.text.clone(), to: func, component: tag.param });
    }
    Ok(func)
}

fn linkage(function: &Function) -> Linkage {
    match function.linkage {
        knockwright_asm::Linkage::Static => Linkage::Static,
        knockwright_asm::Linkage::Global => Linkage::Global,
    }
}

fn add_func(btf: &mut Builder, name: &str, result: TypeId, params: Vec<Param>, linkage: Linkage) -> TypeId {
    let proto = btf.add(Kind::FuncProto { result, params });
    btf.add(Kind::Func { name: name.to_owned(), proto, linkage })
}

/// Adds the struct of a context whose fields are all numbers of 32 bits one after the other.
fn add_whole(btf: &mut Builder, context: &Context) -> TypeId {
    const NUMBER_BYTES: u32 = 4;
    let number = btf.add_kernel_int("__u32", NUMBER_BYTES, IntEncoding::UNSIGNED);
    let fields = context.fields.unwrap_or_default().iter();
    let members: Vec<Field> = fields
        .map(|field| Field {
            name: field.name.to_owned(),
            ty: number,
            bit_offset: field.offset * u8::BITS,
            bit_width: 0,
        })
        .collect();
    btf.add(Kind::Struct {
        name: context.name.to_owned(),
        size: members.len() as u32 * NUMBER_BYTES,
        members,
    })
}
