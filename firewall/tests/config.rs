//! Every error and warning of a configuration, with the words that users read.

use std::time::Duration;

use knockwright_firewall::config::{Checked, Severity, Surroundings, check};
use knockwright_firewall::door::{Door, Ipv6};
use knockwright_loader::interface::XdpMode;
use knockwright_loader::xdp::ModeChoice;

/// Debian's defaults.
fn around() -> Surroundings {
    let mut around = Surroundings::default();
    around.file_mode = Some(0o100600);
    around.local_ports = Some(32768..=60999);
    around.reserved_ports = vec![40000..=40000];
    around
}

fn problems(text: &str) -> Vec<String> {
    check(text, &around()).problems.iter().map(ToString::to_string).collect()
}

const GOOD: &str = r#"
interface = "eth0"
mode = "generic"

[[door]]
name = "ssh"
port = 22
sequence = [7000, 8123, 0x2347]
step_timeout = "1500ms"
session = "2m"
ipv6 = "drop"
"#;

#[test]
fn all_keys() {
    let Checked { config, problems, .. } = check(GOOD, &around());
    assert_eq!(problems, []);
    let config = config.unwrap();
    assert_eq!(config.interface.as_deref(), Some("eth0"));
    assert_eq!(config.mode, ModeChoice::Only(XdpMode::Generic));
    let Door { name, port, sequence, step_timeout, session, ipv6, .. } = config.door;
    assert_eq!((name.as_str(), port, ipv6), ("ssh", 22, Ipv6::Drop));
    assert_eq!(sequence.ports(), [7000, 8123, 9031]);
    assert_eq!((step_timeout, session), (Duration::from_millis(1500), Duration::from_secs(120)));
}

#[test]
fn defaults() {
    let text = "[[door]]\nname = \"ssh\"\nport = 22\nsequence = [7000, 8123, 9031]";
    let Checked { config, problems, .. } = check(text, &Surroundings::default());
    assert_eq!(problems, []);
    let config = config.unwrap();
    assert_eq!((config.interface, config.mode), (None, ModeChoice::Auto));
    assert_eq!(
        (config.door.step_timeout, config.door.session),
        (Duration::from_secs(5), Duration::from_secs(60))
    );
    assert_eq!(config.door.ipv6, Ipv6::Drop);
}

/// Replaces a line of the good configuration and gives the problems.
fn with(line: &str, instead: &str) -> Vec<String> {
    let start = GOOD.find(line).expect("a line of the good configuration");
    let end = start + GOOD[start..].find('\n').unwrap();
    problems(&format!("{}{instead}{}", &GOOD[..start], &GOOD[end..]))
}

#[test]
fn each_error() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "interface",
            "interface = 7",
            "2:13: error: `interface` must be the name of an interface in quotes, not an integer",
        ),
        (
            "interface",
            "interface = \"a name too long\\n\"",
            "2:13: error: \"a name too long\\n\" can't be an interface's name: 1 to 15 bytes without `/` and white space",
        ),
        ("mode", "mode = \"skb\"", "3:8: error: `mode` is \"auto\", \"native\" or \"generic\", not \"skb\""),
        (
            "mode",
            "mode = true",
            "3:8: error: `mode` must be \"auto\", \"native\" or \"generic\", not a boolean",
        ),
        (
            "mode",
            "modus = 1",
            "3:1: error: unknown key `modus`; the keys here are `interface`, `mode`, `door`",
        ),
        ("name", "", "5:1: error: this door has no `name`: add one, such as `name = \"ssh\"`"),
        (
            "name",
            "name = \"22\"",
            "6:8: error: \"22\" can't be a door's name: use letters, digits, `_` and `-`, and more than digits, so that it isn't \
             taken for a port",
        ),
        ("port", "", "5:1: error: this door has no `port`: add the TCP port to guard, such as `port = 22`"),
        ("port", "port = 65536", "7:8: error: `port` must be 1 to 65535, not 65536"),
        ("port", "port = 0", "7:8: error: `port` must be 1 to 65535, not 0"),
        ("port", "port = -1", "7:8: error: `port` must be 1 to 65535, not -1"),
        ("port", "port = \"22\"", "7:8: error: `port` must be a number, 1 to 65535, not a string"),
        (
            "sequence",
            "",
            "5:1: error: this door has no `sequence`: add 3 or more UDP ports to knock at, as a list",
        ),
        (
            "sequence",
            "sequence = 7000",
            "8:12: error: `sequence` must be a list of UDP ports, not an integer",
        ),
        (
            "sequence",
            "sequence = []",
            "8:12: error: the sequence is empty: nobody could open the door; give at least 3 ports",
        ),
        (
            "sequence",
            "sequence = [1, 9, 4, 7, 2, 8, 15, 3, 20, 6, 30]",
            "8:12: error: the sequence has 11 knocks, at most 10 are possible",
        ),
        ("sequence", "sequence = [7000, 80000, 9]", "8:19: error: knock 2 must be a port, 1 to 65535"),
        ("sequence", "sequence = [7000, 8000, 0]", "8:25: error: knock 3 must be a port, 1 to 65535"),
        (
            "sequence",
            "sequence = [\"7000\", 8000, 9]",
            "8:13: error: knock 1 must be a port, 1 to 65535, not a string",
        ),
        (
            "step_timeout",
            "step_timeout = 5",
            "9:16: error: `step_timeout` must be a time with its unit in quotes, such as \"5s\", not an integer",
        ),
        (
            "step_timeout",
            "step_timeout = \"0s\"",
            "9:16: error: `step_timeout` is 0: no knock could follow another in time",
        ),
        (
            "session",
            "session = \"5 s\"",
            "10:11: error: `session`: write a number and a unit, such as \"500ms\", \"5s\", \"1m30s\" or \"2h\"",
        ),
        ("session", "session = \"0ms\"", "10:11: error: `session` is 0: the door would close as it opens"),
        (
            "session",
            "session = \"5124096h\"",
            "10:11: error: `session` is longer than 5124095h34m32s709ms, the most that can be counted",
        ),
        (
            "session",
            "session = \"99999999999999999999h\"",
            "10:11: error: `session`: this is longer than 5124095576030 hours",
        ),
        ("ipv6", "ipv6 = \"no\"", "11:8: error: `ipv6` is \"drop\" or \"pass\", not \"no\""),
        (
            "ipv6",
            "ip6 = 1",
            "11:1: error: unknown key `ip6`; the keys here are `name`, `port`, `sequence`, `step_timeout`, `session`, `ipv6`",
        ),
        (
            "[[door]]",
            "[[gate]]",
            "error: there is no door: add `[[door]]` with its `name`, `port` and `sequence`",
        ),
        (
            "[[door]]",
            "[door]",
            "5:1: error: `door` must be a list of tables, each begun by `[[door]]`, not a table",
        ),
        ("port", "port = 22\nport = 23", "8:1: error: duplicate key"),
    ];
    for (line, instead, expected) in cases {
        let found = with(line, instead);
        assert!(found.contains(&(*expected).to_owned()), "{instead}:\n{found:#?}\nnot\n{expected}");
        let one = matches!(*line, "[[door]]") || found.len() == 1;
        assert!(one, "{instead}: {found:#?}");
    }
}

#[test]
fn each_warning() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "sequence",
            "sequence = [7000]",
            "8:12: warning: a sequence of 1 is found by trying: one sweep over all ports opens the door; use 3 or more",
        ),
        (
            "sequence",
            "sequence = [7000, 9000]",
            "8:12: warning: a sequence of 2 is found by trying: within hours at a million packets a second; use 3 or more",
        ),
        (
            "sequence",
            "sequence = [7000, 7001, 7002]",
            "8:12: warning: the ports are neighbours in order: one sweep over all ports opens the door; choose them far apart",
        ),
        (
            "sequence",
            "sequence = [7000, 9001, 9000]",
            "8:12: warning: knocks 2 and 3 are neighbours: a sweep makes both at once; choose ports far apart",
        ),
        (
            "sequence",
            "sequence = [7000, 8000, 9000]",
            "8:12: warning: the ports are the same distance apart, which is easy to guess; choose them at random",
        ),
        (
            "sequence",
            "sequence = [7000, 7000, 9000]",
            "8:12: warning: knocks 1 and 2 are the same port: a packet that the network repeats counts as both; choose another port",
        ),
        (
            "sequence",
            "sequence = [7000, 9000, 7000]",
            "8:12: warning: knock 3 is the same port as knock 1: that leaves less to guess",
        ),
        (
            "step_timeout",
            "step_timeout = \"100ms\"",
            "9:16: warning: `step_timeout` is 100ms: knocks over a network, 50ms apart by default, may come too late",
        ),
        (
            "port",
            "port = 50000",
            "7:8: warning: port 50000 is among those that this machine gives to outgoing connections (32768 to 60999), whose \
             answers would be dropped; reserve it: `sysctl net.ipv4.ip_local_reserved_ports=50000`",
        ),
        (
            "ipv6",
            "ipv6 = \"pass\"",
            "11:8: warning: the port is open to everyone over IPv6; leave `ipv6` out to drop that",
        ),
    ];
    for (line, instead, expected) in cases {
        assert_eq!(with(line, instead), [*expected], "{instead}");
    }
    assert_eq!(with("port", "port = 40000"), [""; 0], "a reserved port");
}

#[test]
fn warnings_leave_a_configuration_and_errors_none() {
    let text = GOOD.replace("8123", "7001");
    let Checked { config, problems, .. } = check(&text, &around());
    assert!(config.is_some() && problems.iter().all(|problem| problem.severity() == Severity::Warning));
    assert!(check(&GOOD.replace("22", "0"), &around()).config.is_none());
}

#[test]
fn all_problems_at_once_in_order() {
    let text = "interfaze = \"x\"\n[[door]]\nport = 0\nsequence = [0, 70000]\n[[door]]\nname = \"b\"\nsession = \"\"\n";
    let expected = [
        "1:1: error: unknown key `interfaze`; the keys here are `interface`, `mode`, `door`",
        "2:1: error: this door has no `name`: add one, such as `name = \"ssh\"`",
        "3:8: error: `port` must be 1 to 65535, not 0",
        "4:13: error: knock 1 must be a port, 1 to 65535",
        "4:16: error: knock 2 must be a port, 1 to 65535",
        "5:1: error: this version guards one door; take this one out, or guard it on another interface",
        "5:1: error: this door has no `port`: add the TCP port to guard, such as `port = 22`",
        "5:1: error: this door has no `sequence`: add 3 or more UDP ports to knock at, as a list",
        "7:11: error: `session`: write a number and a unit, such as \"500ms\", \"5s\", \"1m30s\" or \"2h\"",
    ];
    assert_eq!(problems(text), expected);
}

#[test]
fn syntax_errors_have_places_and_quote_nothing() {
    for (text, place) in [
        ("interface = \"eth0\nmode = 1", "1:18: "),
        ("[[door]]\nsequence = [7123, 8x23]", "2:1"),
        ("[[door]]\nsequence = [7123 8023]", "2:"),
        ("[[door", "1:"),
        ("port = 22 23", "1:"),
        ("ü = ", "1:"),
    ] {
        let found = problems(text);
        assert!(!found.is_empty(), "{text}");
        assert!(found[0].starts_with(place), "{text:?}: {found:?}");
        assert!(found.iter().all(|line| line.contains(": error: ")), "{found:?}");
        assert!(found.iter().all(|line| !line.contains("7123") && !line.contains("8x23")), "{found:?}");
    }
}

#[test]
fn files_that_others_can_read() {
    for (mode, what) in [(0o644, "read"), (0o606, "change"), (0o622, "change")] {
        let mut around = around();
        around.file_mode = Some(0o100000 | mode);
        let Checked { config, problems, .. } = check(GOOD, &around);
        assert!(config.is_some());
        let text = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        let expected = format!(
            "warning: every user of this machine can {what} this file, and the sequence in it is a secret: `chmod 600` it"
        );
        assert_eq!(text, [expected]);
    }
    let mut around = around();
    around.file_mode = Some(0o100640);
    assert_eq!(check(GOOD, &around).problems, []);
}

/// Texts cut, doubled and overwritten anywhere are read without a panic, and no message holds a knock.
#[test]
fn spoilt_texts_are_no_panic() {
    for at in (0..GOOD.len()).filter(|&at| GOOD.is_char_boundary(at)) {
        for junk in ["", "\"", "[", "]", "=", "\n", "{", "}", "ü", "\u{0}", "9", "'''"] {
            for text in [
                GOOD[..at].to_owned() + junk,
                GOOD[..at].to_owned() + junk + &GOOD[at..],
                GOOD[at..].to_owned() + junk,
            ] {
                for problem in problems(&text) {
                    assert!(!problem.contains("8123"), "{text}\n{problem}");
                }
            }
        }
    }
}
