//! The forms that logs come in: what loaders, loggers, terminals, pages and people make of one.

/// A log to wrap.
pub(crate) struct Log<'a> {
    /// As the kernel wrote it.
    pub(crate) text: &'a str,
    /// The error, such as 13.
    pub(crate) errno: i32,
}

/// How much of the log a form keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// All of it.
    All,
    /// The last instruction and the message.
    LastLines,
}

/// A form.
pub(crate) struct Form {
    /// As the documentation names it.
    pub(crate) name: &'static str,
    pub(crate) keeps: Keeps,
    pub(crate) wrap: fn(&Log<'_>) -> String,
}

const fn form(name: &'static str, wrap: fn(&Log<'_>) -> String) -> Form {
    Form { name, keeps: Keeps::All, wrap }
}

const fn shortened(name: &'static str, wrap: fn(&Log<'_>) -> String) -> Form {
    Form { name, keeps: Keeps::LastLines, wrap }
}

/// Every form, in the order of the documentation.
pub(crate) const FORMS: &[Form] = &[
    form("the kernel's own text", |log| log.text.to_owned()),
    form("libbpf", libbpf),
    form("libbpf before 1.0", old_libbpf),
    form("bpftool", |log| format!("{}Error: failed to load object file\n", libbpf(log))),
    form("iproute2 (ip, tc)", iproute2),
    form("aya: Display", |log| {
        format!(
            "Error: the BPF_PROG_LOAD syscall returned {} (os error {}). Verifier output: {}\n",
            words(log),
            log.errno,
            log.text
        )
    }),
    form("aya: a list of causes", |log| {
        format!(
            "Error: failed to load program\n\nCaused by:\n    0: the BPF_PROG_LOAD syscall failed. Verifier output: {}    1: {} (os error {})\n",
            each_line(log, |line| format!("       {line}")).trim_start(),
            words(log),
            log.errno
        )
    }),
    form("aya: Debug", |log| {
        format!(
            "Error: LoadError {{ io_error: Os {{ code: {}, kind: PermissionDenied, message: \"{}\" }}, verifier_log: VerifierLog({:?}) }}\n",
            log.errno,
            words(log),
            log.text
        )
    }),
    form("aya: a panic of unwrap()", |log| {
        format!(
            "thread 'main' panicked at src/main.rs:21:10:\ncalled `Result::unwrap()` on an `Err` value: LoadError {{ io_error: Os {{ code: {} }}, verifier_log: {:?} }}\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
            log.errno, log.text
        )
    }),
    form("cilium/ebpf: %+v", |log| {
        format!(
            "field Knock: program knock: load program: {}:\n{}",
            words(log).to_lowercase(),
            each_line(log, |line| format!("\t{line}"))
        )
    }),
    form("cilium/ebpf: %+v after the time of Go's log", |log| {
        format!(
            "2026/11/28 10:11:12 loading objects: field Knock: program knock: load program: {}:\n{}exit status 1\n",
            words(log).to_lowercase(),
            each_line(log, |line| format!("\t{line}"))
        )
    }),
    shortened("cilium/ebpf: one line", |log| one_line(log, "field Knock: program knock: load program: ")),
    shortened("cilium/ebpf: one line of nothing but the error", |log| one_line(log, "load program: ")),
    shortened("cilium/ebpf: one line after the time of Go's log", |log| {
        one_line(log, "2026/11/28 10:11:12 loading objects: field Knock: program knock: load program: ")
    }),
    shortened("cilium/ebpf: one line of a panic", |log| {
        one_line(log, "panic: loading objects: field Knock: program knock: load program: ")
    }),
    shortened("cilium/ebpf: one line without its beginning", |log| one_line(log, "")),
    shortened("cilium/ebpf: one line in logfmt", |log| {
        format!(
            "time=\"2026-11-28T10:11:12Z\" level=fatal msg=\"Failed to load: {}\" subsys=datapath-loader\n",
            one_line(log, "program cil_from_container: load program: ").trim_end().replace('"', "\\\"")
        )
    }),
    shortened("cilium/ebpf: one line in JSON", |log| {
        let line = one_line(log, "program knock: load program: ");
        format!(
            "{{\"level\":\"error\",\"ts\":1790.5,\"msg\":\"loading\",\"error\":{}}}\n",
            json(line.trim_end())
        )
    }),
    form("bcc", |log| {
        format!(
            "bpf: Failed to load program: {}\n{}\n\nHINT: see the log above\n\nTraceback (most recent call last):\n  File \"trace.py\", line 9, in <module>\n    b = BPF(text=prog)\nException: Failed to load BPF program b'knock': {}\n",
            words(log),
            log.text,
            words(log)
        )
    }),
    form("the kernel's ring buffer or a serial console", |log| {
        let mut time = 12.5;
        each_line(log, |line| {
            time += 0.001;
            format!("[{time:12.6}] {line}")
        })
    }),
    form("journald", |log| each_line(log, |line| format!("Nov 28 10:11:12 host loader[4711]: {line}"))),
    form("tracing or env_logger, each line", |log| {
        each_line(log, |line| format!("2026-11-28T10:11:12.123456Z ERROR loader::bpf: {line}"))
    }),
    form("zap's console", |log| {
        each_line(log, |line| format!("2026-11-28T10:11:12.123Z\tERROR\tbpf/load.go:12\t{line}"))
    }),
    form("docker compose", |log| each_line(log, |line| format!("agent-1  | {line}"))),
    form("GitHub Actions", |log| each_line(log, |line| format!("2026-11-28T10:11:12.1234567Z {line}"))),
    form("logfmt", |log| {
        format!(
            "time=2026-11-28T10:11:12Z level=ERROR msg=\"load failed\" subsys=loader error=\"{}\"\n",
            log.text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t")
        )
    }),
    form("logfmt, each line", |log| {
        each_line(log, |line| {
            format!(
                "level=error msg=\"{}\" subsys=datapath-loader",
                line.replace('\\', "\\\\").replace('"', "\\\"")
            )
        })
    }),
    form("JSON lines, the log in one", |log| {
        format!(
            "{{\"level\":\"info\",\"msg\":\"starting\"}}\n{{\"level\":\"error\",\"msg\":{},\"errno\":{}}}\n",
            json(log.text),
            log.errno
        )
    }),
    form("JSON lines, a line each", |log| {
        each_line(log, |line| format!("{{\"time\":\"10:11\",\"level\":\"error\",\"msg\":{}}}", json(line)))
    }),
    form("JSON of several lines", |log| {
        format!(
            "{{\n  \"verdict\": \"reject\",\n  \"errno\": {},\n  \"log\": {}\n}}\n",
            log.errno,
            json(log.text)
        )
    }),
    form("strace", |log| {
        format!(
            "bpf(BPF_PROG_LOAD, {{prog_type=BPF_PROG_TYPE_XDP, insn_cnt=14, insns=0x7ffd, license=\"GPL\", log_level=1, log_size=65536, log_buf={}}}, 148) = -1 EACCES ({})\n",
            json(log.text),
            words(log)
        )
    }),
    form("Python's repr of bytes", |log| {
        let text =
            log.text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\t', "\\t");
        format!("OSError: [Errno {}] b'{text}'\n", log.errno)
    }),
    form("a block of Markdown", |log| format!("I get this:\n\n```\n{}```\n\nWhat does it mean?\n", log.text)),
    form("a block of Markdown in a list", |log| {
        format!("1. Load it:\n\n   ```text\n{}   ```\n2. Done\n", each_line(log, |line| format!("   {line}")))
    }),
    form("a quotation", |log| {
        format!("On Friday someone wrote:\n{}\nI think so too.\n", each_line(log, |line| format!("> {line}")))
    }),
    form("a quotation of a quotation", |log| each_line(log, |line| format!("> > {line}"))),
    form("the source of an HTML page", |log| {
        format!("<p>It says:</p>\n<pre><code>{}</code></pre>\n<p>Why?</p>\n", html(log.text))
    }),
    form("HTML, copied from a list of lines", |log| {
        each_line(log, |line| format!("<div class=\"line\">{}</div>", html(line)))
    }),
    form("YAML", |log| format!("- name: knock\n  log: |\n{}", each_line(log, |line| format!("    {line}")))),
    form("a diff", |log| each_line(log, |line| format!("+{line}"))),
    form("colours", |log| each_line(log, |line| format!("\x1b[31m{line}\x1b[0m"))),
    form("lines that end in CR LF", |log| each_line(log, |line| format!("{line}\r"))),
    form("numbered lines", |log| {
        let mut number = 0;
        each_line(log, |line| {
            number += 1;
            format!("{number:6}\t{line}")
        })
    }),
    form("wrapped by a terminal of 80 columns", |log| {
        each_line(log, |line| {
            let letters: Vec<char> = line.chars().collect();
            letters.chunks(80).map(|row| row.iter().collect::<String>()).collect::<Vec<_>>().join("\n")
        })
    }),
];

fn each_line(log: &Log<'_>, mut change: impl FnMut(&str) -> String) -> String {
    log.text.lines().map(|line| change(line) + "\n").collect()
}

/// The error in the system's words.
fn words(log: &Log<'_>) -> &'static str {
    knockwright_asm::linux::errno::text_of(log.errno).expect("an errno with words")
}

fn libbpf(log: &Log<'_>) -> String {
    format!(
        "libbpf: prog 'knock': BPF program load failed: {}\nlibbpf: prog 'knock': -- BEGIN PROG LOAD LOG --\n{}-- END PROG LOAD LOG --\n\
         libbpf: prog 'knock': failed to load: -{}\nlibbpf: failed to load object 'knock.o'\n",
        words(log),
        log.text,
        log.errno
    )
}

fn old_libbpf(log: &Log<'_>) -> String {
    format!(
        "libbpf: load bpf program failed: {}\nlibbpf: -- BEGIN DUMP LOG ---\nlibbpf: \n{}\nlibbpf: -- END LOG --\n\
         libbpf: failed to load program 'knock'\nlibbpf: failed to load object 'knock.o'\n",
        words(log),
        log.text
    )
}

fn iproute2(log: &Log<'_>) -> String {
    format!(
        "\nProg section 'xdp' rejected: {} ({})!\n - Type:         6\n - Instructions: 14 (0 over limit)\n - License:      GPL\n\n\
         Verifier analysis:\n\n{}\nError fetching program/map!\n",
        words(log),
        log.errno,
        log.text
    )
}

/// The lines of a log before its summary, and before the block that Linux 7.3 adds.
pub(crate) fn before_the_end(log: &str) -> Vec<&str> {
    let is_end = |line: &str| line.starts_with("processed ") || line.starts_with("Verification failed: ");
    log.lines().take_while(|line| !is_end(line)).filter(|line| !line.is_empty()).collect()
}

/// The last lines in one, as cilium/ebpf prints an error: without the summary, joined by `: `.
fn one_line(log: &Log<'_>, before: &str) -> String {
    let lines = before_the_end(log.text);
    let kept = &lines[lines.len().saturating_sub(2)..];
    // States and columns of blanks are as the kernel writes them.
    format!(
        "{before}{}: {} ({} line(s) omitted)\n",
        words(log).to_lowercase(),
        kept.join(": "),
        lines.len() - kept.len()
    )
}

fn json(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
        .replace('"', "&quot;")
}
