//! A rule, as a value and as text.

use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;

use knockwright_asm::linux::uapi::sockets;

use super::Decision;

/// A rule: what it doesn't name, fits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rule {
    /// What becomes of a packet that fits.
    pub action: Action,
    /// The protocol above IP.
    pub protocol: Option<Protocol>,
    /// Where it comes from.
    pub source: Option<Prefix>,
    /// The port that it comes from.
    pub source_port: Option<Ports>,
    /// Where it goes to.
    pub destination: Option<Prefix>,
    /// The port that it goes to.
    pub destination_port: Option<Ports>,
}

/// What a rule does with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// It decides.
    Decide(Decision),
    /// It counts it, and the rules after it decide.
    Log,
}

/// A protocol by its number in the header of IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Protocol(pub u8);

/// The addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Prefix {
    address: IpAddr,
    len: u8,
}

/// Ports from one to another.
pub type Ports = RangeInclusive<u16>;

/// A text that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{word}`: expected {expected}; a rule is `allow|deny|log [PROTOCOL] [from any|PREFIX [port N[-N]]] [to any|PREFIX [port N[-N]]]`"
)]
#[non_exhaustive]
pub struct RuleError {
    /// What stands there; empty at the end.
    pub word: String,
    /// What could.
    pub expected: &'static str,
}

/// Protocols with names.
const PROTOCOLS: [(&str, u8); 5] = [
    ("icmp", sockets::IPPROTO_ICMP as u8),
    ("tcp", sockets::IPPROTO_TCP as u8),
    ("udp", sockets::IPPROTO_UDP as u8),
    ("icmp6", sockets::IPPROTO_ICMPV6 as u8),
    ("sctp", sockets::IPPROTO_SCTP as u8),
];

impl Prefix {
    /// The addresses whose first bits are those of an address. `None` if it has fewer bits.
    pub fn new(address: IpAddr, len: u8) -> Option<Self> {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        (len <= bits).then_some(Self { address, len })
    }

    /// An address that's in it.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// How many bits count.
    #[expect(clippy::len_without_is_empty, reason = "it's no collection")]
    pub const fn len(&self) -> u8 {
        self.len
    }

    /// Whether all addresses of its family are in it.
    pub const fn holds_all(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.len)
    }
}

impl FromStr for Prefix {
    type Err = RuleError;

    /// `10.0.0.0/8`, or an address.
    fn from_str(text: &str) -> Result<Self, RuleError> {
        let wrong = || RuleError {
            word: text.to_owned(),
            expected: "an address, or one with the number of its bits",
        };
        let (address, len) = text.split_once('/').map_or((text, None), |(address, len)| (address, Some(len)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let len = len.map_or(Ok(whole), str::parse).map_err(|_| wrong())?;
        Self::new(address, len).ok_or_else(wrong)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match PROTOCOLS.iter().find(|(_, number)| *number == self.0) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "proto {}", self.0),
        }
    }
}

impl fmt::Display for Rule {
    /// As it's read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.action {
            Action::Decide(Decision::Allow) => "allow",
            Action::Decide(Decision::Deny) => "deny",
            Action::Log => "log",
        })?;
        if let Some(protocol) = self.protocol {
            write!(f, " {protocol}")?;
        }
        let sides =
            [("from", &self.source, &self.source_port), ("to", &self.destination, &self.destination_port)];
        for (word, prefix, ports) in sides {
            match (prefix, ports) {
                (None, None) => continue,
                (None, Some(_)) => write!(f, " {word} any")?,
                (Some(prefix), _) => write!(f, " {word} {prefix}")?,
            }
            match ports {
                None => {}
                Some(ports) if ports.start() == ports.end() => write!(f, " port {}", ports.start())?,
                Some(ports) => write!(f, " port {}-{}", ports.start(), ports.end())?,
            }
        }
        Ok(())
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let mut words = text.split_whitespace().peekable();
        let action = match words.next().unwrap_or_default() {
            "allow" => Action::Decide(Decision::Allow),
            "deny" => Action::Decide(Decision::Deny),
            "log" => Action::Log,
            word => return Err(RuleError { word: word.to_owned(), expected: "`allow`, `deny` or `log`" }),
        };
        let protocol = match words.peek() {
            None | Some(&("from" | "to")) => None,
            Some(_) => Some(protocol(&mut words)?),
        };
        let (source, source_port) = side(&mut words, "from")?;
        let (destination, destination_port) = side(&mut words, "to")?;
        match words.next() {
            None => Ok(Self { action, protocol, source, source_port, destination, destination_port }),
            Some(word) => Err(RuleError { word: word.to_owned(), expected: "`from`, `to` or the end" }),
        }
    }
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn protocol(words: &mut Words<'_>) -> Result<Protocol, RuleError> {
    let word = words.next().unwrap_or_default();
    if let Some((_, number)) = PROTOCOLS.iter().find(|(name, _)| *name == word) {
        return Ok(Protocol(*number));
    }
    let number = if word == "proto" { words.next().unwrap_or_default() } else { word };
    let wrong = || RuleError {
        word: number.to_owned(),
        expected: "a protocol: tcp, udp, sctp, icmp, icmp6, or `proto` and a number",
    };
    if word == "proto" { number.parse().map(Protocol).map_err(|_| wrong()) } else { Err(wrong()) }
}

/// `from` or `to` with what comes after it.
fn side(words: &mut Words<'_>, word: &str) -> Result<(Option<Prefix>, Option<Ports>), RuleError> {
    if words.next_if_eq(&word).is_none() {
        return Ok((None, None));
    }
    let prefix = match words.next().unwrap_or_default() {
        "any" => None,
        prefix => Some(prefix.parse()?),
    };
    if words.next_if_eq(&"port").is_none() {
        return Ok((prefix, None));
    }
    let text = words.next().unwrap_or_default();
    let wrong = |_| RuleError { word: text.to_owned(), expected: "a port, or two with `-` between" };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let ports: Ports = first.parse().map_err(wrong)?..=last.parse().map_err(wrong)?;
    if ports.is_empty() {
        let expected = "two ports of which the first isn't above the second";
        return Err(RuleError { word: text.to_owned(), expected });
    }
    Ok((prefix, Some(ports)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_of_no_bits_holds_all() {
        let holds_all = |text: &str| text.parse::<Prefix>().unwrap().holds_all();
        assert!(holds_all("0.0.0.0/0") && holds_all("::/0") && !holds_all("10.0.0.0/8"));
    }

    #[test]
    fn rules_are_read_as_they_are_written() {
        for text in [
            "allow",
            "deny tcp",
            "log proto 50 to fe80::/10",
            "allow udp from 10.0.0.0/8 port 1024-65535 to any port 53",
            "deny from any port 7 to 10.0.0.1/32",
        ] {
            assert_eq!(text.parse::<Rule>().map(|rule| rule.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("allow to 10.0.0.1".parse::<Rule>().unwrap().to_string(), "allow to 10.0.0.1/32");
        for (text, word) in [
            ("permit tcp", "permit"),
            ("allow tpc", "tpc"),
            ("allow proto 256", "256"),
            ("allow to 10.0.0.0/33", "10.0.0.0/33"),
            ("allow to 10.0.0.0 port 1-70000", "1-70000"),
            ("allow to 10.0.0.0 port 100-20", "100-20"),
            ("allow to any from any", "from"),
            ("allow from", ""),
        ] {
            assert_eq!(text.parse::<Rule>().unwrap_err().word, word, "{text}");
        }
    }
}
