//! From TOML to a configuration, key by key, so that every problem is found and has its place.

use std::ops::Range;
use std::time::Duration;

use knockwright_loader::interface::{XdpMode, is_name};
use knockwright_loader::xdp::ModeChoice;
use knockwright_programs::knock::MAX_SEQUENCE_LENGTH;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::{MAX_BYTES, Place, Problem, ProblemKind, Surroundings, advice};
use crate::door::{Config, Door, Ipv6, MAX_TIMEOUT, Sequence};
use crate::duration::{self, Readable};

/// Below this, a warning: the client's default pause is 50 ms, and networks add theirs.
const SHORT_STEP: Duration = Duration::from_millis(200);

/// Reads as much as can be read. The configuration means nothing if a problem is an error.
pub(super) fn read(text: &str, around: &Surroundings) -> (Option<Config>, Vec<Problem>) {
    let mut reader = Reader { text, around, problems: Vec::new() };
    if text.len() > MAX_BYTES {
        return (None, vec![Problem { place: None, kind: ProblemKind::TooLarge }]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        // The error's own `Display` quotes the line, which may hold the sequence.
        let kind = ProblemKind::Syntax(error.message().to_owned());
        reader.report(error.span().unwrap_or_default(), kind);
    }
    if !errors.is_empty() {
        return (None, reader.problems());
    }
    let config = reader.file(table.get_ref());
    (config, reader.problems())
}

struct Reader<'t> {
    text: &'t str,
    around: &'t Surroundings,
    /// Each with its byte; none for the file as a whole.
    problems: Vec<(Option<usize>, ProblemKind)>,
}

type Value<'i> = Spanned<DeValue<'i>>;

impl Reader<'_> {
    fn report(&mut self, span: Range<usize>, kind: ProblemKind) {
        self.problems.push((Some(span.start), kind));
    }

    /// The problems in the order of their places. One walk over the text finds all places, however many there are.
    fn problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|(at, _)| (at.is_none(), *at));
        let mut walk = Walk { text: self.text, at: 0, place: Place { line: 1, column: 1 } };
        let place =
            |(at, kind): (Option<usize>, ProblemKind)| Problem { place: at.map(|at| walk.to(at)), kind };
        self.problems.into_iter().map(place).collect()
    }

    fn file(&mut self, table: &DeTable<'_>) -> Option<Config> {
        self.known_keys(table, &["interface", "mode", "door"]);
        let interface = table.get("interface").and_then(|value| self.interface(value));
        let mode = table.get("mode").map_or(Some(ModeChoice::Auto), |value| self.mode(value));
        let door = self.doors(table);
        Some(Config { interface, mode: mode?, door: door? })
    }

    fn known_keys(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let known = format!("`{}`", known.join("`, `"));
            self.report(key.span(), ProblemKind::UnknownKey { key: key.get_ref().to_string(), known });
        }
    }

    fn wrong_type(&mut self, value: &Value<'_>, what: &str, wanted: &'static str) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.report(value.span(), ProblemKind::WrongType { what: what.to_owned(), wanted, found });
    }

    fn string<'v>(&mut self, value: &'v Value<'_>, key: &str, wanted: &'static str) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(value, &format!("`{key}`"), wanted);
        }
        text
    }

    fn interface(&mut self, value: &Value<'_>) -> Option<String> {
        let name = self.string(value, "interface", "the name of an interface in quotes")?;
        if !is_name(name) {
            self.report(value.span(), ProblemKind::BadInterface(name.to_owned()));
            return None;
        }
        Some(name.to_owned())
    }

    fn mode(&mut self, value: &Value<'_>) -> Option<ModeChoice> {
        const KNOWN: &str = "\"auto\", \"native\" or \"generic\"";
        Some(match self.string(value, "mode", KNOWN)? {
            "auto" => ModeChoice::Auto,
            "native" => ModeChoice::Only(XdpMode::Native),
            "generic" => ModeChoice::Only(XdpMode::Generic),
            other => {
                let found = other.to_owned();
                self.report(value.span(), ProblemKind::NotOneOf { key: "mode", known: KNOWN, found });
                return None;
            }
        })
    }

    fn doors(&mut self, table: &DeTable<'_>) -> Option<Door> {
        let Some(value) = table.get("door") else {
            self.problems.push((None, ProblemKind::NoDoor));
            return None;
        };
        let Some(doors) = value.get_ref().as_array() else {
            self.wrong_type(value, "`door`", "a list of tables, each begun by `[[door]]`");
            return None;
        };
        if doors.is_empty() {
            self.report(value.span(), ProblemKind::NoDoor);
        }
        let mut first = None;
        for (at, door) in doors.iter().enumerate() {
            if at > 0 {
                self.report(door.span(), ProblemKind::SecondDoor);
            }
            let read = match door.get_ref().as_table() {
                Some(table) => self.door(table, door.span()),
                None => {
                    self.wrong_type(door, "a door", "a table, begun by `[[door]]`");
                    None
                }
            };
            if at == 0 {
                first = read;
            }
        }
        first
    }

    fn door(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Option<Door> {
        self.known_keys(table, &["name", "port", "sequence", "step_timeout", "session", "ipv6"]);
        let mut needed = |key, hint| {
            let value = table.get(key);
            if value.is_none() {
                self.report(span.clone(), ProblemKind::Missing { key, hint });
            }
            value
        };
        let name = needed("name", "add one, such as `name = \"ssh\"`");
        let port = needed("port", "add the TCP port to guard, such as `port = 22`");
        let sequence = needed("sequence", "add 3 or more UDP ports to knock at, as a list");
        let name = name.and_then(|value| self.name(value));
        let port = port.and_then(|value| self.port(value));
        let sequence = sequence.and_then(|value| self.sequence(value));
        let step_timeout = match table.get("step_timeout") {
            Some(value) => self.time(value, "step_timeout", "no knock could follow another in time"),
            None => Some(Door::DEFAULT_STEP_TIMEOUT),
        };
        if let (Some(value), Some(time)) = (table.get("step_timeout"), step_timeout)
            && time < SHORT_STEP
        {
            self.report(value.span(), ProblemKind::ShortStep(Readable(time)));
        }
        let session = match table.get("session") {
            Some(value) => self.time(value, "session", "the door would close as it opens"),
            None => Some(Door::DEFAULT_SESSION),
        };
        let ipv6 = table.get("ipv6").map_or(Some(Ipv6::Drop), |value| self.ipv6(value));
        Some(Door {
            name: name?,
            port: port?,
            sequence: sequence?,
            step_timeout: step_timeout?,
            session: session?,
            ipv6: ipv6?,
        })
    }

    fn name(&mut self, value: &Value<'_>) -> Option<String> {
        let name = self.string(value, "name", "a string")?;
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(fits) || name.chars().all(|c| c.is_ascii_digit()) {
            self.report(value.span(), ProblemKind::BadName(name.to_owned()));
            return None;
        }
        Some(name.to_owned())
    }

    fn port(&mut self, value: &Value<'_>) -> Option<u16> {
        let Some(number) = value.get_ref().as_integer() else {
            self.wrong_type(value, "`port`", "a number, 1 to 65535");
            return None;
        };
        let Some(port) = port(number) else {
            self.report(value.span(), ProblemKind::BadPort(number.to_string()));
            return None;
        };
        let given = self.around.local_ports.clone().filter(|range| range.contains(&port));
        let reserved = self.around.reserved_ports.iter().any(|range| range.contains(&port));
        if let Some(range) = given.filter(|_| !reserved) {
            let (first, last) = range.into_inner();
            self.report(value.span(), ProblemKind::LocalPort { port, first, last });
        }
        Some(port)
    }

    fn sequence(&mut self, value: &Value<'_>) -> Option<Sequence> {
        let Some(knocks) = value.get_ref().as_array() else {
            self.wrong_type(value, "`sequence`", "a list of UDP ports");
            return None;
        };
        match knocks.len() {
            0 => self.report(value.span(), ProblemKind::EmptySequence),
            1..=MAX_SEQUENCE_LENGTH => {}
            length => self.report(value.span(), ProblemKind::LongSequence { length }),
        }
        let mut ports = Vec::new();
        for (at, knock) in knocks.iter().enumerate() {
            match knock.get_ref().as_integer() {
                None => {
                    self.wrong_type(knock, &format!("knock {}", at + 1), "a port, 1 to 65535");
                }
                Some(number) => match port(number) {
                    Some(port) => ports.push(port),
                    None => self.report(knock.span(), ProblemKind::BadKnock { knock: at + 1 }),
                },
            }
        }
        if ports.len() < knocks.len() {
            return None;
        }
        let sequence = Sequence::new(ports).ok()?; // the reasons against it are reported above
        for kind in advice::on_sequence(sequence.ports()) {
            self.report(value.span(), kind);
        }
        Some(sequence)
    }

    fn time(&mut self, value: &Value<'_>, key: &'static str, consequence: &'static str) -> Option<Duration> {
        let text = self.string(value, key, "a time with its unit in quotes, such as \"5s\"")?;
        let kind = match duration::parse(text) {
            Ok(Duration::ZERO) => ProblemKind::NoTime { key, consequence },
            Ok(time) if time > MAX_TIMEOUT => ProblemKind::LongTime { key },
            Ok(time) => return Some(time),
            Err(error) => ProblemKind::BadTime { key, error },
        };
        self.report(value.span(), kind);
        None
    }

    fn ipv6(&mut self, value: &Value<'_>) -> Option<Ipv6> {
        const KNOWN: &str = "\"drop\" or \"pass\"";
        match self.string(value, "ipv6", KNOWN)? {
            "drop" => Some(Ipv6::Drop),
            "pass" => {
                self.report(value.span(), ProblemKind::OpenIpv6);
                Some(Ipv6::Pass)
            }
            other => {
                let found = other.to_owned();
                self.report(value.span(), ProblemKind::NotOneOf { key: "ipv6", known: KNOWN, found });
                None
            }
        }
    }
}

fn port(number: &DeInteger<'_>) -> Option<u16> {
    u16::from_str_radix(number.as_str(), number.radix()).ok().filter(|&port| port != 0)
}

/// Finds the places of bytes, each at or after the one before.
struct Walk<'t> {
    text: &'t str,
    at: usize,
    place: Place,
}

impl Walk<'_> {
    fn to(&mut self, at: usize) -> Place {
        let mut end = at.clamp(self.at, self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        for c in self.text.get(self.at..end).unwrap_or_default().chars() {
            match c {
                '\n' => self.place = Place { line: self.place.line + 1, column: 1 },
                _ => self.place.column += 1,
            }
        }
        self.at = end;
        self.place
    }
}
