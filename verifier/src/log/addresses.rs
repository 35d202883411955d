//! Addresses of the kernel in logs, which differ from boot to boot.

/// Replaces kernel addresses, which differ from boot to boot, by `0x<address>`.
pub fn without_addresses(log: &str) -> String {
    let mut text = String::with_capacity(log.len());
    let mut rest = log;
    while let Some(at) = rest.find("0xff") {
        let digits = rest[at + 2..].find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len() - at - 2);
        text.push_str(&rest[..at]);
        // Only what a load of a map's address shows is one; bounds have as many digits but no ` = ` in front.
        let is_address = digits == 16 && rest[..at].ends_with(" = ");
        let number = &rest[at..at + 2 + digits];
        text.push_str(if is_address { "0x<address>" } else { number });
        rest = &rest[at + 2 + digits..];
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_replaced_and_bounds_are_not() {
        let log = "69: (18) r1 = 0xffff0000c8b1f400 ; R1\nvar_off=(0x0; 0xffffffffffffffff) r1 = 0xff";
        let wanted = "69: (18) r1 = 0x<address> ; R1\nvar_off=(0x0; 0xffffffffffffffff) r1 = 0xff";
        assert_eq!(without_addresses(log), wanted);
    }
}
