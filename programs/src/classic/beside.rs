//! Facts beside the packet: loads at `SKF_AD_OFF` and after it.

use knockwright_asm::linux::context::{Field, sk_buff, xdp_md};
use knockwright_asm::linux::uapi::classic::*;
use knockwright_asm::{Helper, Reg::*, Size, SwapBits};

use super::translate::{A, CONTEXT, Translation, X};
use super::{ClassicError, Hook};

/// A fact, and what it is in each kind of program.
struct Fact {
    number: i32,
    what: &'static str,
    /// The context's field in programs with a `struct __sk_buff`.
    skb: Option<&'static Field>,
    /// The same in XDP programs.
    xdp: Option<&'static Field>,
    /// It's in the network's order in the context.
    swapped: bool,
}

const fn fact(number: i32, what: &'static str, skb: Option<&'static Field>) -> Fact {
    Fact { number, what, skb, xdp: None, swapped: false }
}

/// What a context has.
static FACTS: &[Fact] = &[
    Fact { swapped: true, ..fact(SKF_AD_PROTOCOL, "the protocol", Some(&sk_buff::PROTOCOL)) },
    fact(SKF_AD_PKTTYPE, "the packet's type", Some(&sk_buff::PKT_TYPE)),
    Fact {
        xdp: Some(&xdp_md::INGRESS_IFINDEX),
        ..fact(SKF_AD_IFINDEX, "the interface", Some(&sk_buff::IFINDEX))
    },
    fact(SKF_AD_NLATTR, "a netlink attribute", None),
    fact(SKF_AD_NLATTR_NEST, "a netlink attribute in another one", None),
    fact(SKF_AD_MARK, "the mark", Some(&sk_buff::MARK)),
    fact(SKF_AD_QUEUE, "the queue", Some(&sk_buff::QUEUE_MAPPING)),
    fact(SKF_AD_HATYPE, "the interface's hardware type", None),
    fact(SKF_AD_RXHASH, "the flow's hash", Some(&sk_buff::HASH)),
    fact(SKF_AD_VLAN_TAG, "the VLAN tag", Some(&sk_buff::VLAN_TCI)),
    fact(SKF_AD_VLAN_TAG_PRESENT, "whether there is a VLAN tag", Some(&sk_buff::VLAN_PRESENT)),
    fact(SKF_AD_PAY_OFFSET, "the payload's offset", None),
    Fact { swapped: true, ..fact(SKF_AD_VLAN_TPID, "the VLAN tag's type", Some(&sk_buff::VLAN_PROTO)) },
];

/// Whether Linux has a fact of this number.
pub(super) fn is_fact(number: i32) -> bool {
    matches!(number, SKF_AD_ALU_XOR_X | SKF_AD_CPU | SKF_AD_RANDOM)
        || FACTS.iter().any(|fact| fact.number == number)
}

impl Translation {
    /// Loads a fact into A, or does what stands for one.
    pub(super) fn load_beside(&mut self, number: i32) -> Result<(), ClassicError> {
        match number {
            SKF_AD_ALU_XOR_X => self.a.xor32(A, X),
            SKF_AD_CPU => {
                self.a.call(Helper::GetSmpProcessorId);
                self.a.mov32(A, R0);
            }
            SKF_AD_RANDOM => {
                self.a.call(Helper::GetPrandomU32);
                self.a.mov32(A, R0);
            }
            _ => return self.load_field(number),
        }
        Ok(())
    }

    fn load_field(&mut self, number: i32) -> Result<(), ClassicError> {
        let (is_xdp, hook) = match self.hook {
            Hook::Xdp(_) => (true, "xdp"),
            Hook::Tc(_) => (false, "tc"),
            Hook::SocketFilter => (false, "socket filter"),
        };
        let fact = FACTS.iter().find(|fact| fact.number == number);
        let field = fact.and_then(|fact| if is_xdp { fact.xdp } else { fact.skb });
        let Some((fact, field)) = fact.zip(field) else {
            let what = fact.map_or("a fact that Linux doesn't have", |fact| fact.what);
            return Err(ClassicError::NotHere { at: self.at, what, hook });
        };
        self.a.load(Size::U32, A, CONTEXT + field.offset as i32);
        if fact.swapped {
            self.a.be(SwapBits::B16, A);
        }
        Ok(())
    }
}
