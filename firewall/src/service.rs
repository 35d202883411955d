//! The service: one interface guarded, from attaching to detaching.
//!
//! The configuration is in its map before the program is attached, so that no packet meets a program without one. Program,
//! maps and link are pinned: when the process is killed, the filter stays, and the next start takes it over without a moment
//! in which the door is open, together with the open sessions if the configuration is the same.

use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use knockwright_loader::interface::{Interface, InterfaceError, XdpMode};
use knockwright_loader::map::MapError;
use knockwright_loader::pin::{self, BPF_FILE_SYSTEM, PinError, PinFolder};
use knockwright_loader::ring_buffer::RingBuffer;
use knockwright_loader::sys::{ProgInfo, SysError};
use knockwright_loader::value::{LayoutMismatch, to_bytes};
use knockwright_loader::xdp::{AttachError, Fallback, LoadError, ModeChoice, XdpLink, XdpLoader, XdpProgram};
use knockwright_programs::knock::KnockConfig;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::door::Door;
use crate::event::Event;
use crate::guard::{self, CONFIG, EVENTS, GuardError, Held, Hold, Holder, LINK, PROGRAM, SOURCES};
use crate::signals::StopRequest;

/// How often the link is looked at.
const LINK_CHECK: Duration = Duration::from_millis(300);
/// How many events are handled before signals and the link are looked at again.
const EVENTS_AT_ONCE: usize = 1024;

/// A service that can't start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The interface can't be asked.
    #[error(transparent)]
    Interface(#[from] InterfaceError),
    /// Another service guards it.
    #[error("interface `{interface}` is guarded already{}; stop that first, or `knockwright unload {interface}`", by(.holder))]
    Guarded {
        /// The interface.
        interface: String,
        /// Who guards it.
        holder: Holder,
    },
    /// The pins are those of an interface of the same name elsewhere.
    #[error(
        "an interface `{interface}` of another network namespace is guarded, and its pins have this name; name another folder \
         for these with `--pins`"
    )]
    Elsewhere {
        /// The interface.
        interface: String,
    },
    /// The program can't be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A map can't be used.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The program can't be attached.
    #[error(transparent)]
    Attach(#[from] AttachError),
    /// The pins can't be made or held.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// A link left behind can't be asked.
    #[error(transparent)]
    System(#[from] SysError),
}

impl From<PinError> for StartError {
    fn from(error: PinError) -> Self {
        Self::Guard(error.into())
    }
}

fn by(holder: &Holder) -> String {
    match holder {
        Holder::Process(Some(pid)) => format!(" by process {pid}"),
        _ => String::new(),
    }
}

/// A service that fails while it runs. The program stays attached until the service is stopped or dropped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// The ring buffer can't be waited for.
    #[error("waiting for events failed: {0}")]
    Wait(io::Error),
    /// The link can't be asked.
    #[error(transparent)]
    System(#[from] SysError),
}

/// What a start needs.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// The ELF object of [`knockwright_programs::knock`].
    pub object: &'a [u8],
    /// The interface, of the calling thread's network namespace.
    pub interface: &'a str,
    /// How to attach.
    pub mode: ModeChoice,
    /// The door.
    pub door: &'a Door,
    /// The root of the pins, [`guard::DEFAULT_ROOT`] as a rule.
    pub root: &'a Path,
}

/// What a start found of an earlier service that was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// Nothing.
    None,
    /// Pins without an attached program, which are removed now.
    Remains,
    /// An attached program, which was replaced without a gap.
    Replaced {
        /// Whether the sources' sessions and progress were kept: they are if the configuration is the same.
        kept: bool,
    },
    /// An attached program of another mode than demanded now. It was detached first; the door was open for a moment.
    Reattached,
}

/// Why a service's work is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A signal came.
    Stopped,
    /// The interface is gone.
    InterfaceGone,
    /// The interface is there, but another process detached the program.
    Detached,
}

/// A guarded interface. Dropping it detaches the program and removes its pins.
pub struct Service {
    interface: Interface,
    program: ProgInfo,
    /// `None` once stopped.
    link: Option<XdpLink>,
    mode: Option<XdpMode>,
    fallback: Option<Fallback>,
    events: RingBuffer,
    earlier: Earlier,
    held: Held,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("interface", &self.interface)
            .field("program", &self.program)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// Loads the program, fills its configuration, attaches it and pins everything. If it fails, nothing of it is left; an
    /// earlier service's program that couldn't be replaced stays.
    ///
    /// Mounts a BPF file system at `/sys/fs/bpf` if the root is there and none is mounted.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(start: Start<'_>) -> Result<Self, StartError> {
        let interface = Interface::named(start.interface)?;
        let file_system = Path::new(BPF_FILE_SYSTEM);
        if start.root.starts_with(file_system) && !pin::is_bpf_file_system(file_system) {
            knockwright_loader::privilege::can_load().map_err(|_| not_permitted())?;
            pin::mount_bpf_file_system(file_system)?;
        }
        let held = match guard::hold(start.root, start.interface)? {
            Hold::Held(held) => held,
            Hold::Taken(holder) => {
                return Err(StartError::Guarded { interface: interface.name, holder });
            }
        };
        let earlier = attached_earlier(&held.folder, &interface)?;
        match earlier {
            Some(link) => Self::take_over(start, interface, held, link),
            None => Self::fresh(start, interface, held),
        }
    }

    fn fresh(start: Start<'_>, interface: Interface, held: Held) -> Result<Self, StartError> {
        let remains = !held.folder.names()?.is_empty();
        for name in held.folder.names()? {
            held.folder.unpin(&name)?;
        }
        let earlier = if remains { Earlier::Remains } else { Earlier::None };
        let folder = held.folder.clone();
        Self::attach(start, interface, held, earlier).inspect_err(|_| {
            let _ = guard::remove(&folder); // the first error is the one to tell
        })
    }

    fn attach(
        start: Start<'_>,
        interface: Interface,
        held: Held,
        earlier: Earlier,
    ) -> Result<Self, StartError> {
        let program = load(&mut XdpLoader::new(), start)?;
        program.pin(&held.folder)?;
        let link = program.attach(&interface, start.mode)?;
        link.pin(&held.folder, LINK)?;
        Self::new(interface, &program, link, earlier, held)
    }

    fn new(
        interface: Interface,
        program: &XdpProgram,
        link: XdpLink,
        earlier: Earlier,
        held: Held,
    ) -> Result<Self, StartError> {
        let events = program.ring_buffer(EVENTS)?;
        let program = program.info().clone();
        let (mode, fallback) = (link.status()?.mode(), link.fallback());
        Ok(Self { interface, program, link: Some(link), mode, fallback, events, earlier, held })
    }

    /// Puts a new program in the place of the one that a killed service left.
    fn take_over(
        start: Start<'_>,
        interface: Interface,
        held: Held,
        link: XdpLink,
    ) -> Result<Self, StartError> {
        let mode = link.status()?.mode();
        if matches!(start.mode, ModeChoice::Only(wanted) if Some(wanted) != mode) {
            guard::detach(link, start.interface)?;
            for name in held.folder.names()? {
                held.folder.unpin(&name)?;
            }
            let folder = held.folder.clone();
            return Self::attach(start, interface, held, Earlier::Reattached).inspect_err(|_| {
                let _ = guard::remove(&folder); // the first error is the one to tell
            });
        }
        let folder = &held.folder;
        let kept = has_config(folder, &start.door.knock_config());
        let mut loader = XdpLoader::new();
        if kept {
            loader.reuse(folder, &[SOURCES])?;
        }
        let program = load(&mut loader, start)?;
        link.replace(&program)?;
        // The link keeps the program and the program keeps its maps: no pin is missed meanwhile.
        for name in folder.names()? {
            if name != LINK && !(kept && name == SOURCES) {
                folder.unpin(&name)?;
            }
        }
        program.pin(folder)?;
        Self::new(interface, &program, link, Earlier::Replaced { kept }, held)
    }

    /// The interface as it was at the start.
    pub fn interface(&self) -> &Interface {
        &self.interface
    }

    /// What the kernel says of the program.
    pub fn program(&self) -> &ProgInfo {
        &self.program
    }

    /// The mode that the program runs in.
    pub fn mode(&self) -> Option<XdpMode> {
        self.mode
    }

    /// Why it's generic although native was tried, if so.
    pub fn fallback(&self) -> Option<Fallback> {
        self.fallback
    }

    /// What the start found of an earlier service.
    pub fn earlier(&self) -> Earlier {
        self.earlier
    }

    /// Gives events to `f` as they come, and `None` at least every 300 ms, until the end.
    ///
    /// # Errors
    /// [`FollowError`].
    pub fn follow(
        &mut self,
        stop: &StopRequest,
        mut f: impl FnMut(Option<Event>),
    ) -> Result<End, FollowError> {
        let timeout = Timespec { tv_sec: 0, tv_nsec: LINK_CHECK.as_nanos() as i64 };
        let mut checked = Instant::now();
        loop {
            let mut ready = [PollFd::new(stop, PollFlags::IN), PollFd::new(&self.events, PollFlags::IN)];
            match poll(&mut ready, Some(&timeout)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(FollowError::Wait(errno.into())),
            }
            let stopped = !ready[0].revents().is_empty();
            self.drain(&mut f);
            if stopped {
                return Ok(End::Stopped);
            }
            if checked.elapsed() >= LINK_CHECK {
                checked = Instant::now();
                f(None);
                if let Some(end) = self.link_end()? {
                    self.drain(&mut f);
                    return Ok(end);
                }
            }
        }
    }

    fn drain(&mut self, f: &mut impl FnMut(Option<Event>)) {
        let mut count = 0;
        self.events.drain(|bytes| {
            if let Some(event) = Event::from_bytes(bytes) {
                f(Some(event));
            }
            count += 1;
            if count < EVENTS_AT_ONCE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
    }

    /// Why the program isn't attached any more, if so.
    fn link_end(&self) -> Result<Option<End>, SysError> {
        let Some(link) = &self.link else {
            return Ok(Some(End::Stopped));
        };
        if !link.status()?.gone {
            return Ok(None);
        }
        Ok(Some(match Interface::with_index(self.interface.index) {
            Err(InterfaceError::NotFound { .. }) => End::InterfaceGone,
            _ => End::Detached,
        }))
    }

    /// Detaches the program and removes the pins.
    ///
    /// # Errors
    /// [`GuardError`].
    pub fn stop(mut self) -> Result<(), GuardError> {
        self.take_down()
    }

    fn take_down(&mut self) -> Result<(), GuardError> {
        let Some(link) = self.link.take() else {
            return Ok(());
        };
        let detached = guard::detach(link, &self.interface.name);
        // Removing the link's pin detaches too, should the kernel refuse to do it at once.
        let removed = guard::remove(&self.held.folder);
        detached.and(removed.map(drop))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.take_down(); // `stop` is there for those who want to know
    }
}

fn not_permitted() -> StartError {
    let errno = rustix::io::Errno::PERM.into();
    StartError::Load(LoadError::NotPermitted(errno))
}

fn load(loader: &mut XdpLoader<'_>, start: Start<'_>) -> Result<XdpProgram, StartError> {
    let program = loader.load(start.object, PROGRAM)?;
    program.array::<KnockConfig>(CONFIG)?.set(0, &start.door.knock_config())?;
    Ok(program)
}

/// The link that an earlier service left attached to this interface.
fn attached_earlier(folder: &PinFolder, interface: &Interface) -> Result<Option<XdpLink>, StartError> {
    let link = match XdpLink::open(folder, LINK) {
        Ok(link) => link,
        Err(PinError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let status = link.status()?;
    match status.interface {
        _ if status.gone => Ok(None),
        Some(there) if there.index == interface.index => Ok(Some(link)),
        _ => Err(StartError::Elsewhere { interface: interface.name.clone() }),
    }
}

/// Whether the pinned configuration is this one.
fn has_config(folder: &PinFolder, config: &KnockConfig) -> bool {
    let same =
        |pinned: &KnockConfig| -> Result<bool, LayoutMismatch> { Ok(to_bytes(pinned)? == to_bytes(config)?) };
    let pinned = folder.open_map(CONFIG).ok().and_then(|map| map.into_array::<KnockConfig>().ok());
    let pinned = pinned.and_then(|map| map.get(0).ok().flatten());
    pinned.is_some_and(|pinned| same(&pinned).unwrap_or(false))
}
