//! The command line: what `--help`, the manual pages and the completions are made from.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use knockwright_asm::ProgType;
use knockwright_codegen::read::AttachTo;
use knockwright_kernels::Wanted;

/// eBPF programs written in Rust, the verifier's verdicts, and a port-knocking firewall
///
/// knockwright assembles BPF programs without LLVM, writes them as ELF objects that every loader takes, asks the kernel's
/// verifier about them, and guards a TCP port with an XDP program that opens it to those who knock.
#[derive(Debug, Parser)]
#[command(name = "knockwright", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Exit status: 0 done (verify: accepted), 1 rejected or cases failed, 2 usage, 3 bad input,
4 not permitted or not possible here, 5 internal error.

Start with `knockwright demo`.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(Demo),
    Build(Build),
    Asm(AsmCommand),
    Disasm(Disasm),
    Inspect(Inspect),
    Verify(Box<Verify>),
    Cases(Cases),
    Fuzz(Fuzz),
    RunInGuest(RunInGuest),
    Explain(Explain),
    Learn(Learn),
    Run(Run),
    Check(Check),
    Status(StatusCommand),
    Unload(Unload),
    Knock(Knock),
    Completions(Completions),
    Man(Man),
}

/// Text for people, or JSON for programs
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

/// Show the whole story on this machine: write a program, load it, knock
///
/// Assembles the firewall, shows what its object holds, has it verified, reproduces the two classic faults (a missing NULL
/// check and a missing bounds check) with the kernel's own log, and then guards a port in a network namespace of its own:
/// filtered, knocked, open, expired. Without the privilege for a step it says what it leaves out.
#[derive(Debug, Args)]
pub(crate) struct Demo {}

/// Write the ELF object of one of knockwright's programs
///
/// Prints, on standard error, the number of instructions and, where the kernel may be asked, how many the verifier
/// processed to accept them.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: knockwright build knock -o knock.o && sudo xdp-loader load -m skb eth0 knock.o"
)]
pub(crate) struct Build {
    /// The program; `build --list` names them
    #[arg(required_unless_present = "list")]
    pub(crate) program: Option<String>,
    /// Where to write the object; `-` is standard output [default: PROGRAM.o]
    #[arg(short, long, value_name = "FILE.o")]
    pub(crate) output: Option<PathBuf>,
    /// List the programs with a line about each
    #[arg(long)]
    pub(crate) list: bool,
}

/// Assemble kernel syntax with labels into machine code
///
/// The text is what the verifier's log shows after `N: (op)`, one instruction a line, with labels, `map[name]`, comments
/// (`;` or `//`) and the directives `.program`, `.section`, `.endian`, `.license`, `.map`, `.extern`, `.func` and `.slot`.
/// Whole verifier logs and what `bpftool prog dump xlated` prints are taken as they are.
#[derive(Debug, Args)]
#[command(after_help = "Example: echo 'r0 = 2
                exit' | knockwright asm -")]
pub(crate) struct AsmCommand {
    /// The text; `-` is standard input
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,
    /// hex: one line, 16 digits a slot; bin: the bytes; obj: an ELF object
    #[arg(long, value_enum, default_value_t = CodeFormat::Hex)]
    pub(crate) format: CodeFormat,
    /// Where to write; `-` is standard output
    #[arg(short, long, default_value = "-", value_name = "OUT")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CodeFormat {
    Hex,
    Bin,
    Obj,
}

/// Show machine code in the kernel's syntax, which `asm` takes back
#[derive(Debug, Args)]
#[command(after_help = "Examples: knockwright disasm knock.o
          knockwright disasm --hex b7000000020000009500000000000000")]
pub(crate) struct Disasm {
    /// A BPF object, or hexadecimal text; `-` is standard input
    #[arg(required_unless_present = "hex")]
    pub(crate) file: Option<PathBuf>,
    /// The code as hexadecimal digits, 16 a slot
    #[arg(long, value_name = "HEX", conflicts_with = "file")]
    pub(crate) hex: Option<String>,
    /// Only this program of the object
    #[arg(long, value_name = "NAME", conflicts_with = "hex")]
    pub(crate) program: Option<String>,
    #[command(flatten)]
    pub(crate) select: Select,
    /// Show the source lines that the object's line information names
    #[arg(long)]
    pub(crate) source: bool,
    /// Show slot and opcode before each instruction, as the verifier's log does
    #[arg(long)]
    pub(crate) slots: bool,
    /// Name kernel functions by the BTF of the kernel that their ids are of, such as /sys/kernel/btf/vmlinux
    #[arg(long, value_name = "FILE")]
    pub(crate) btf: Option<PathBuf>,
}

/// What a section's name doesn't say, and which sections are meant
#[derive(Debug, Args)]
pub(crate) struct Select {
    /// The program type, such as xdp: where a section's name says none, or another
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) prog_type: Option<ProgType>,
    /// Only what stands in this section of the object
    #[arg(long, value_name = "NAME")]
    pub(crate) section: Option<String>,
}

/// Show what a BPF object holds: sections, symbols, relocations, maps, types, source lines
///
/// Reads any BPF object, clang's too.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The object; `-` is standard input
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) select: Select,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Ask the verifier whether it takes a program, and why not
///
/// Takes objects with one or more programs, folders of them, or a batch of small programs as JSON lines. The verdict names the
/// instruction and the verifier's last message. Nothing is attached.
#[derive(Debug, Args)]
#[command(after_help = "Examples: knockwright verify knock.o --log
          knockwright verify knock.o --kernel 6.1,6.12,7.3
          knockwright verify build/ --kernel 6.1,6.12,7.3 --budget 80% --format github
          knockwright verify tests/ --expect rejected.jsonl
          knockwright verify --batch programs.jsonl > verdicts.jsonl
          knockwright verify --batch programs.jsonl --kernel 6.1,6.12 > verdicts.jsonl

A line of a batch:
  {\"name\": \"n1\", \"prog_type\": \"xdp\", \"insns\": \"b7000000020000009500000000000000\"}
gives
  {\"name\": \"n1\", \"verdict\": \"accept\", \"errno\": 0, \"insn\": null, \"message\": \"\", \"processed\": 2}
and with --kernel a row for each kernel, which also says \"kernel\" and \"release\". A line has at most 64 MiB.")]
pub(crate) struct Verify {
    /// The objects, or folders of them; `-` is standard input
    #[arg(required_unless_present = "batch", conflicts_with = "batch", value_name = "FILE.o|DIR")]
    pub(crate) files: Vec<PathBuf>,
    /// Only this program, of each object that has it
    #[arg(long, value_name = "NAME", conflicts_with = "batch")]
    pub(crate) program: Option<String>,
    #[command(flatten)]
    pub(crate) select: Select,
    /// What programs are for in the kernel, where their section's name doesn't say it: the function of fentry, the hook of lsm, the
    /// tracepoint of tp_btf; for one program alone, whatever its section says, PROGRAM=TARGET
    #[arg(long, value_name = "[PROGRAM=]TARGET", conflicts_with = "batch")]
    pub(crate) attach: Vec<AttachTo>,
    /// A file of programs, one JSON object a line; `-` is standard input
    #[arg(long, value_name = "FILE.jsonl")]
    pub(crate) batch: Option<PathBuf>,
    /// Who decides
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    pub(crate) engine: EngineChoice,
    #[command(flatten)]
    pub(crate) kernels: Kernels,
    /// The kernel's types for CO-RE and for what a program names in the kernel: BTF, vmlinux or a kernel image [default: those of
    /// the kernel that is asked]
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    pub(crate) btf: Option<PathBuf>,
    /// How much the log holds: 0 nothing, 1 the failing path, 2 every path [default: of a batch 2; of objects 1, and where an
    /// accepted program's log is shown 2]
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=2))]
    pub(crate) log_level: Option<u32>,
    /// How to show the verdict; a batch is always JSON lines
    #[arg(long, value_enum)]
    pub(crate) format: Option<VerifyFormat>,
    /// Show the verifier's whole log
    #[arg(long)]
    pub(crate) log: bool,
    #[command(flatten)]
    pub(crate) gate: Gate,
}

/// What makes `verify` a gate: configurations, budgets, what was before.
#[derive(Debug, Args)]
#[command(next_help_heading = "As a gate")]
pub(crate) struct Gate {
    /// A set of values for global variables, and of programs to leave out: {"set": {"NAME": VALUE}, "without": ["PROGRAM"]};
    /// several are tried one after the other
    #[arg(long, value_name = "FILE.json", conflicts_with = "batch")]
    pub(crate) config: Vec<PathBuf>,
    /// A value for a global variable
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "batch")]
    pub(crate) set: Vec<crate::gate::config::Setting>,
    /// How many instructions a program may take: a number, or a part of the verifier's limit such as 80%
    #[arg(long, value_name = "N|N%", conflicts_with = "batch")]
    pub(crate) budget: Option<crate::gate::budget::Budget>,
    /// What was saved before: a program that takes more now fails
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    pub(crate) baseline: Option<PathBuf>,
    /// Where to save what is said now, for --baseline
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    pub(crate) save: Option<PathBuf>,
    /// How much more than the baseline's a program may take [default: 0%]
    #[arg(long, value_name = "N%", requires = "baseline")]
    pub(crate) tolerance: Option<crate::gate::budget::Tolerance>,
    /// What is expected, a JSON object a line: {"object": "bad/*.o", "program": "p", "kernel": "6.*", "verdict": "reject",
    /// "message": "PART"}; the first line that fits a row decides
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    pub(crate) expect: Option<PathBuf>,
}

/// What the verifier accepts and rejects, to the instruction: a catalogue of cases
///
/// Each case is a small program with the verdict that each kernel gives it, and a twin: the nearest program with the other
/// verdict. `article-null` and `article-bounds` are the two faults of an article on verifier errors.
#[derive(Debug, Args)]
#[command(after_help = "Examples: knockwright cases run
          knockwright cases show article-null article-bounds
          knockwright cases list packet-unchecked")]
pub(crate) struct Cases {
    #[command(subcommand)]
    pub(crate) command: CasesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CasesCommand {
    List(CasesList),
    Run(CasesRun),
    Show(CasesShow),
    Record(CasesRecord),
    Diff(CasesDiff),
    Kernels(CasesKernels),
}

/// Keep the whole logs of cases, one file a kernel
///
/// The logs of levels 1 and 2, addresses replaced. Cases that are named replace theirs in each kernel's recording and leave
/// the others as they are; without names the recording is made anew. Nothing is
/// written before all kernels have answered, and each file appears whole or not at all.
#[derive(Debug, Args)]
#[command(after_help = "Examples: knockwright cases record article-null --kernel all
          knockwright cases record --kernel 6.12,6.18")]
pub(crate) struct CasesRecord {
    /// Cases or classes [default: all]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Several with commas; `all` is every one of the catalogue, in QEMU, and `host` the running kernel, for which --logs has
    /// to name a folder [default: host]
    #[arg(long, value_delimiter = ',', value_name = "VERSION[,…]|all|host")]
    pub(crate) kernel: Vec<Wanted>,
    /// The folder of the recordings [default: that of the checkout]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) logs: Option<PathBuf>,
}

/// Tell what changed from one kernel to another, case by case, verdicts first
#[derive(Debug, Args)]
#[command(after_help = "Example: knockwright cases diff 6.12 7.3")]
pub(crate) struct CasesDiff {
    /// The first kernel's recording
    pub(crate) before: String,
    /// The second kernel's recording
    pub(crate) after: String,
    /// How to show it
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    /// The folder of the recordings [default: that of the checkout, elsewhere the ones that knockwright brings]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) logs: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    Text,
    Json,
    Markdown,
    Html,
}

/// Fetch and list the kernels that cases run on in QEMU
#[derive(Debug, Args)]
pub(crate) struct CasesKernels {
    #[command(subcommand)]
    pub(crate) command: KernelsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KernelsCommand {
    Fetch(KernelsFetch),
    /// List the kernels at hand
    List,
}

/// Fetch Debian's cloud kernels into the user's cache, as any user
///
/// Kernels that are there already are kept. A series that Debian doesn't have any more is named and left out.
#[derive(Debug, Args)]
pub(crate) struct KernelsFetch {
    /// Versions such as 6.12 [default: all of the catalogue]
    #[arg(value_name = "VERSION")]
    pub(crate) series: Vec<String>,
}

/// Which kernels are asked
#[derive(Debug, Args)]
pub(crate) struct Kernels {
    /// `host` is the running kernel, a version one in QEMU, `all` is every one of the catalogue; several with commas, as in
    /// `6.1,6.12` [default: host]
    #[arg(long, value_delimiter = ',', value_name = "host|VERSION[,…]|all")]
    pub(crate) kernel: Vec<Wanted>,
    /// A kernel of your own, run in QEMU: a bzImage or vmlinux; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) kernel_image: Vec<PathBuf>,
}

/// List the cases by class, with what is expected of each
#[derive(Debug, Args)]
pub(crate) struct CasesList {
    /// Cases or classes [default: all]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// How to show them
    #[arg(long, value_enum, default_value_t = VerdictFormat::Text)]
    pub(crate) format: VerdictFormat,
}

/// Have cases and their twins verified, and compare with what is expected
///
/// The exit status is 1 if anything differs: verdict, error number, instruction, message, instructions processed, or a
/// register's state.
#[derive(Debug, Args)]
pub(crate) struct CasesRun {
    /// Cases or classes [default: all]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) kernels: Kernels,
    /// Who decides
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    pub(crate) engine: EngineChoice,
    /// text for people, jsonl for programs, junit for test reports, github for annotations beside the lines of a workflow's run
    #[arg(long, value_enum, default_value_t = CasesFormat::Text)]
    pub(crate) format: CasesFormat,
    /// Hold the whole logs against the recorded ones too, and show what differs [default folder: that of the checkout,
    /// elsewhere the recordings that knockwright brings]
    #[arg(long, value_name = "FOLDER", num_args = 0..=1)]
    pub(crate) logs: Option<Option<PathBuf>>,
}

/// Show a case in full; for the article's two, each line of its log beside the line obtained
#[derive(Debug, Args)]
pub(crate) struct CasesShow {
    /// Cases or classes
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// Show the long programs of the article's cases too
    #[arg(long)]
    pub(crate) program: bool,
    #[command(flatten)]
    pub(crate) kernels: Kernels,
    /// Who writes the log beside the article's
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    pub(crate) engine: EngineChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CasesFormat {
    Text,
    Jsonl,
    Junit,
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyFormat {
    Text,
    /// A JSON object a line
    Jsonl,
    /// For test reports
    Junit,
    /// SARIF 2.1.0, of what is wrong
    Sarif,
    /// Annotations beside the lines of a workflow's run, and its summary
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerdictFormat {
    Text,
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineChoice {
    /// The kernel's verifier where it may be asked, else our own
    Auto,
    /// A kernel's verifier
    Kernel,
    /// Our own, without a kernel or a privilege: imitates the version of --kernel, and says `unsupported` of what it doesn't
    /// model
    Userspace,
}

/// Try random programs
///
/// Everything repeats: the same seed gives the same programs on every machine.
#[derive(Debug, Args)]
pub(crate) struct Fuzz {
    #[command(subcommand)]
    pub(crate) command: FuzzCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FuzzCommand {
    Verifier(FuzzVerifier),
}

/// A kernel where only one can be asked.
fn one_kernel(text: &str) -> Result<Wanted, String> {
    match text.parse() {
        Ok(one) if one != Wanted::All && !text.contains(',') => Ok(one),
        _ => Err("one kernel at a time: `host` or a version like `6.12`".to_owned()),
    }
}

/// Hold the user-space verifier against a kernel's: verdict, message and log of random programs
///
/// Programs on which the two differ are made small and written to a file, one a line in the format of `verify --batch`, with
/// the kernel's log. The exit status is 1 if there is one.
#[derive(Debug, Args)]
#[command(after_help = "Examples: knockwright fuzz verifier --seed 7 --count 10000
          knockwright fuzz verifier --kernel 6.12 --count 3000 --level 2")]
pub(crate) struct FuzzVerifier {
    /// Which programs
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many
    #[arg(long, default_value_t = 1000)]
    pub(crate) count: u64,
    /// The number of the first, to repeat a part
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub(crate) first: u64,
    /// `host` is the running kernel, a version one in QEMU
    #[arg(long, default_value = "host", value_name = "host|VERSION", value_parser = one_kernel)]
    pub(crate) kernel: Wanted,
    /// The log level [default: both in turn]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=2))]
    pub(crate) level: Option<u32>,
    /// Load without CAP_PERFMON
    #[arg(long)]
    pub(crate) without_perfmon: bool,
    /// Where to write programs on which the two differ; nothing is written if there is none
    #[arg(long, default_value = "fuzz-mismatches.jsonl", value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Write every program with the kernel's answer to this file too
    #[arg(long, value_name = "FILE")]
    pub(crate) keep: Option<PathBuf>,
}

/// Explain a verifier's log: the cause, the numbers, and the guard that would pass
///
/// Reads the logs of Linux 5.10 to 7.3 at level 1 or 2 as any loader prints them, with prefixes, colours or wrapped lines,
/// several in one file. Where the program is at hand, or the log shows all of it, the guard is checked: a verifier accepts
/// the program with it and rejects it with the next weaker one.
#[derive(Debug, Args)]
#[command(after_help = "Examples: sudo bpftool prog load x.o /sys/fs/bpf/x 2>&1 | knockwright explain
          knockwright verify x.o --log | knockwright explain --object x.o
          knockwright explain build.log --format html -o why.html

In JSON, each log is one object on a line of its own.")]
pub(crate) struct Explain {
    /// The log; `-` is standard input
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,
    /// text for people, json for programs, sarif for code scanning, html for a page with pictures, github for annotations
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub(crate) format: ExplainFormat,
    /// Where to write; `-` is standard output
    #[arg(short, long, default_value = "-", value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The object that was loaded: its programs are what guards are checked with, its types name the members
    #[arg(long, value_name = "FILE.o", conflicts_with = "case")]
    pub(crate) object: Option<PathBuf>,
    /// Only this program of the object
    #[arg(long, value_name = "NAME", requires = "object")]
    pub(crate) program: Option<String>,
    /// The case of the catalogue that the log is of; `NAME+twin` for its twin
    #[arg(long, value_name = "NAME")]
    pub(crate) case: Option<String>,
    /// The verifier that checks guards
    #[arg(long, value_enum, default_value_t = GuardEngine::Auto)]
    pub(crate) engine: GuardEngine,
    /// Where the source files are: in SARIF, a checked guard whose place in its file is certain becomes a fix
    #[arg(long, value_name = "FOLDER")]
    pub(crate) sources: Option<PathBuf>,
    /// Where the book of lessons is served, for links of the page to it
    #[arg(long, value_name = "URL")]
    pub(crate) lessons: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    Text,
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// One file that loads nothing
    Html,
    /// Annotations beside the lines of a workflow's run
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GuardEngine {
    /// The kernel's verifier where it may be asked, else our own
    Auto,
    /// The running kernel's
    Kernel,
    /// Our own
    Userspace,
    /// None: guards are derived, not checked
    None,
}

/// Run a program of yours in kernels in QEMU, as root there
///
/// The program must be a static binary: the guest has nothing but it, what its arguments name, and the kernel's own file
/// systems. Each file or folder that an argument names, also as `--option=FILE`, is there under the path that it has here, and
/// the program starts in the same folder. What it changes is gone with the guest. Needs no privilege.
///
/// The output of one kernel alone comes as it's written; of several, each below the kernel's name when all have ended.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples: knockwright run-in-guest ./loader knock.o --kernel 6.1,6.12,7.3
          knockwright run-in-guest --kernel 6.12 ./loader -- --verbose knock.o
Exit status: 0 ended well on all kernels, 1 ended with another status or by a signal, 3 the program or a file can't be read or \
started, 4 no such kernel or no end in time.")]
pub(crate) struct RunInGuest {
    /// The static binary
    pub(crate) binary: PathBuf,
    /// Its arguments; those that start with a dash after `--`
    #[arg(value_name = "ARG")]
    pub(crate) arguments: Vec<OsString>,
    /// Which kernels: a version, `all` of the catalogue, or several with commas, as in `6.1,6.12`
    #[arg(long, value_delimiter = ',', value_name = "VERSION[,…]|all")]
    pub(crate) kernel: Vec<Wanted>,
    /// A kernel of your own: a bzImage or vmlinux; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) kernel_image: Vec<PathBuf>,
    /// How long each kernel may take, boot included
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    pub(crate) timeout: u64,
    /// How to show what came; jsonl has status and output of each kernel in a line
    #[arg(long, value_enum, default_value_t = VerdictFormat::Text)]
    pub(crate) format: VerdictFormat,
}

/// Learn what the verifier says, and why: the catalogue as lessons
///
/// Each lesson shows a program and lets you guess, then the log, the explanation and the repair. Needs no kernel and no
/// privilege. The same lessons are a book in docs/lessons.
#[derive(Debug, Args)]
#[command(after_help = "Examples: knockwright learn
          knockwright learn map-value-max")]
pub(crate) struct Learn {
    /// A class, or a case of it [default: list the lessons]
    pub(crate) lesson: Option<String>,
    /// Show everything without asking, as where standard input is no terminal
    #[arg(long)]
    pub(crate) show: bool,
}

/// Guard a TCP port: closed to everyone who hasn't knocked
///
/// Loads the firewall's program, fills in its configuration, attaches it to the interface and shows what happens, until
/// Ctrl-C detaches it. If it is killed instead, the program stays attached and the port guarded: `status` says so, `unload`
/// removes it, and the next `run` takes it over with the open sessions.
#[derive(Debug, Args)]
#[command(after_help = "\
Without its service running the port is as open as it was before: Ctrl-C opens it, killing doesn't.
SIGHUP has the configuration read again.
Keep a second way in while you try it: with a wrong configuration you lock yourself out.

Example: knockwright check && sudo knockwright run
Exit status: 0 stopped by a signal, 3 bad configuration or no such interface, 4 not possible here or not permitted, or the \
interface went away.")]
pub(crate) struct Run {
    /// The configuration; `-` is standard input
    #[arg(short, long, value_name = "FILE", default_value = knockwright_firewall::config::DEFAULT_PATH)]
    pub(crate) config: PathBuf,
    /// The interface to guard, instead of the configuration's
    #[arg(short, long, value_name = "NAME")]
    pub(crate) interface: Option<String>,
    /// How to attach, instead of the configuration's
    #[arg(short, long, value_enum)]
    pub(crate) mode: Option<AttachMode>,
    /// How to show events; json: one object a line
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) pins: Pins,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AttachMode {
    /// Native if the driver takes it, else generic
    Auto,
    /// In the driver
    Native,
    /// In the network stack: slower, works on every interface
    Generic,
}

/// Where the pins are
#[derive(Debug, Args)]
pub(crate) struct Pins {
    /// Where what is loaded is pinned: a folder in a BPF file system
    #[arg(long, value_name = "FOLDER", default_value = knockwright_firewall::pins::DEFAULT_ROOT)]
    pub(crate) pins: PathBuf,
}

/// Say what is wrong or risky in a configuration
///
/// Lists all errors and warnings at once, each with line and column. Never shows the sequence, which is a secret.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 it can be used, even with warnings; 3 it can't.")]
pub(crate) struct Check {
    /// The configuration; `-` is standard input
    #[arg(default_value = knockwright_firewall::config::DEFAULT_PATH)]
    pub(crate) file: PathBuf,
}

/// Show which interfaces are guarded, how, and for whom their doors are open
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 shown, even if nothing is guarded; 4 the named interface isn't guarded, or not permitted."
)]
pub(crate) struct StatusCommand {
    /// Only this interface
    pub(crate) interface: Option<String>,
    /// How to show it; json: a list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) pins: Pins,
}

/// Remove the firewall from an interface, whether its service runs or was killed
///
/// Detaches the program and removes its pins. The port is open then; a service that still runs ends.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 removed; 3 no interface has such a name; 4 nothing was there, or not permitted."
)]
pub(crate) struct Unload {
    /// The interface; needed if several are guarded
    pub(crate) interface: Option<String>,
    #[command(flatten)]
    pub(crate) pins: Pins,
}

/// Knock at a host's ports, so that its door opens
///
/// Sends one empty UDP datagram to each port, in order. The ports come from the command line, or from a door of the
/// configuration, so that they stand in no shell history.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples: knockwright knock server.example.org ssh --verify && ssh server.example.org
          knockwright knock 192.0.2.1 7000 8123 9031

UDP may lose packets: if the door stays closed, knock again. Nothing answers a knock; --verify tells whether it helped.
Exit status: 0 sent (with --verify: open), 1 not open, 3 unknown host or door, 4 sending was not possible.")]
pub(crate) struct Knock {
    /// The host's name or address
    pub(crate) host: String,
    /// The name of a door, or the UDP ports to knock at
    #[arg(required = true, value_name = "DOOR|PORT")]
    pub(crate) door: Vec<String>,
    /// The configuration that has the door; `-` is standard input
    #[arg(short, long, value_name = "FILE", default_value = knockwright_firewall::config::DEFAULT_PATH)]
    pub(crate) config: PathBuf,
    /// The pause between knocks: in the network's queues they can overtake each other
    #[arg(short, long, value_name = "MS", default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=60_000))]
    pub(crate) delay: u32,
    /// Use an IPv4 address of the host
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub(crate) ipv4: bool,
    /// Use an IPv6 address of the host
    #[arg(short = '6', long)]
    pub(crate) ipv6: bool,
    /// Then try the TCP port: the door's, or the one given
    #[arg(long, value_name = "PORT", num_args = 0..=1, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) verify: Option<Option<u16>>,
}

/// Print the completions of a shell
#[derive(Debug, Args)]
#[command(after_help = "Example: knockwright completions bash > /etc/bash_completion.d/knockwright")]
pub(crate) struct Completions {
    pub(crate) shell: clap_complete::Shell,
}

/// Write the manual pages into a folder
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder; it is made if need be
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
}
