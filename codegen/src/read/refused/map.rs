//! Definitions of maps in section `.maps`, member by member.

use knockwright_asm::MapType;
use knockwright_asm::linux::errno::{E2BIG, EINVAL, ENOENT, EOPNOTSUPP};

use super::variables::{of_section, type_of};
use super::{ARENA, MAPS, Taken, looked_at, refuse};
use crate::btf::map::PIN_BY_NAME;
use crate::btf::{Btf, Field, Kind, Linkage, SectionVar, TypeId};
use crate::elf_file::ElfFile;
use crate::read::dropped::ObjectFact;

/// Of the machines whose kernels are asked.
const PAGE: u64 = 4096;

/// What a definition comes to, as far as others depend on it.
#[derive(Debug, Clone, Default)]
pub(super) struct Definition {
    pub(super) map_type: u32,
    pub(super) key_size: u32,
    pub(super) value_size: u32,
    /// The type of its values, if it has one.
    pub(super) value: Option<TypeId>,
    pub(super) max_entries: u32,
    pub(super) flags: u32,
    /// What the maps in it are like.
    pub(super) inner: Option<Box<Definition>>,
}

impl Definition {
    pub(super) fn is(&self, map_type: MapType) -> bool {
        self.map_type == map_type.number()
    }

    pub(super) fn is_of_maps(&self) -> bool {
        self.is(MapType::ArrayOfMaps) || self.is(MapType::HashOfMaps)
    }
}

/// A map by its variable.
pub(super) struct Map<'a> {
    pub(super) name: &'a str,
    pub(super) var: SectionVar,
    pub(super) members: &'a [Field],
    pub(super) is: Definition,
}

/// The maps of an object, in the order of their places.
pub(super) fn definitions<'a>(file: &'a ElfFile<'_>) -> Result<Vec<Map<'a>>, ObjectFact> {
    let (Some(btf), Some((_, section))) =
        (file.btf.as_deref(), looked_at(file).filter(|(_, section)| section.name == MAPS).last())
    else {
        return Ok(Vec::new());
    };
    let Some(vars) = of_section(file, btf, MAPS) else {
        return refuse(ENOENT, "DATASEC '.maps' not found");
    };
    let maps: Result<Vec<_>, _> = vars.into_iter().map(|var| map(btf, var, section.header.sh_size)).collect();
    let maps = maps?;
    arena(file, &maps)?;
    Ok(maps)
}

fn map(btf: &Btf, var: SectionVar, section_size: u64) -> Result<Map<'_>, ObjectFact> {
    let Some(Kind::Var { name, linkage, .. }) = btf.get(var.var) else {
        return refuse(EINVAL, "a map is no variable");
    };
    let of = |why: &str| format!("map '{name}': {why}");
    if u64::from(var.offset) + u64::from(var.size) > section_size {
        return refuse(EINVAL, of("BTF data is corrupted: it reaches past section .maps"));
    }
    if *linkage != Linkage::Global {
        return refuse(EOPNOTSUPP, of(&format!("unsupported map linkage {}", linkage.label())));
    }
    let Some(Kind::Struct { members, size, .. }) = type_of(btf, var.var) else {
        return refuse(EINVAL, of("unexpected def kind: it's no struct"));
    };
    if *size > var.size {
        return refuse(EINVAL, of("invalid def size"));
    }
    Ok(Map { name, is: Reader { btf, name, is_inner: false }.read(members)?, var, members })
}

/// At most one map is an arena, and variables that are in one have it.
fn arena(file: &ElfFile<'_>, maps: &[Map<'_>]) -> Taken {
    let mut arenas = maps.iter().filter(|map| map.is.is(MapType::Arena));
    let first = arenas.next();
    if let Some(other) = arenas.next() {
        let why = format!("map '{}': only single ARENA map is supported", other.name);
        return refuse(EINVAL, why);
    }
    let data = looked_at(file).find(|(_, section)| section.name == ARENA && section.header.sh_size > 0);
    let Some((_, data)) = data else { return Ok(()) };
    let size = data.header.sh_size;
    match first {
        None => refuse(ENOENT, format!("sec '{ARENA}': no map in .maps is an arena for its variables")),
        Some(map) if size.div_ceil(PAGE) > map.is.max_entries.into() => {
            let why = format!("sec '{ARENA}': the map '{}' is too small for {size} bytes", map.name);
            refuse(E2BIG, why)
        }
        Some(_) => Ok(()),
    }
}

/// A definition that is being read.
struct Reader<'a> {
    btf: &'a Btf,
    name: &'a str,
    is_inner: bool,
}

impl Reader<'_> {
    fn refuse<T>(&self, errno: i32, why: &str) -> Result<T, ObjectFact> {
        refuse(errno, format!("map '{}': {why}", self.name))
    }

    fn read(&self, members: &[Field]) -> Result<Definition, ObjectFact> {
        let mut is = Definition::default();
        for (index, member) in members.iter().enumerate() {
            let number = || self.number(member);
            match member.name.as_str() {
                "type" => is.map_type = number()?,
                "max_entries" => is.max_entries = number()?,
                "map_flags" => is.flags = number()?,
                "numa_node" => drop(number()?),
                "key_size" => self.set("key", &mut is.key_size, number()?)?,
                "value_size" => self.set("value", &mut is.value_size, number()?)?,
                "key" => self.set("key", &mut is.key_size, self.size("key", member)?)?,
                "value" => {
                    self.set("value", &mut is.value_size, self.size("value", member)?)?;
                    if let Some(Kind::Ptr { to }) = self.btf.get(member.ty) {
                        is.value = Some(*to);
                    }
                }
                "values" => {
                    let is_last = index + 1 == members.len();
                    self.values(&mut is, member, is_last)?;
                }
                "pinning" => self.pinning(member)?,
                "map_extra" => self.extra(member)?,
                other => return self.refuse(EOPNOTSUPP, &format!("unknown field '{other}'")),
            }
        }
        match is.map_type {
            0 => self.refuse(EINVAL, "map type isn't specified"),
            _ => Ok(is),
        }
    }

    /// A number that is the length of an array, of which the member is a pointer.
    fn number(&self, member: &Field) -> Result<u32, ObjectFact> {
        let Some(Kind::Ptr { to }) = self.btf.get(self.btf.resolve(member.ty)) else {
            return self.refuse(EINVAL, &format!("attr '{}': expected PTR", member.name));
        };
        match self.btf.get(*to) {
            Some(Kind::Array { len, .. }) => Ok(*len),
            _ => self.refuse(EINVAL, &format!("attr '{}': expected ARRAY", member.name)),
        }
    }

    /// The size of what a member is a pointer to.
    fn size(&self, what: &str, member: &Field) -> Result<u32, ObjectFact> {
        let Some(Kind::Ptr { to }) = self.btf.get(member.ty) else {
            return self.refuse(EINVAL, &format!("{what} spec is not PTR"));
        };
        match self.btf.size(*to) {
            Some(size) => Ok(size),
            None => self.refuse(EINVAL, &format!("can't determine {what} size for type [{}]", to.0)),
        }
    }

    /// Sizes that are said twice are the same.
    fn set(&self, what: &str, known: &mut u32, size: u32) -> Taken {
        if *known != 0 && *known != size {
            return self.refuse(EINVAL, &format!("conflicting {what} size {known} != {size}"));
        }
        *known = size;
        Ok(())
    }

    fn pinning(&self, member: &Field) -> Taken {
        if self.is_inner {
            return self.refuse(EINVAL, "inner def can't be pinned");
        }
        match self.number(member)? {
            0..=PIN_BY_NAME => Ok(()),
            other => self.refuse(EINVAL, &format!("invalid pinning value {other}")),
        }
    }

    /// A number, or an enum with one value.
    fn extra(&self, member: &Field) -> Taken {
        match self.btf.get(self.btf.resolve(member.ty)) {
            Some(Kind::Ptr { .. }) => self.number(member).map(drop),
            Some(Kind::Enum { values, .. } | Kind::Enum64 { values, .. }) => match values.len() {
                1 => Ok(()),
                _ => self.refuse(EINVAL, "attr 'map_extra': invalid __ulong"),
            },
            _ => self.refuse(EINVAL, "attr 'map_extra': expected ENUM or ENUM64"),
        }
    }

    /// What is in the map: maps, or programs.
    fn values(&self, is: &mut Definition, member: &Field, is_last: bool) -> Taken {
        let is_of_programs = is.is(MapType::ProgArray);
        if self.is_inner {
            return self.refuse(EOPNOTSUPP, "multi-level inner maps not supported");
        }
        if !is_last {
            return self.refuse(EINVAL, "'values' member should be last");
        }
        if !is.is_of_maps() && !is_of_programs {
            return self.refuse(EOPNOTSUPP, "should be map-in-map or prog-array");
        }
        self.set("value", &mut is.value_size, size_of::<u32>() as u32)?;
        let to = match self.btf.get(member.ty) {
            Some(Kind::Array { element, len: 0, .. }) => self.pointee(*element),
            _ => return self.refuse(EINVAL, "the spec of 'values' is not a zero-sized array"),
        };
        match to {
            Some(Kind::FuncProto { .. }) if is_of_programs => Ok(()),
            Some(Kind::Struct { members, .. }) if !is_of_programs => {
                let name = format!("{}.inner", self.name);
                let inner = Reader { btf: self.btf, name: &name, is_inner: true }.read(members)?;
                is.inner = Some(Box::new(inner));
                Ok(())
            }
            _ => self.refuse(EINVAL, "the def of 'values' is of unexpected kind"),
        }
    }

    fn pointee(&self, ty: TypeId) -> Option<&Kind> {
        match self.btf.get(self.btf.resolve(ty))? {
            Kind::Ptr { to } => self.btf.get(self.btf.resolve(*to)),
            _ => None,
        }
    }
}
