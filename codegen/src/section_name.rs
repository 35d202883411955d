//! The ELF sections of programs: their name tells loaders the program type, and more that a verdict depends on.
//!
//! The names stand in the rows of program types ([`knockwright_asm::linux::prog_type`]).

pub use knockwright_asm::linux::section::{Rest, Section, Tells, all};

use knockwright_asm::ProgType;

/// The section that a program of a type is written to; `None` if its name has to say what the program is attached to
/// (`fentry/FUNCTION`, `lsm/HOOK`, …).
pub fn of(prog_type: ProgType) -> Option<&'static str> {
    prog_type.facts().section
}

/// What the name of a section of programs tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meaning {
    /// The program type.
    pub prog_type: ProgType,
    /// The row of the name.
    pub section: &'static Section,
    /// What the name tells besides the type: that of the row, that the program may sleep (`.s`), and [`Tells::Unknown`] where
    /// libbpf knows no section of the whole name.
    pub tells: Vec<Tells>,
}

/// What loaders read from a section's name; `None` if none of them knows the name. Not each takes each name: what libbpf doesn't
/// know has [`Tells::Unknown`].
///
/// A `?` in front, which keeps libbpf from loading the program by itself, is passed over.
///
/// ```
/// use knockwright_asm::ProgType;
/// use knockwright_codegen::section_name::{Tells, meaning};
///
/// let uprobe = meaning("uprobe.s//bin/sh:main").unwrap();
/// assert_eq!((uprobe.prog_type, uprobe.tells), (ProgType::Kprobe, vec![Tells::Sleepable]));
/// assert_eq!(meaning("xdp").unwrap().tells, []);
/// assert_eq!(meaning("xdp/firewall").unwrap().tells, [Tells::Unknown]);
/// assert_eq!(meaning(".text"), None);
/// ```
pub fn meaning(section: &str) -> Option<Meaning> {
    let section = section.strip_prefix('?').unwrap_or(section);
    let fits = |name: &str| {
        section.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
    };
    // The longest name that fits counts: `xdp.frags/devmap` before `xdp`.
    let rows = all().filter(|(_, row)| fits(row.name).is_some());
    let (prog_type, row) = rows.max_by_key(|(_, row)| row.name.len())?;
    let mut tells = row.tells.to_vec();
    let rest = fits(row.name)?;
    match row.rest.allows(rest) {
        true if rest.starts_with('.') => tells.push(Tells::Sleepable),
        true => {}
        false => tells.push(Tells::Unknown),
    }
    Some(Meaning { prog_type, section: row, tells })
}

/// What a section's name says that its program is for: what stands after the first `/`.
///
/// ```
/// use knockwright_codegen::section_name::target;
///
/// assert_eq!(target("fentry.s/vfs_read"), Some("vfs_read"));
/// assert_eq!(target("tp_btf"), None);
/// ```
pub fn target(section: &str) -> Option<&str> {
    let (_, target) = section.split_once('/')?;
    Some(target).filter(|target| !target.is_empty())
}

/// The program type that loaders read from a section's name; `None` if none of them knows the name.
///
/// ```
/// use knockwright_asm::ProgType;
/// use knockwright_codegen::section_name;
///
/// assert_eq!(section_name::prog_type("xdp.frags/devmap"), Some(ProgType::Xdp));
/// assert_eq!(section_name::prog_type("tc"), Some(ProgType::SchedCls));
/// assert_eq!(section_name::prog_type(".text"), None);
/// ```
pub fn prog_type(section: &str) -> Option<ProgType> {
    meaning(section).map(|meaning| meaning.prog_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_type() {
        for &ty in ProgType::ALL {
            if let Some(name) = of(ty) {
                assert_eq!(prog_type(name), Some(ty), "{name}");
            }
        }
    }

    #[test]
    fn each_row_is_found_by_its_own_name() {
        for (prog_type, section) in all() {
            let found = meaning(section.name);
            let unknown = (section.rest == Rest::NotKnown).then_some(Tells::Unknown);
            let tells = section.tells.iter().copied().chain(unknown).collect();
            let wanted = Meaning { prog_type, section, tells };
            assert_eq!(found, Some(wanted), "another row takes {}", section.name);
        }
    }

    #[test]
    fn marks_and_what_stands_after_a_slash() {
        use Tells::{Frags, Sleepable, Target, Unknown};
        for (section, tells) in [
            ("?kprobe/do_unlinkat", &[][..]),
            ("uprobe.multi.s//bin/sh:*", &[Sleepable]),
            ("fentry.s/bpf_fentry_test1", &[Target, Sleepable]),
            ("xdp.frags/anything", &[Frags, Unknown]),
            ("xdp/firewall", &[Unknown]),
            ("classifier/", &[Unknown]),
            ("kprobe.s/do_unlinkat", &[Unknown]),
            ("kprobe.session.s", &[Tells::AttachType, Unknown]),
            ("fentry.sx/f", &[Target, Unknown]),
            ("tcx", &[Unknown]),
            ("xdp.nosuch/x", &[Unknown]),
            ("tp.", &[Unknown]),
            ("tp/a.b/c.s", &[]),
            ("raw_tp.w/x", &[]),
        ] {
            assert_eq!(meaning(section).unwrap().tells, tells, "{section}");
        }
        for section in ["xdpx", "cgroup/nosuch", "", "?", "kprobes/x"] {
            assert_eq!(meaning(section), None, "{section}");
        }
    }
}
