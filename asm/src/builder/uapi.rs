//! Names of the kernel's interface as operands: `a.mov(R0, XdpAction::Pass)`, `a.load(U32, R2, R1 + xdp_md::DATA)`.

use std::ops::Add;

use knockwright_linux::context::Field;
use knockwright_linux::uapi::{LwtResult, NetfilterVerdict, SkAction, TcAction, TcxAction, XdpAction};

use super::Mem;
use crate::insn::Source;
use crate::reg::Reg;

macro_rules! results {
    ($($name:ident)*) => {$(
        impl From<$name> for Source {
            fn from(result: $name) -> Self {
                Self::Imm(result.number())
            }
        }
    )*};
}

results! { XdpAction TcAction TcxAction SkAction LwtResult NetfilterVerdict }

/// The field of a context that the register points to.
impl Add<Field> for Reg {
    type Output = Mem;

    fn add(self, field: Field) -> Mem {
        // No context is larger than a few hundred bytes.
        self + i32::try_from(field.offset).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use knockwright_linux::ProgType;
    use knockwright_linux::context::{sk_buff, xdp_md};

    use super::*;
    use crate::reg::Reg::{R0, R1, R2};
    use crate::reg::Size::U32;
    use crate::{Asm, Program};

    fn texts(program: &Program) -> Vec<String> {
        program.items.iter().map(|item| item.code.to_string()).collect()
    }

    #[test]
    fn results_and_fields_are_operands() {
        let mut a = Asm::new("p", ProgType::SchedCls);
        let out = a.label("out");
        a.load(U32, R2, R1 + sk_buff::MARK);
        a.load(U32, R2, R1 + xdp_md::DATA_END);
        a.goto_if(R2.eq(TcAction::Unspec), out);
        a.mov(R0, TcAction::Shot);
        a.bind(out);
        a.exit();
        let wanted = [
            "r2 = *(u32 *)(r1 +8)",
            "r2 = *(u32 *)(r1 +4)",
            "if r2 == 0xffffffff goto pc+1",
            "r0 = 2",
            "exit",
        ];
        assert_eq!(texts(&a.finish().unwrap()), wanted);
    }
}
