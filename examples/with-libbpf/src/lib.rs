#![doc = include_str!("../README.md")]

use std::error::Error;
use std::ffi::CString;

use libbpf_rs::{Map, MapCore as _, Object, ObjectBuilder, ProgramMut};

/// Loads an object.
///
/// # Errors
/// What libbpf says.
pub fn load(object: &[u8]) -> Result<Object, Box<dyn Error>> {
    Ok(ObjectBuilder::default().open_memory(object)?.load()?)
}

/// The program of a name.
///
/// # Errors
/// There is none.
pub fn program<'a>(object: &'a Object, name: &str) -> Result<ProgramMut<'a>, Box<dyn Error>> {
    object
        .progs_mut()
        .find(|program| program.name() == name)
        .ok_or_else(|| format!("no program {name}").into())
}

/// The map of a name.
///
/// # Errors
/// There is none.
pub fn map<'a>(object: &'a Object, name: &str) -> Result<Map<'a>, Box<dyn Error>> {
    object.maps().find(|map| map.name() == name).ok_or_else(|| format!("no map {name}").into())
}

/// The index of a network interface.
///
/// # Errors
/// There is none of that name.
pub fn interface_index(name: &str) -> Result<i32, Box<dyn Error>> {
    let name = CString::new(name)?;
    // SAFETY: the name ends in a NUL.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(std::io::Error::last_os_error().into()),
        index => Ok(index.try_into()?),
    }
}
