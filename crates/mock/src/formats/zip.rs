//! Files in one ZIP archive, stored as they are: what goes in is a few small texts.

use flate2::Crc;

const VERSION_NEEDED: u16 = 20;
/// File names are UTF-8.
const FLAGS: u16 = 0x0800;
const STORED: u16 = 0;
/// Midnight of the first day that the format can write: archives of the same files are the same bytes.
const FIRST_MOMENT: [u8; 4] = [0, 0, 0x21, 0];

/// The archive of the named files.
pub(super) fn archive(files: &[(String, String)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let offset = length(out.len());
        let header = header(name, content.as_bytes());
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&header);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(content.as_bytes());
        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend_from_slice(&VERSION_NEEDED.to_le_bytes());
        directory.extend_from_slice(&header);
        // No comment, first disk, no attributes.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset);
        directory.extend_from_slice(name.as_bytes());
    }
    let (start, size) = (length(out.len()), length(directory.len()));
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX).to_le_bytes();
    out.append(&mut directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count);
    out.extend_from_slice(&count);
    out.extend_from_slice(&size);
    out.extend_from_slice(&start);
    out.extend_from_slice(&[0; 2]);
    out
}

/// What the entry and the directory say alike of a file.
fn header(name: &str, content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(content);
    let mut out = Vec::new();
    for word in [VERSION_NEEDED, FLAGS, STORED] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.extend_from_slice(&FIRST_MOMENT);
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&length(content.len()));
    out.extend_from_slice(&length(content.len()));
    let name = u16::try_from(name.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&name.to_le_bytes());
    // No extra field.
    out.extend_from_slice(&[0; 2]);
    out
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_has_entries_and_a_directory() {
        let archive = archive(&[("a".to_owned(), "hello".to_owned())]);
        // CRC-32 of `hello`, and its length twice.
        let described = [0x86, 0xa6, 0x10, 0x36, 5, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0];
        let expected = [
            &b"PK\x03\x04\x14\0\0\x08\0\0\0\0\x21\0"[..],
            &described,
            b"ahello",
            b"PK\x01\x02\x14\0\x14\0\0\x08\0\0\0\0\x21\0",
            &described,
            &[0; 10],
            &[0; 4],
            b"a",
            b"PK\x05\x06\0\0\0\0\x01\0\x01\0",
            &[47, 0, 0, 0, 36, 0, 0, 0, 0, 0],
        ];
        assert_eq!(archive, expected.concat());
    }
}
