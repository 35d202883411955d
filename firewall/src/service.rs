//! The service: one interface guarded, from attaching to detaching.
//!
//! The configuration is in its map before the program is attached, so that no packet meets a program without one. Program,
//! maps and link are pinned: when the process is killed, the filter stays, and the next start takes it over without a moment
//! in which the door is open, together with the open sessions if the configuration is the same.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use knockwright_loader::interface::{FirstHeader, Interface, InterfaceError, UnknownHeader, XdpMode};
use knockwright_loader::map::MapError;
use knockwright_loader::pin::{self, BPF_FILE_SYSTEM, PinError, PinFolder};
use knockwright_loader::sys::{ProgInfo, SysError};
use knockwright_loader::value::to_bytes;
use knockwright_loader::xdp::{AttachError, Fallback, LoadError, ModeChoice, XdpLink, XdpLoader, XdpProgram};
use knockwright_programs::knock::KnockConfig;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::door::Door;
use crate::event::Event;
use crate::lost::{Lost, Telling};
use crate::pins::{
    self, CONFIG, Held, Hold, Holder, LINK, PROGRAM, PROGRAM_WITHOUT_ETHERNET, PinsError, RootLock, SOURCES,
};
use crate::signals::Requests;

/// How often the link is looked at.
const LINK_CHECK: Duration = Duration::from_millis(300);
/// At how many looks in a row an interface is missed until it counts as moved: one that is being removed is missed once.
const AWAY: usize = 2;
/// How often, and how long apart, a folder is tried that another process has locked: others look at the lock for a moment,
/// and a service that ends removes its folder.
const HOLD_ATTEMPTS: usize = 10;
const HOLD_PAUSE: Duration = Duration::from_millis(20);
/// How many events are handled before signals and the link are looked at again.
const EVENTS_AT_ONCE: usize = 1024;
/// More events than the ring buffer has room for: those that wait when the end comes, but not all that a flood goes on to add.
const EVENTS_AT_THE_END: usize = 1 << 14;

/// A service that can't start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The interface can't be asked.
    #[error(transparent)]
    Interface(#[from] InterfaceError),
    /// Its packets start with something that the program doesn't read: it would guard nothing.
    #[error(
        "{0}; run it where the packets come in with Ethernet headers, or shut the port here with other means, such as nftables"
    )]
    Header(#[from] UnknownHeader),
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
    Pins(#[from] PinsError),
    /// A link left behind can't be asked.
    #[error(transparent)]
    System(#[from] SysError),
}

impl From<PinError> for StartError {
    fn from(error: PinError) -> Self {
        Self::Pins(error.into())
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
    /// The counters of lost events can't be read.
    #[error(transparent)]
    Map(#[from] MapError),
}

/// The ELF objects of [`knockwright_programs::knock`].
#[derive(Debug, Clone, Copy)]
pub struct Objects<'a> {
    /// [`knock::program`](knockwright_programs::knock::program).
    pub ethernet: &'a [u8],
    /// [`knock::program_without_ethernet`](knockwright_programs::knock::program_without_ethernet).
    pub without_ethernet: &'a [u8],
}

/// What a start needs.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Start<'a> {
    /// The programs, of which the interface decides.
    pub objects: Objects<'a>,
    /// The interface, of the calling thread's network namespace.
    pub interface: &'a str,
    /// How to attach.
    pub mode: ModeChoice,
    /// The door.
    pub door: &'a Door,
    /// The root of the pins, [`pins::DEFAULT_ROOT`] as a rule.
    pub root: &'a Path,
}

impl<'a> Start<'a> {
    /// A start at the usual root of pins, in the driver if it can.
    pub fn new(objects: Objects<'a>, interface: &'a str, door: &'a Door) -> Self {
        Self { objects, interface, mode: ModeChoice::Auto, door, root: Path::new(pins::DEFAULT_ROOT) }
    }

    /// The same, attached otherwise.
    #[must_use]
    pub const fn with_mode(self, mode: ModeChoice) -> Self {
        Self { mode, ..self }
    }

    /// The same at another root of pins.
    #[must_use]
    pub const fn with_root(self, root: &'a Path) -> Self {
        Self { root, ..self }
    }
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

/// What a reload did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reloaded {
    /// The door is as it was; nothing was done.
    Same,
    /// A program with the new door took the place of the one before, without a gap.
    Replaced {
        /// Whether the sources' sessions and progress were kept: they are if the port and the knocks are the same.
        kept: bool,
    },
}

/// What a service tells while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// Something happened at the door.
    Event(Event),
    /// Events that the ring buffer had no room for, since the last such notice.
    Lost(Lost),
    /// The interface has another name now.
    Renamed {
        /// The name before.
        from: String,
        /// The name now.
        to: String,
    },
    /// The interface went to another network namespace. It stays guarded there.
    Moved,
    /// The pins were removed by others: the program goes on only as long as this process.
    PinsGone,
    /// Nothing, but time has passed.
    Tick,
}

/// Why following a service came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A signal came.
    Stopped,
    /// The configuration is to be read again. The service goes on: follow it again, after [`Service::reload`] or without.
    Reload,
    /// The interface is gone.
    InterfaceGone,
    /// The interface is there, but another process detached the program.
    Detached,
    /// The interface was in another network namespace, where one of both happened.
    EndedElsewhere,
}

/// A guarded interface. Dropping it detaches the program and removes its pins.
pub struct Service {
    interface: Interface,
    program: ProgInfo,
    config: KnockConfig,
    /// `None` once stopped.
    link: Option<XdpLink>,
    mode: Option<XdpMode>,
    fallback: Option<Fallback>,
    telling: Telling,
    /// What programs tell that were replaced: the last of their events.
    retired: Vec<Telling>,
    pins_gone: bool,
    /// At how many looks in a row the interface wasn't in this network namespace.
    away: usize,
    earlier: Earlier,
    held: Held,
}

/// An attached program, with what a service keeps of it.
struct Running {
    link: XdpLink,
    program: ProgInfo,
    mode: Option<XdpMode>,
    telling: Telling,
}

impl Running {
    fn new(program: &XdpProgram, link: XdpLink) -> Result<Self, StartError> {
        let mode = link.status()?.mode();
        Ok(Self { link, program: program.info().clone(), mode, telling: Telling::of(program)? })
    }
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
        let form = Form::of(&interface, start.objects)?;
        let file_system = Path::new(BPF_FILE_SYSTEM);
        if start.root.starts_with(file_system) && !pin::is_bpf_file_system(file_system) {
            knockwright_loader::privilege::can_load().map_err(|_| not_permitted())?;
            pin::mount_bpf_file_system(file_system)?;
        }
        let mut attempts = 0;
        let (_root, mut held) = loop {
            // Nobody else makes, moves or removes folders until the service stands.
            let root = RootLock::make(start.root)?;
            match pins::hold(start.root, folder_for(start.root, &interface)?)? {
                Hold::Held(held) => break (root, held),
                Hold::Taken(holder) if attempts >= HOLD_ATTEMPTS => {
                    return Err(StartError::Guarded { interface: interface.name, holder });
                }
                Hold::Taken(_) => attempts += 1,
            }
            drop(root);
            std::thread::sleep(HOLD_PAUSE);
        };
        held.rename_locked(&interface.name)?;
        match attached_earlier(&held.folder)? {
            Some(link) => Self::take_over(start, form, interface, held, link),
            None => Self::fresh(start, form, interface, held),
        }
    }

    fn fresh(start: Start<'_>, form: Form<'_>, interface: Interface, held: Held) -> Result<Self, StartError> {
        let remains = pins::remove_pins(&held.folder)? > 0;
        let earlier = if remains { Earlier::Remains } else { Earlier::None };
        Self::attach(start, form, interface, held, earlier)
    }

    fn attach(
        start: Start<'_>,
        form: Form<'_>,
        interface: Interface,
        held: Held,
        earlier: Earlier,
    ) -> Result<Self, StartError> {
        let config = start.door.knock_config();
        let attached = || {
            let program = load(&mut XdpLoader::new(), form, &config)?;
            program.pin(&held.folder)?;
            let link = program.attach(&interface, start.mode)?;
            link.pin(&held.folder, LINK)?;
            Running::new(&program, link)
        };
        match attached() {
            Ok(running) => Ok(Self::new(interface, running, config, earlier, held)),
            Err(error) => {
                let _ = held.remove_locked(); // the first error is the one to tell
                Err(error)
            }
        }
    }

    fn new(
        interface: Interface,
        running: Running,
        config: KnockConfig,
        earlier: Earlier,
        held: Held,
    ) -> Self {
        let Running { link, program, mode, telling } = running;
        Self {
            interface,
            program,
            config,
            mode,
            fallback: link.fallback(),
            link: Some(link),
            telling,
            retired: Vec::new(),
            pins_gone: false,
            away: 0,
            earlier,
            held,
        }
    }

    /// Puts a new program in the place of the one that a killed service left.
    fn take_over(
        start: Start<'_>,
        form: Form<'_>,
        interface: Interface,
        held: Held,
        link: XdpLink,
    ) -> Result<Self, StartError> {
        let mode = link.status()?.mode();
        if matches!(start.mode, ModeChoice::Only(wanted) if Some(wanted) != mode) {
            pins::detach(link, &interface.name)?;
            pins::remove_pins(&held.folder)?;
            return Self::attach(start, form, interface, held, Earlier::Reattached);
        }
        let config = start.door.knock_config();
        let kept = pinned_config(&held.folder).is_some_and(|pinned| is_same(&pinned, &config));
        let retired = Telling::pinned(&held.folder);
        let program = swap(&link, form, &held.folder, &config, kept)?;
        repin(&held.folder, &program, kept)?;
        let running = Running::new(&program, link)?;
        let mut service = Self::new(interface, running, config, Earlier::Replaced { kept }, held);
        service.retired.extend(retired);
        Ok(service)
    }

    /// Goes on with another door: a program with the new configuration takes the place of the one before, without a moment
    /// between them. Open sessions are kept if the port and the knocks are the same.
    ///
    /// # Errors
    /// [`StartError`]. The door before stays guarded, or, if only the pins failed, the new one is.
    pub fn reload(&mut self, objects: Objects<'_>, door: &Door) -> Result<Reloaded, StartError> {
        let config = door.knock_config();
        if is_same(&config, &self.config) {
            return Ok(Reloaded::Same);
        }
        let Some(link) = &self.link else {
            return Ok(Reloaded::Same); // stopped: there's nothing to guard
        };
        let kept = has_same_knocks(&config, &self.config);
        let form = Form::of(&self.interface, objects)?;
        let program = swap(link, form, &self.held.folder, &config, kept)?;
        let telling = Telling::of(&program)?;
        self.retired.push(std::mem::replace(&mut self.telling, telling));
        self.program = program.info().clone();
        self.config = config;
        repin(&self.held.folder, &program, kept)?;
        Ok(Reloaded::Replaced { kept })
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

    /// Gives what happens to `f` as it comes, and [`Notice::Tick`] at least every 300 ms, until the end.
    ///
    /// # Errors
    /// [`FollowError`].
    pub fn follow(&mut self, requests: &Requests, mut f: impl FnMut(Notice)) -> Result<End, FollowError> {
        let timeout = Timespec { tv_sec: 0, tv_nsec: LINK_CHECK.as_nanos() as i64 };
        let mut checked = Instant::now();
        loop {
            let mut ready = [
                PollFd::from_borrowed_fd(requests.stop(), PollFlags::IN),
                PollFd::from_borrowed_fd(requests.reload(), PollFlags::IN),
                PollFd::new(self.telling.events(), PollFlags::IN),
            ];
            match poll(&mut ready, Some(&timeout)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(FollowError::Wait(errno.into())),
            }
            let stopped = !ready[0].revents().is_empty();
            let reload = !ready[1].revents().is_empty() && requests.take_reload();
            self.telling.drain(EVENTS_AT_ONCE, &mut f);
            if stopped {
                self.last_words(&mut f)?;
                return Ok(End::Stopped);
            }
            if reload {
                return Ok(End::Reload);
            }
            if checked.elapsed() >= LINK_CHECK {
                checked = Instant::now();
                f(Notice::Tick);
                self.tell_lost(&mut f)?;
                if let Some(end) = self.check(&mut f)? {
                    self.last_words(&mut f)?;
                    return Ok(end);
                }
            }
        }
    }

    /// Gives the events that still wait, and tells of lost ones.
    fn last_words(&mut self, f: &mut impl FnMut(Notice)) -> Result<(), MapError> {
        self.telling.drain(EVENTS_AT_THE_END, f);
        self.tell_lost(f)
    }

    /// Tells of lost events, and the last of replaced programs.
    fn tell_lost(&mut self, f: &mut impl FnMut(Notice)) -> Result<(), MapError> {
        let mut lost = Lost::default();
        for mut telling in self.retired.drain(..) {
            telling.drain(usize::MAX, f);
            lost += telling.lost()?;
        }
        lost += self.telling.lost()?;
        if !lost.is_none() {
            f(Notice::Lost(lost));
        }
        Ok(())
    }

    /// Looks at the link, the interface and the pins.
    fn check(&mut self, f: &mut impl FnMut(Notice)) -> Result<Option<End>, SysError> {
        let Some(link) = &self.link else {
            return Ok(Some(End::Stopped));
        };
        let status = link.status()?;
        if status.gone {
            return Ok(Some(match Interface::with_index(self.interface.index) {
                _ if self.away >= AWAY => End::EndedElsewhere,
                Err(InterfaceError::NotFound { .. }) => End::InterfaceGone,
                _ => End::Detached,
            }));
        }
        self.away = if status.interface.is_none() { self.away.saturating_add(1) } else { 0 };
        if self.away == AWAY {
            f(Notice::Moved);
        }
        if let Some(now) = status.interface.filter(|now| now.name != self.interface.name) {
            let _ = self.held.rename(&now.name); // under the old name they are found as well
            let from = std::mem::replace(&mut self.interface, now).name;
            f(Notice::Renamed { from, to: self.interface.name.clone() });
        }
        if !self.pins_gone && !self.held.is_there() {
            self.pins_gone = true;
            f(Notice::PinsGone);
        }
        Ok(None)
    }

    /// Detaches the program and removes the pins.
    ///
    /// # Errors
    /// [`PinsError`].
    pub fn stop(mut self) -> Result<(), PinsError> {
        self.take_down()
    }

    fn take_down(&mut self) -> Result<(), PinsError> {
        let Some(link) = self.link.take() else {
            return Ok(());
        };
        let detached = pins::detach(link, &self.interface.name);
        // Removing the link's pin detaches too, should the kernel refuse to do it at once.
        let removed = self.held.remove();
        detached.and(removed)
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

fn folder_for(root: &Path, interface: &Interface) -> Result<PathBuf, StartError> {
    pins::folder_for(root, interface).map_err(|error| match error {
        PinsError::Elsewhere { interface, .. } => StartError::Elsewhere { interface },
        error => error.into(),
    })
}

/// The program for an interface.
#[derive(Debug, Clone, Copy)]
struct Form<'a> {
    object: &'a [u8],
    name: &'static str,
}

impl<'a> Form<'a> {
    fn of(interface: &Interface, objects: Objects<'a>) -> Result<Self, UnknownHeader> {
        Ok(match interface.first_header()? {
            FirstHeader::Ethernet => Self { object: objects.ethernet, name: PROGRAM },
            FirstHeader::Ip => Self { object: objects.without_ethernet, name: PROGRAM_WITHOUT_ETHERNET },
        })
    }
}

fn load(loader: &mut XdpLoader<'_>, form: Form<'_>, config: &KnockConfig) -> Result<XdpProgram, StartError> {
    let program = loader.load(form.object, form.name)?;
    program.array::<KnockConfig>(CONFIG)?.set(0, config)?;
    Ok(program)
}

/// Puts a new program in the place of the one that a link holds, with its pinned sources if they are to be kept.
fn swap(
    link: &XdpLink,
    form: Form<'_>,
    folder: &PinFolder,
    config: &KnockConfig,
    keep_sources: bool,
) -> Result<XdpProgram, StartError> {
    let mut loader = XdpLoader::new();
    if keep_sources {
        loader.reuse(folder, &[SOURCES])?;
    }
    let program = load(&mut loader, form, config)?;
    link.replace(&program)?;
    Ok(program)
}

/// Puts a program's pins in the place of others. The link keeps the program and the program keeps its maps: no pin is missed
/// meanwhile.
fn repin(folder: &PinFolder, program: &XdpProgram, keep_sources: bool) -> Result<(), StartError> {
    for name in folder.names()? {
        if pins::is_own_pin(&name) && name != LINK && !(keep_sources && name == SOURCES) {
            folder.unpin(&name)?;
        }
    }
    Ok(program.pin(folder)?)
}

/// The link that an earlier service left attached.
fn attached_earlier(folder: &PinFolder) -> Result<Option<XdpLink>, StartError> {
    match XdpLink::open(folder, LINK) {
        Ok(link) => Ok(if link.status()?.gone { None } else { Some(link) }),
        Err(PinError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn pinned_config(folder: &PinFolder) -> Option<KnockConfig> {
    folder.open_map(CONFIG).ok()?.into_array::<KnockConfig>().ok()?.get(0).ok()?
}

fn is_same(one: &KnockConfig, other: &KnockConfig) -> bool {
    matches!((to_bytes(one), to_bytes(other)), (Ok(one), Ok(other)) if one == other)
}

fn has_same_knocks(one: &KnockConfig, other: &KnockConfig) -> bool {
    let knocks = |config: &KnockConfig| (config.target_port, config.seq.length, config.seq.ports);
    knocks(one) == knocks(other)
}
