//! The texts that the program prints, one after the other in `knock.rodata`, as `bpf_printk` of libbpf keeps them.

use knockwright_asm::MapDef;

/// A text in `knock.rodata`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    ConfigNotFound,
    SequenceTooLong,
    StateIsNull,
    StepBeyondLength,
    StateNotFound,
    SessionTimedOut,
    SequenceTimeout,
    CodePassed,
    SequenceReset,
}

impl Message {
    /// In the order of the map's bytes.
    const ALL: [Self; 9] = [
        Self::ConfigNotFound,
        Self::SequenceTooLong,
        Self::StateIsNull,
        Self::StepBeyondLength,
        Self::StateNotFound,
        Self::SessionTimedOut,
        Self::SequenceTimeout,
        Self::CodePassed,
        Self::SequenceReset,
    ];

    const fn text(self) -> &'static str {
        match self {
            Self::ConfigNotFound => "config map not found",
            Self::SequenceTooLong => "config sequence length is too long",
            Self::StateIsNull => "state is null",
            Self::StepBeyondLength => "sequence step > length",
            Self::StateNotFound => "dropping packet because state is not found",
            Self::SessionTimedOut => "session timed out",
            Self::SequenceTimeout => "sequence timeout",
            Self::CodePassed => "code %d passed on interface %d",
            Self::SequenceReset => "sequence reset",
        }
    }

    /// The size that `bpf_trace_printk` is told: the text and its NUL.
    pub(super) const fn size(self) -> i32 {
        self.text().len() as i32 + 1
    }

    /// Where the text starts in the map's value.
    pub(super) fn offset(self) -> i32 {
        Self::ALL.iter().take_while(|&&other| other != self).map(|other| other.size()).sum()
    }
}

/// The map that holds all the texts.
pub(super) fn rodata() -> MapDef {
    let mut data = Vec::new();
    for message in Message::ALL {
        data.extend_from_slice(message.text().as_bytes());
        data.push(0);
    }
    MapDef::constants("knock.rodata", data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_to_the_texts() {
        let data = rodata().data.unwrap();
        for message in Message::ALL {
            let (start, size) = (message.offset() as usize, message.size() as usize);
            assert_eq!(data[start..start + size], [message.text().as_bytes(), b"\0"].concat());
        }
        assert_eq!(data.len(), 217);
    }
}
