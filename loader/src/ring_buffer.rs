//! Events from a program through a ring buffer (`BPF_MAP_TYPE_RINGBUF`, kernel 5.8 or newer).

use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use knockwright_asm::MapType;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::map::{Map, MapError};

/// The reading end of a ring buffer. A ring buffer has one reader at a time: two would see each event once between them.
pub struct RingBuffer {
    ring: aya::maps::RingBuf<aya::maps::MapData>,
    name: String,
}

impl std::fmt::Debug for RingBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RingBuffer").field("name", &self.name).finish_non_exhaustive()
    }
}

impl RingBuffer {
    /// Maps the ring buffer into memory.
    ///
    /// # Errors
    /// [`MapError::WrongType`] if it's none, [`MapError::RingBuffer`] if it can't be mapped.
    pub fn open(map: &Map) -> Result<Self, MapError> {
        map.want(&[MapType::Ringbuf], "a ringbuf")?;
        let name = map.name().to_owned();
        let failed = |reason: String| MapError::RingBuffer { name: name.clone(), reason };
        let fd = map.as_fd().try_clone_to_owned().map_err(|error| failed(error.to_string()))?;
        let data = aya::maps::MapData::from_fd(fd).map_err(|error| failed(error.to_string()))?;
        let ring = aya::maps::Map::from_map_data(data)
            .and_then(aya::maps::RingBuf::try_from)
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { ring, name })
    }

    /// Gives waiting events to `f`, the oldest first, at most so many; doesn't wait. Returns how many were given.
    pub fn drain(&mut self, at_most: usize, mut f: impl FnMut(&[u8])) -> usize {
        let mut count = 0;
        while count < at_most
            && let Some(event) = self.ring.next()
        {
            count += 1;
            f(&event);
        }
        count
    }

    /// The next event, waiting for it at most `timeout`; `None` if none came.
    ///
    /// # Errors
    /// [`MapError::RingBuffer`] if waiting fails for another reason than a signal.
    pub fn next(&mut self, timeout: Duration) -> Result<Option<Vec<u8>>, MapError> {
        let end = Instant::now().checked_add(timeout);
        loop {
            if let Some(event) = self.ring.next() {
                return Ok(Some(event.to_vec()));
            }
            let left = end.map_or(timeout, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Ok(None);
            }
            self.wait(left)?;
        }
    }

    /// Waits until events may be there, or the time is over, or a signal comes; `true` if there may be events.
    ///
    /// # Errors
    /// [`MapError::RingBuffer`].
    pub fn wait(&self, timeout: Duration) -> Result<bool, MapError> {
        let timeout = Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::new(&self.ring, PollFlags::IN)], Some(&timeout)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(MapError::RingBuffer { name: self.name.clone(), reason: error.to_string() }),
        }
    }
}

impl AsFd for RingBuffer {
    /// For `poll` and `epoll` together with other descriptors.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.ring.as_fd()
    }
}
