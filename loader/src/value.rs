//! Rust values of map keys and map values as bytes, and back.
//!
//! A [`BpfType`] says where its integers stand. Only those bytes are copied; padding is zero in what goes to the kernel
//! and is ignored in what comes from it. A boolean that the kernel gives as anything but 0 is `true`.

use std::mem::MaybeUninit;

use knockwright_asm::{BpfType, IntType, Type};

/// The layout of `T` doesn't describe `T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the layout given for `{type_name}` describes {described} bytes, the type has {actual}; declare it with bpf_struct!"
)]
#[non_exhaustive]
pub struct LayoutMismatch {
    /// The Rust type.
    pub type_name: &'static str,
    /// The size in bytes that the layout gives.
    pub described: u32,
    /// The size in bytes that the type has.
    pub actual: usize,
}

/// Checks that the layout of `T` stays within `T`.
pub(crate) fn check_layout<T: BpfType>() -> Result<(), LayoutMismatch> {
    let described = T::TYPE.size();
    let mut inside = true;
    for_each_int(&T::TYPE, 0, &mut |offset, int| {
        inside &= offset + int.size as usize <= size_of::<T>();
    });
    if inside && described as usize == size_of::<T>() && T::TYPE.align() as usize == align_of::<T>() {
        Ok(())
    } else {
        Err(LayoutMismatch { type_name: std::any::type_name::<T>(), described, actual: size_of::<T>() })
    }
}

/// The bytes of a value, with padding zeroed.
///
/// # Errors
/// [`LayoutMismatch`] if `T::TYPE` has another size than `T`.
pub fn to_bytes<T: BpfType>(value: &T) -> Result<Vec<u8>, LayoutMismatch> {
    check_layout::<T>()?;
    let mut bytes = vec![0; size_of::<T>()];
    let from = std::ptr::from_ref(value).cast::<u8>();
    for_each_int(&T::TYPE, 0, &mut |offset, int| {
        // SAFETY: the layout was checked to stay within `T` and `bytes`, and it names members, whose bytes are initialised.
        unsafe {
            std::ptr::copy_nonoverlapping(
                from.add(offset),
                bytes.as_mut_ptr().add(offset),
                int.size as usize,
            );
        }
    });
    Ok(bytes)
}

/// A value from the bytes of a map or an event.
///
/// # Errors
/// [`LayoutMismatch`] if `bytes` or `T::TYPE` has another size than `T`.
pub fn from_bytes<T: BpfType>(bytes: &[u8]) -> Result<T, LayoutMismatch> {
    check_layout::<T>()?;
    if bytes.len() != size_of::<T>() {
        return Err(LayoutMismatch {
            type_name: std::any::type_name::<T>(),
            described: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            actual: size_of::<T>(),
        });
    }
    let mut value = MaybeUninit::<T>::zeroed();
    let to = value.as_mut_ptr().cast::<u8>();
    for_each_int(&T::TYPE, 0, &mut |offset, int| {
        let from = &bytes[offset..offset + int.size as usize];
        // SAFETY: the layout was checked to stay within `T`; `from` has `int.size` bytes and isn't part of `value`.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), to.add(offset), from.len()) };
        if int.encoding.bool {
            // SAFETY: as above; a boolean is one byte, and 0 and 1 are the two that it may hold.
            unsafe { to.add(offset).write(u8::from(from != [0])) };
        }
    });
    // SAFETY: a `BpfType` consists of integers and booleans, at the offsets of its layout. All are initialised, and every
    // integer's bytes are valid; booleans were set to 0 or 1.
    Ok(unsafe { value.assume_init() })
}

/// Calls `f` with each integer of a type and its offset in bytes.
fn for_each_int(ty: &Type, offset: usize, f: &mut impl FnMut(usize, &IntType)) {
    match ty {
        Type::Int(int) => f(offset, int),
        Type::Array { element, len } => {
            for at in 0..*len as usize {
                for_each_int(element, offset + at * element.size() as usize, f);
            }
        }
        Type::Struct(layout) => {
            for member in layout.members {
                for_each_int(&member.ty, offset + member.offset as usize, f);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use knockwright_asm::bpf_struct;

    use super::*;

    bpf_struct! {
        struct Inner as "inner" {
            ports: [u16; 3],
            done: bool,
        }
        struct Outer as "outer" {
            step: u8,
            time: u64,
            inner: Inner,
        }
    }

    #[test]
    fn values_go_there_and_back() {
        let value =
            Outer { step: 7, time: 0x0102_0304_0506_0708, inner: Inner { ports: [1, 2, 3], done: true } };
        let bytes = to_bytes(&value).unwrap();
        assert_eq!(bytes.len(), size_of::<Outer>());
        assert_eq!(bytes[1..8], [0; 7], "padding is zero");
        assert_eq!(from_bytes::<Outer>(&bytes).unwrap(), value);
    }

    #[test]
    fn strange_booleans_and_padding_are_harmless() {
        let all_ones = vec![0xff; size_of::<Outer>()];
        let value = from_bytes::<Outer>(&all_ones).unwrap();
        assert!(value.inner.done);
        assert_eq!(value.step, 0xff);
        assert_eq!(to_bytes(&value).unwrap()[1..8], [0; 7]);
    }

    #[test]
    fn wrong_sizes_are_errors() {
        assert_eq!(from_bytes::<u32>(&[0; 5]).unwrap_err().described, 5);
        #[derive(Clone, Copy)]
        struct Liar(#[allow(dead_code)] u16);
        // SAFETY: not kept, on purpose: the description is of another size, which must be noticed.
        unsafe impl BpfType for Liar {
            const TYPE: Type = u64::TYPE;
        }
        assert!(to_bytes(&Liar(1)).is_err());
        assert!(from_bytes::<Liar>(&[0; 2]).is_err());
    }
}
