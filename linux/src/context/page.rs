//! The reference page of program types, contexts, kinds of maps and kernel functions.

use std::fmt::Write as _;

use super::{Context, Field, Machine, Sizes, Users};
use crate::map_type::{Direct, Lookup, Values};
use crate::prog_type::{PacketRights, Results, Rules};
use crate::section::Section;
use crate::{KernelVersion, Kfunc, MapType, ProgType, ProgTypes, kfunc};

/// The page `docs/contexts.md`: the program types, the contexts field by field, the kinds of maps and the kernel
/// functions.
pub fn page() -> String {
    let mut out = String::from(HEAD);
    for &prog_type in ProgType::ALL {
        prog_type_row(&mut out, prog_type);
    }
    out.push_str(SECTIONS_HEAD);
    for &prog_type in ProgType::ALL {
        let sections: Vec<String> = prog_type.facts().sections.iter().map(section).collect();
        let _ = writeln!(out, "| {prog_type} | {} |", sections.join(", "));
    }
    out.push_str(CONTEXTS_HEAD);
    for (context, machine) in described() {
        write_context(&mut out, context, machine);
    }
    out.push_str(MAPS_HEAD);
    for &map_type in MapType::ALL {
        map_row(&mut out, map_type);
    }
    out.push_str(KFUNCS_HEAD);
    for kfunc in kfunc::ALL {
        kfunc_row(&mut out, kfunc);
    }
    out
}

const HEAD: &str = "\
# Program types, contexts, maps and kernel functions

Made from the rows in `linux/src/prog_type.rs`, `linux/src/context/`, `linux/src/map_type.rs` and `linux/src/kfunc.rs` by
`knockwright_linux::context::page`; `cargo test` compares. Versions are those of the kernels that have the thing first, as their
sources tell. What programs may do with each byte of a described context is asked of the running kernel by `tests/contexts.rs`.

## Program types

*Results* are what the verifier lets a program return, *packet* is what it may do through pointers into the packet (*load*: no
helper takes them), *classic* tells whether it may use `BPF_LD_ABS` and `BPF_LD_IND`. Where these are empty, they depend on what the
program is for. *Attached* is what a load names if the program says nothing; types that need a target are loaded for a function, a
hook or a struct.

| number | type | since | context | results | packet | classic | attached |
|---|---|---|---|---|---|---|---|
";

const SECTIONS_HEAD: &str = "
## Sections

The names by which loaders know a program's type. Attach types stand in brackets. libbpf takes a name as it stands here alone, and
where it says so also with more: *m* a `/` and anything, *.s* the same after `.s`, where the program may sleep; *o* only other
loaders know it. What else a name tells: *a* the verifier looks at the attach type, *f* packets of several buffers, *t* a target in
the kernel's BTF, *s* the program may sleep.

| type | sections |
|---|---|
";

const CONTEXTS_HEAD: &str = "
## Contexts

Reads and writes are aligned to their size. *Whole*: only in the field's own size; loads that extend the sign only where there is
a *±*. *Parts*: smaller reads too. *Starts*: smaller reads only at the first byte. *Pairs*: as parts, and two elements at once.
*Halves*: whole and half reads. *Padded*: as parts, and reads of twice the size, whose rest is zeros. *Any*: every size that stays
inside, for writes as well. Fields with attach types are there for programs that are loaded with one of these; a load that names none
is one as the type's *attached* above, or else as cgroup_inet_ingress.
";

const MAPS_HEAD: &str = "
## Maps

*Values*: what user space reads and writes. *Address*: whether code may have the address of a value in it. *Bound*: the kernel binds
the map to the first program that uses it, or to its kind. *Types*: the kernel makes it only with the types of key and value.

| number | kind | since | key bytes | values | lookup gives | address | callback for each | bound | types |
|---|---|---|---|---|---|---|---|---|---|
";

const KFUNCS_HEAD: &str = "
## Kernel functions

Functions that programs call by their BTF id, with the prototypes that 6.18 has. *Since* and *until* are the first of eleven kernels
(5.10, 6.1, 6.12, 6.16 to 7.3) that has the function, and the first that has it no longer. *Called by* is what 6.18 allows of the
types that it loads without a target. Those for schedulers (`scx_bpf_*`) and congestion control, those that only programs with a
target call, and those for the kernel's tests aren't written down.

| function | since | until | called by |
|---|---|---|---|
";

/// Every context whose fields are described, each once, with the machine if it differs by that.
pub(crate) fn described() -> Vec<(&'static Context, Option<Machine>)> {
    let mut contexts: Vec<(&Context, Option<Machine>)> = Vec::new();
    for prog_type in ProgType::ALL {
        for &machine in Machine::ALL {
            let Some(context) = prog_type.context_on(machine) else { continue };
            let differs = context.fields != prog_type.context_on(Machine::X86_64).and_then(|one| one.fields)
                || context.fields != prog_type.context_on(Machine::Arm64).and_then(|one| one.fields);
            if !contexts.iter().any(|(other, _)| std::ptr::eq(*other, context)) {
                contexts.push((context, differs.then_some(machine)));
            }
        }
    }
    contexts
}

fn prog_type_row(out: &mut String, prog_type: ProgType) {
    let facts = prog_type.facts();
    let context = facts.context.or(prog_type.context_on(Machine::X86_64));
    let context = context.map_or(String::new(), Context::title);
    let (results, packet, classic) = match &facts.rules {
        None => (String::new(), "", ""),
        Some(rules) => (
            allowed(rules),
            match rules.packet {
                PacketRights::None => "no",
                PacketRights::Load => "load",
                PacketRights::Read => "read",
                PacketRights::Write => "read, write",
            },
            if rules.classic_loads { "yes" } else { "no" },
        ),
    };
    let attached = match facts.usual_attach {
        Some(attach) => attach.name(),
        None if facts.needs_target => "to a target",
        None => "",
    };
    let (number, since) = (prog_type.number(), facts.since);
    let _ = writeln!(
        out,
        "| {number} | {prog_type} | {since} | {context} | {results} | {packet} | {classic} | {attached} |"
    );
}

/// What programs may return.
fn allowed(rules: &Rules) -> String {
    let words = |results| match results {
        Results::Any => "any".to_owned(),
        Results::Within(low, high) if low == high => low.to_string(),
        Results::Within(low, high) => format!("{low} to {high}"),
    };
    let mut text = words(rules.results);
    for row in rules.results_attached {
        let _ = write!(text, "; {} as {} since {}", words(row.results), row.attached, row.since);
    }
    text
}

fn section(section: &Section) -> String {
    use crate::section::{Rest, Tells};
    let mut text = format!("`{}`", section.name);
    text.push_str(match section.rest {
        Rest::Nothing => "",
        Rest::More => " *m*",
        Rest::MoreOrAsleep => " *m* *.s*",
        Rest::NotKnown => " *o*",
    });
    if let Some(attach) = section.attach {
        let _ = write!(text, " [{attach}]");
    }
    for tells in section.tells {
        text.push_str(match tells {
            Tells::AttachType => " *a*",
            Tells::Sleepable => " *s*",
            Tells::Frags => " *f*",
            Tells::Target => " *t*",
            Tells::Unknown => " ?",
        });
    }
    text
}

fn write_context(out: &mut String, context: &'static Context, machine: Option<Machine>) {
    let on = machine.unwrap_or(Machine::X86_64);
    let has =
        |prog_type: &&ProgType| prog_type.context_on(on).is_some_and(|other| std::ptr::eq(other, context));
    let sharing: Vec<ProgType> = ProgType::ALL.iter().filter(has).copied().collect();
    let sharing = ProgTypes::of(&sharing);
    let machine = machine.map_or(String::new(), |machine| format!(" on {}", machine.name()));
    let _ = write!(
        out,
        "\n### {}{machine}\n\nThe context of {sharing}.\n\n| offset | field | bytes | holds | sizes | read by | written by | since |\n\
         |---|---|---|---|---|---|---|---|\n",
        context.title(),
    );
    for field in context.fields.into_iter().flatten() {
        field_row(out, field, sharing);
    }
}

/// Who reads or writes a field, in few words.
fn users_of(users_of: Users, sharing: ProgTypes) -> String {
    let mut text = users(users_of.programs, sharing);
    if let Some(attached) = users_of.attached.filter(|_| !users_of.programs.is_empty()) {
        let _ = write!(text, ", attached as {attached}");
    }
    if let Some(since) = users_of.since {
        let _ = write!(text, ", since {since}");
    }
    text
}

/// The names of the types in a set, or in few words how it differs from all that share the context.
fn users(set: ProgTypes, sharing: ProgTypes) -> String {
    let missing = sharing.without(set);
    match (set.is_empty(), missing.iter().count()) {
        (true, _) => String::new(),
        (_, 0) => "all".to_owned(),
        (_, missing_ones) if missing_ones < set.iter().count() => format!("all but {missing}"),
        _ => set.to_string(),
    }
}

fn field_row(out: &mut String, field: &Field, sharing: ProgTypes) {
    let elements = field.elements.map_or(String::new(), |elements| format!("[{elements}]"));
    let signed = if field.sizes == Sizes::WholeSigned { " ±" } else { "" };
    let _ = writeln!(
        out,
        "| {} | `{}{elements}` | {} | {} | {}{signed} | {} | {} | {} |",
        field.offset,
        field.name,
        field.end() - field.offset,
        field.holds.words(),
        field.sizes.words(),
        users_of(field.read, sharing),
        users_of(field.written, sharing),
        field.since
    );
}

fn map_row(out: &mut String, map_type: MapType) {
    let facts = map_type.facts();
    let yes = |is| if is { "yes" } else { "" };
    let values = match facts.values {
        Values::One => "the value",
        Values::PerCpu => "one for each processor",
        Values::Descriptors => "descriptors or ids",
    };
    let lookup = match facts.lookup {
        Lookup::MapValue => "the value",
        Lookup::Object => "something else",
    };
    let direct = match facts.direct {
        Direct::Refused => "",
        Direct::Allowed => "of maps with one entry",
        Direct::Other => "of something else",
    };
    let since: KernelVersion = facts.since;
    let _ = writeln!(
        out,
        "| {} | {map_type} | {since} | {} | {values} | {lookup} | {direct} | {} | {} | {} |",
        map_type.number(),
        facts.key_size.map_or(String::new(), |size| size.to_string()),
        yes(facts.each),
        yes(facts.bound),
        yes(facts.needs_types)
    );
}

fn kfunc_row(out: &mut String, kfunc: &Kfunc) {
    let until = kfunc.until.map_or(String::new(), |until| until.to_string());
    let programs = users(kfunc.programs, kfunc::ASKED);
    let _ = writeln!(out, "| `{}` | {} | {until} | {programs} |", kfunc.prototype(), kfunc.since);
}
