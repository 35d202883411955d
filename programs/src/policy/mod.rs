//! A packet filter that is code: rules by addresses, ports and protocols, each a few instructions, however many there are.
//!
//! ```
//! use knockwright_programs::policy::{Hook, Policy, Decision};
//!
//! let rules = ["deny from 10.66.0.0/16", "log tcp to any port 22", "allow tcp to 2001:db8::/32 port 443", "allow udp to any port 53"];
//! let rules = rules.iter().map(|text| text.parse().unwrap()).collect();
//! let parts = Policy { rules, otherwise: Decision::Deny }.programs("policy", Hook::Xdp).unwrap();
//! assert_eq!(parts.len(), 1);
//! // The verifier's log shows the rule beside its instructions.
//! let shown = |text: &str| parts[0].items.iter().filter(|item| item.source.as_ref().is_some_and(|line| line.text == text)).count();
//! assert_eq!(shown("deny from 10.66.0.0/16"), 8);
//! ```
//!
//! # Which packets
//!
//! The rules are gone through in their order; the first one of `allow` and `deny` that fits decides, and `log` counts the packet
//! and goes on. Ports are those of TCP, UDP and SCTP where the packet has them: a rule with ports fits neither another protocol nor
//! a later fragment, nor a packet that ends before them. What isn't IP passes; an IP header that is cut or of another version is
//! denied. Up to two VLAN tags are gone through, one that the kernel keeps beside the packet with them; a third, which hides what
//! follows, is denied, and so is a tag that is cut. Of IPv6 the protocol is the header after the fixed one, whatever it is: extension headers aren't gone through, so a
//! policy should allow what it knows and deny all else.
//!
//! Rules are tried one after the other, so a packet costs what the rules before its decision cost: a few nanoseconds each. What
//! decides on most packets belongs to the front.
//!
//! # Parts
//!
//! A policy of thousands of rules is split into parts that tail-call each other ([`knockwright_asm::parts`]): the maps
//! `NAME_parts` and `NAME_carry` are theirs. A packet whose next part isn't loaded is denied. `NAME_log` is an array of one value:
//! a `u64` for each rule with `log`, in their order.

mod packet;
mod rule;
mod write;

use knockwright_asm::Program;
use knockwright_asm::parts::PartsError;

pub use rule::{Action, Ports, Prefix, Protocol, Rule, RuleError};
pub use write::Hook;

/// The rules of a packet filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// In the order in which they're tried.
    pub rules: Vec<Rule>,
    /// What becomes of an IP packet that no rule decides on.
    pub otherwise: Decision,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum Decision {
    Allow,
    Deny,
}

/// Why there is no program of a policy.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// An address of the source and one of the destination are of different families.
    #[error("rule {index}: `{rule}` is of IPv4 and IPv6 at once, and fits no packet")]
    TwoFamilies {
        /// The rule's number from 0.
        index: usize,
        /// The rule.
        rule: Rule,
    },
    /// The parts aren't written.
    #[error(transparent)]
    Parts(#[from] PartsError),
}

impl std::fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Policy {
    /// The policy as programs, part by part; the first is the one to attach.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn programs(&self, name: &str, hook: Hook) -> Result<Vec<Program>, PolicyError> {
        write::write(self, name, hook)
    }
}
