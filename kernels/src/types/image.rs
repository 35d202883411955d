//! The kernel inside an image, and the sections of it and of other ELF files.

use std::io::Read as _;

use goblin::container::{Container, Ctx};
use goblin::elf::header::{ELFMAG, Header};
use goblin::elf::section_header::SectionHeader;
use goblin::elf::{Elf, header};
use knockwright_btf::Btf;

/// Why a file has no types to take.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The file is of no known format.
    #[error("neither BTF, nor an ELF file, nor a kernel image")]
    Format,
    /// The file is damaged.
    #[error("the {0} is cut off or damaged")]
    Damaged(&'static str),
    /// The kernel is compressed by something that isn't read.
    #[error("the kernel in it is compressed as {0}, which isn't read here: give its vmlinux, or its BTF")]
    Compression(&'static str),
    /// It can't be uncompressed.
    #[error("the kernel in it can't be uncompressed: {0}")]
    Uncompress(String),
    /// The kernel was built without types.
    #[error("it has no section .BTF: the kernel was built without CONFIG_DEBUG_INFO_BTF")]
    NoTypes,
}

/// The types in a file.
pub(super) fn section(file: Vec<u8>) -> Result<Vec<u8>, ImageError> {
    if Btf::endian_of(&file).is_some() {
        return Ok(file);
    }
    of_elf(&kernel(file)?)
}

/// The kernel in an image, an ELF file; a file that is one is that itself.
pub(crate) fn kernel(file: Vec<u8>) -> Result<Vec<u8>, ImageError> {
    if file.starts_with(ELFMAG) { Ok(file) } else { uncompress(payload(&file)?) }
}

/// How many bytes of an image its own words about it lie in.
pub(crate) const START: u64 = 128 << 10;

/// What an image says of its kernel: the release, who built it, and when. What the fields are stands in
/// `Documentation/arch/x86/boot.rst`.
pub(crate) fn banner(start: &[u8]) -> Option<String> {
    const MAGIC: std::ops::Range<usize> = 0x202..0x206;
    const VERSION: usize = 0x20e;
    /// What the offset is counted from.
    const FROM: usize = 0x200;
    let text = match start.get(MAGIC) == Some(b"HdrS") {
        true => {
            let offset = start.get(VERSION..)?.first_chunk::<2>()?;
            start.get(FROM + usize::from(u16::from_le_bytes(*offset))..)?
        }
        false => return None,
    };
    let text = text.split(|byte| *byte == 0).next()?;
    Some(String::from_utf8_lossy(text).into_owned())
}

/// The compressed kernel in an image. What the fields are stands in `Documentation/arch/x86/boot.rst`.
fn payload(image: &[u8]) -> Result<&[u8], ImageError> {
    const SETUP_SECTORS: usize = 0x1f1;
    const MAGIC: std::ops::Range<usize> = 0x202..0x206;
    const OFFSET: usize = 0x248;
    const LENGTH: usize = 0x24c;
    if image.get(MAGIC) != Some(b"HdrS") {
        return Err(ImageError::Format);
    }
    let number = |at: usize| {
        let bytes = image.get(at..)?.first_chunk::<4>()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    };
    // 0 means 4, for the oldest images; the boot sector comes before.
    let sectors = match usize::from(image[SETUP_SECTORS]) {
        0 => 5,
        sectors => sectors + 1,
    };
    let range = number(OFFSET).zip(number(LENGTH)).and_then(|(offset, length)| {
        let start = (sectors * 512).checked_add(offset)?;
        Some(start..start.checked_add(length)?)
    });
    range.and_then(|range| image.get(range)).ok_or(ImageError::Damaged("kernel image"))
}

/// The first bytes of what compresses kernels.
const FORMATS: &[(&[u8], Format)] = &[
    (&[0x28, 0xb5, 0x2f, 0xfd], Format::Zstd),
    (&[0x02, 0x21, 0x4c, 0x18], Format::Lz4),
    (&[0x1f, 0x8b], Format::Gzip),
    (&[0xfd, b'7', b'z', b'X', b'Z', 0], Format::Other("xz")),
    (&[0x5d, 0, 0], Format::Other("lzma")),
    (b"BZh", Format::Other("bzip2")),
    (&[0x89, b'L', b'Z', b'O'], Format::Other("lzo")),
];

#[derive(Clone, Copy)]
enum Format {
    Zstd,
    Lz4,
    Gzip,
    Other(&'static str),
}

/// The largest kernel that is unpacked: they have 30 to 90 MB, and a few bytes can ask for any number.
const MAX_BYTES: u64 = 1 << 30;

fn uncompress(payload: &[u8]) -> Result<Vec<u8>, ImageError> {
    if payload.starts_with(ELFMAG) {
        return Ok(payload.to_vec());
    }
    let found = FORMATS.iter().find(|(start, _)| payload.starts_with(start));
    let mut bytes = Vec::new();
    let read = match found.map(|(_, format)| *format) {
        None => return Err(ImageError::Compression("something unknown")),
        Some(Format::Other(name)) => return Err(ImageError::Compression(name)),
        Some(Format::Lz4) => return lz4(payload),
        Some(Format::Zstd) => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(payload);
            let decoder = decoder.map_err(|error| ImageError::Uncompress(error.to_string()))?;
            decoder.take(MAX_BYTES).read_to_end(&mut bytes)
        }
        Some(Format::Gzip) => {
            flate2::bufread::GzDecoder::new(payload).take(MAX_BYTES).read_to_end(&mut bytes)
        }
    };
    read.map_err(|error| ImageError::Uncompress(error.to_string()))?;
    Ok(bytes)
}

/// The old format of lz4, which kernels are compressed by: after its magic number blocks of up to 8 MiB, each after its
/// compressed length. What follows the last is the length of it all, as of every compressed kernel.
fn lz4(payload: &[u8]) -> Result<Vec<u8>, ImageError> {
    const MAGIC: usize = 4;
    const BLOCK: usize = 8 << 20;
    let damaged = || ImageError::Damaged("compressed kernel");
    let (mut rest, whole) = payload.split_last_chunk::<4>().ok_or_else(damaged)?;
    let whole = u64::from(u32::from_le_bytes(*whole));
    rest = rest.get(MAGIC..).ok_or_else(damaged)?;
    let mut bytes = Vec::new();
    let mut block = vec![0; BLOCK];
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (compressed, after) = after.split_at_checked(length).ok_or_else(damaged)?;
        let written = lz4_flex::block::decompress_into(compressed, &mut block)
            .map_err(|error| ImageError::Uncompress(error.to_string()))?;
        bytes.extend_from_slice(&block[..written]);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(damaged());
        }
        rest = after;
    }
    if bytes.len() as u64 == whole { Ok(bytes) } else { Err(damaged()) }
}

/// The section of types of an ELF file.
fn of_elf(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    elf_section(bytes, ".BTF")?.map(|section| section.bytes.to_vec()).ok_or(ImageError::NoTypes)
}

/// A section of an ELF file.
#[derive(Clone, Copy)]
pub(crate) struct Section<'a> {
    /// Where it's loaded.
    pub(crate) address: u64,
    pub(crate) bytes: &'a [u8],
}

/// The section of a name in an ELF file of 64 bits, if it has one.
pub(crate) fn elf_section<'a>(bytes: &'a [u8], name: &str) -> Result<Option<Section<'a>>, ImageError> {
    let damaged = || ImageError::Damaged("ELF file");
    let parsed: Header = Elf::parse_header(bytes).map_err(|_| damaged())?;
    let order = match parsed.e_ident[header::EI_DATA] {
        header::ELFDATA2MSB => goblin::container::Endian::Big,
        _ => goblin::container::Endian::Little,
    };
    let ctx = Ctx::new(Container::Big, order);
    if parsed.e_ident[header::EI_CLASS] != header::ELFCLASS64 {
        return Err(ImageError::Format);
    }
    let offset = usize::try_from(parsed.e_shoff).map_err(|_| damaged())?;
    let length = usize::from(parsed.e_shnum) * SectionHeader::size(ctx);
    if offset.checked_add(length).is_none_or(|end| end > bytes.len()) {
        return Err(damaged());
    }
    let headers = SectionHeader::parse(bytes, offset, parsed.e_shnum.into(), ctx).map_err(|_| damaged())?;
    let contents = |header: &SectionHeader| {
        let start = usize::try_from(header.sh_offset).ok()?;
        bytes.get(start..start.checked_add(usize::try_from(header.sh_size).ok()?)?)
    };
    let names = headers.get(usize::from(parsed.e_shstrndx)).and_then(contents).ok_or_else(damaged)?;
    let is_it = |header: &&SectionHeader| {
        let rest = names.get(header.sh_name..).and_then(|rest| rest.strip_prefix(name.as_bytes()));
        rest.is_some_and(|rest| rest.first() == Some(&0))
    };
    let Some(found) = headers.iter().find(is_it) else { return Ok(None) };
    let bytes = contents(found).ok_or_else(damaged)?;
    Ok(Some(Section { address: found.sh_addr, bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image of a kernel that is compressed to some bytes.
    fn image(payload: &[u8]) -> Vec<u8> {
        let mut image = vec![0; 1024];
        image[0x1f1] = 1;
        image[0x202..0x206].copy_from_slice(b"HdrS");
        image[0x24c..0x250].copy_from_slice(&(payload.len() as u32).to_le_bytes());
        image.extend_from_slice(payload);
        image
    }

    /// An ELF file with one section beside that of the names.
    fn elf(name: &str, contents: &[u8]) -> Vec<u8> {
        use object::write::Object;
        let (format, arch) = (object::BinaryFormat::Elf, object::Architecture::X86_64);
        let mut elf = Object::new(format, arch, object::Endianness::Little);
        let section = elf.add_section(Vec::new(), name.into(), object::SectionKind::ReadOnlyData);
        elf.append_section_data(section, contents, 1);
        elf.write().unwrap()
    }

    const TYPES: &[u8] = &[0x9f, 0xeb, 1, 0, 24, 0, 0, 0];

    #[test]
    fn types_are_found_in_every_kind_of_file() {
        let kernel = elf(".BTF", TYPES);
        let gzip = {
            use std::io::Write as _;
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&kernel).unwrap();
            encoder.finish().unwrap()
        };
        let lz4 = {
            let block = lz4_flex::block::compress(&kernel);
            let length = |length: usize| (length as u32).to_le_bytes();
            [&[2, 0x21, 0x4c, 0x18][..], &length(block.len()), &block, &length(kernel.len())].concat()
        };
        let zstd = ruzstd::encoding::compress_to_vec(
            kernel.as_slice(),
            ruzstd::encoding::CompressionLevel::Uncompressed,
        );
        // The length of the kernel comes after the last byte that counts.
        let zstd = [zstd, vec![1, 2, 3, 4]].concat();
        for file in [TYPES.to_vec(), kernel.clone(), image(&kernel), image(&gzip), image(&lz4), image(&zstd)]
        {
            assert_eq!(section(file).unwrap(), TYPES);
        }
        assert!(matches!(section(elf(".text", TYPES)), Err(ImageError::NoTypes)));
        assert!(matches!(section(vec![0; 4096]), Err(ImageError::Format)));
        let xz = image(&[0xfd, b'7', b'z', b'X', b'Z', 0, 0]);
        assert!(matches!(section(xz), Err(ImageError::Compression("xz"))));
    }

    #[test]
    fn damaged_images_are_errors() {
        let kernel = elf(".BTF", TYPES);
        let block = lz4_flex::block::compress(&kernel);
        let lz4 = [&[2, 0x21, 0x4c, 0x18][..], &(block.len() as u32).to_le_bytes(), &block, &[9; 4]].concat();
        for whole in [kernel, image(&lz4)] {
            for end in 0..whole.len() {
                assert!(section(whole[..end].to_vec()).is_err(), "{end}");
            }
        }
        assert!(section(image(&lz4)).is_err(), "the length is another");
    }
}
