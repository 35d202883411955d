//! One log: headline, story, numbers, guard, pictures, and the tables behind them.

use std::fmt::{self, Write};

use knockwright_asm::linux::errno;

use super::flow::Flow;
use super::history;
use super::text::{esc, minus, prose};
use super::{Subject, beside, graph, ruler, timeline};
use crate::class::{Blame, Class};
use crate::counted::counted;
use crate::derivation::Derivation;
use crate::diagnosis::{Cause, Diagnosis, Guard, Measured, Ruler};
use crate::reading::SourceText;
use crate::reading::UnknownLines;

/// Draws the article of a log.
pub(super) fn draw(out: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let diagnosis = &subject.explanation.diagnosis;
    let trace = &subject.explanation.trace;
    let fails = diagnosis.insn.filter(|insn| subject.fails_at(*insn));
    let fails = fails.map_or_else(String::new, |insn| format!(" data-fails=\"{insn}\""));
    writeln!(out, "<article class=\"log\" id=\"{0}\"{fails} aria-labelledby=\"{0}-title\">", subject.id)?;
    headline(out, subject)?;
    out.push_str("<div class=\"columns\">\n");
    story(out, subject)?;
    out.push_str("<div class=\"side\">\n");
    if let Some(derivation) = &diagnosis.derivation {
        draw_derivation(out, subject, derivation)?;
    }
    let guards: Vec<&Guard> = diagnosis.conditions().collect();
    draw_guards(out, subject, &guards)?;
    fix(out, subject)?;
    out.push_str("</div>\n");
    if subject.with_pictures {
        beside::log(out, subject)?;
    }
    out.push_str("</div>\n");
    if !subject.with_pictures {
        out.push_str("<p class=\"quiet\">No pictures: this file has too many logs for them. Explain this log by itself to see them.</p>\n");
    } else {
        if let Some(of) = &trace.ruler {
            writeln!(
                out,
                "<section aria-labelledby=\"{0}-object\"><h3 id=\"{0}-object\">The object</h3>",
                subject.id
            )?;
            writeln!(out, "<p class=\"lead\">{}</p>", esc(sentence(&ruler::summary(of))))?;
            ruler::draw(out, subject, of)?;
            members(out, of)?;
            out.push_str("</section>\n");
        }
        if !trace.listing.is_empty() {
            beside::program(out, subject)?;
        }
        if !trace.path.is_empty() {
            registers(out, subject)?;
        }
        if !trace.listing.is_empty() {
            program(out, subject)?;
        }
    }
    more(out, diagnosis)?;
    out.push_str("</article>\n");
    Ok(())
}

fn headline(out: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let diagnosis = &subject.explanation.diagnosis;
    let tone = match diagnosis.blame {
        Blame::Program => "bad",
        Blame::Nobody => "good",
        Blame::Kernel | Blame::Privilege | Blame::Limit | Blame::Unknown => "hint",
    };
    writeln!(
        out,
        "<header class=\"headline\"><p class=\"badge {tone}\">{}</p>\n<h2 id=\"{}-title\">{}</h2>",
        esc(diagnosis.blame.words()),
        subject.id,
        esc(sentence(diagnosis.title))
    )?;
    if !diagnosis.message.is_empty() {
        writeln!(out, "<p class=\"message\"><code>{}</code></p>", esc(&diagnosis.message))?;
    }
    out.push_str("<dl class=\"facts\">");
    let mut fact = |name: &str, value: Option<String>| match value {
        Some(value) => write!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", esc(value)),
        None => Ok(()),
    };
    fact("Program", diagnosis.program.clone())?;
    fact("Instruction", diagnosis.insn.map(|insn| insn.to_string()))?;
    fact("Register", diagnosis.register.clone())?;
    fact("Log of Linux", diagnosis.kernel_format.map(str::to_owned))?;
    fact("Error", diagnosis.errno.map(error))?;
    fact("Class", Some(diagnosis.class.slug().to_owned()))?;
    out.push_str("</dl>\n");
    if let Some(source) = &diagnosis.source {
        source_line(out, source)?;
    }
    out.push_str("</header>\n");
    Ok(())
}

/// An error by its name, with its number and what it means.
fn error(errno: i32) -> String {
    let number = errno.saturating_abs();
    match (errno::name_of(number), errno::text_of(number)) {
        (Some(name), Some(text)) => format!("{name} ({number}, {text})"),
        (Some(name), None) => format!("{name} ({number})"),
        _ => number.to_string(),
    }
}

/// A title as the start of a sentence.
fn sentence(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn source_line(out: &mut String, source: &SourceText) -> fmt::Result {
    writeln!(out, "<p class=\"source\">{}<code>{}</code></p>", place(source), esc(&source.text))
}

fn place(source: &SourceText) -> String {
    match (&source.file, source.line) {
        (Some(file), Some(line)) => format!("<span class=\"place\">{}:{line}</span> ", esc(file)),
        (Some(file), None) => format!("<span class=\"place\">{}</span> ", esc(file)),
        _ => String::new(),
    }
}

fn story(out: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let causes = &subject.explanation.diagnosis.cause;
    writeln!(
        out,
        "<section class=\"storybox\" aria-labelledby=\"{0}-story\"><h3 id=\"{0}-story\">How it came to that</h3>",
        subject.id
    )?;
    if causes.is_empty() {
        out.push_str("<p class=\"quiet\">The program was refused before an instruction of it was walked, or the log doesn't show the walk.</p>\n");
    }
    out.push_str("<ol class=\"story\">\n");
    let mut last: Option<&SourceText> = None;
    for (place, cause) in causes.iter().enumerate() {
        draw_cause(out, subject, cause, place + 1, cause.source.as_ref().filter(|now| Some(*now) != last))?;
        last = cause.source.as_ref().or(last);
    }
    out.push_str("</ol></section>\n");
    Ok(())
}

fn draw_cause(
    out: &mut String,
    subject: &Subject<'_>,
    cause: &Cause,
    number: usize,
    source: Option<&SourceText>,
) -> fmt::Result {
    let fails = subject.fails_at(cause.insn) && number == subject.explanation.diagnosis.cause.len();
    out.push_str("<li>");
    if let Some(source) = source {
        source_line(out, source)?;
    }
    let (link, end) = subject.link(cause.insn, if fails { "cause bad" } else { "cause" });
    write!(
        out,
        "{link}<span class=\"num\" aria-hidden=\"true\">{}</span><span class=\"body\"><code class=\"insn\"><span class=\"n\">{}</span> {}</code><span class=\"why\">{}</span>",
        if fails { "✕".to_owned() } else { number.to_string() },
        cause.insn,
        esc(&cause.text),
        esc(&cause.why)
    )?;
    if !cause.state.is_empty() {
        write!(out, "<code class=\"state\">{}</code>", esc(&cause.state))?;
    }
    writeln!(out, "</span>{end}</li>")
}

fn draw_derivation(out: &mut String, subject: &Subject<'_>, derivation: &Derivation) -> fmt::Result {
    writeln!(
        out,
        "<section aria-labelledby=\"{0}-numbers\"><h3 id=\"{0}-numbers\">The numbers</h3>\n<table class=\"numbers\"><thead class=\"unseen\"><tr><th scope=\"col\">Instruction</th><th scope=\"col\">Step</th><th scope=\"col\">Value</th></tr></thead><tbody>",
        subject.id
    )?;
    for step in &derivation.steps {
        let insn = step.insn.map_or_else(String::new, |insn| {
            let (link, end) = subject.link(insn, "jump");
            format!("{link}{insn}{end}")
        });
        writeln!(out, "<tr><td>{insn}</td><td>{}</td><td>{}</td></tr>", esc(&step.text), esc(&step.value))?;
    }
    writeln!(out, "</tbody></table>\n<p class=\"result\">{}</p></section>", esc(&derivation.result))
}

/// The guard, or the two that are needed together.
fn draw_guards(out: &mut String, subject: &Subject<'_>, guards: &[&Guard]) -> fmt::Result {
    let Some(guard) = guards.first() else { return Ok(()) };
    let title =
        if guards.len() > 1 { "The guards that would pass together" } else { "The guard that would pass" };
    let conditions: Vec<String> =
        guards.iter().map(|guard| format!("<code>{}</code>", esc(&guard.condition))).collect();
    let id = &subject.id;
    let (link, end) = subject.link(guard.insn, "jump");
    let (tone, word) = match (guard.checked, guard.checked_on_path) {
        (true, _) => ("good", "✓ checked"),
        (_, true) => ("hint", "checked on the path shown"),
        _ => ("hint", "derived, not checked"),
    };
    writeln!(
        out,
        "<section class=\"guard\" aria-labelledby=\"{id}-guard\"><h3 id=\"{id}-guard\">{title} <span class=\"badge {tone}\">{word}</span></h3>\n<p class=\"condition\">{} before instruction {link}{1}{end}</p>",
        conditions.join(" and "),
        guard.insn
    )?;
    let all = |of: fn(&Guard) -> Option<&str>| {
        let texts: Option<Vec<&str>> = guards.iter().map(|guard| of(guard)).collect();
        texts.map(|texts| texts.join("\n"))
    };
    let forms = [
        ("BPF assembly", all(|guard| Some(&guard.asm))),
        ("Rust DSL", all(|guard| Some(&guard.dsl))),
        ("C", all(|guard| guard.c.as_deref())),
    ];
    let forms: Vec<(&str, String)> =
        forms.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
    writeln!(out, "<div class=\"tabs\" role=\"group\" aria-label=\"The guard as\">")?;
    for (number, (name, _)) in forms.iter().enumerate() {
        let checked = if number == 0 { " checked" } else { "" };
        write!(
            out,
            "<input type=\"radio\" name=\"{id}-form\" id=\"{id}-form{number}\"{checked}><label for=\"{id}-form{number}\">{name}</label>"
        )?;
    }
    for (number, (_, text)) in forms.iter().enumerate() {
        write!(out, "<pre class=\"form{number}\"><code>{}</code></pre>", esc(text))?;
    }
    writeln!(out, "</div>\n<p class=\"evidence\">{}</p>", prose(&sentence(&guard.evidence)))?;
    if let Some(stricter) = guards.iter().find_map(|guard| guard.stricter.as_ref()) {
        writeln!(
            out,
            "<p class=\"stricter\"><strong>Stricter:</strong> <code>{}</code> is what <code>{}</code> has room for. The verifier is content with less.</p>",
            esc(&stricter.condition),
            esc(&stricter.field)
        )?;
    }
    out.push_str("</section>\n");
    Ok(())
}

fn fix(out: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let diagnosis = &subject.explanation.diagnosis;
    if diagnosis.class == Class::Accepted {
        return Ok(());
    }
    writeln!(out, "<section><h3>What to do</h3><p>{}</p>", prose(&diagnosis.fix))?;
    if let Some(remedy) = diagnosis.remedy {
        out.push_str("<dl class=\"remedy\">");
        for (language, what) in [("C", remedy.c), ("Rust", remedy.rust), ("Assembly", remedy.asm)] {
            if !what.is_empty() {
                write!(out, "<dt>{language}</dt><dd>{}</dd>", prose(what))?;
            }
        }
        out.push_str("</dl>\n");
    }
    for note in &diagnosis.notes {
        writeln!(out, "<p class=\"note\">{}</p>", prose(&sentence(note)))?;
    }
    writeln!(
        out,
        "<details class=\"rule\" id=\"{}-rule\"><summary>The rule behind it</summary><p>{}</p></details>",
        subject.id,
        prose(diagnosis.class.why())
    )?;
    if let (Some(lesson), Some(place)) = (diagnosis.lesson, diagnosis.class.lesson()) {
        let (start, end) = match subject.lessons.map(|base| base.trim_end_matches('/')) {
            Some(base) => (format!("<a href=\"{}/{}/{lesson}.html\">", esc(base), place.chapter), "</a>"),
            None => (String::new(), ""),
        };
        writeln!(out, "<p class=\"note\">{start}Lesson{end}: <code>knockwright learn {lesson}</code></p>")?;
    }
    if let Some(page) = diagnosis.docs {
        writeln!(out, "<p class=\"note\"><a href=\"{page}\">The kernel's documentation</a></p>")?;
    }
    out.push_str("</section>\n");
    Ok(())
}

fn members(out: &mut String, of: &Ruler) -> fmt::Result {
    if of.fields.is_empty() {
        return Ok(());
    }
    let (what, member) =
        if of.measured == Measured::Stack { ("Bytes", "Bytes that were") } else { ("Members", "Member") };
    writeln!(
        out,
        "<details><summary>{what} as a table</summary><div class=\"scroll\"><table class=\"data\"><thead><tr><th scope=\"col\">{member}</th><th scope=\"col\">Offset</th><th scope=\"col\">Bytes</th><th scope=\"col\">Elements</th></tr></thead><tbody>"
    )?;
    for field in &of.fields {
        let elements = field.elements.map_or_else(String::new, |many| many.to_string());
        writeln!(
            out,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{elements}</td></tr>",
            esc(&field.name),
            minus(of.start + i64::from(field.offset)),
            field.size
        )?;
    }
    out.push_str("</tbody></table></div></details>\n");
    Ok(())
}

fn registers(out: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let trace = &subject.explanation.trace;
    let first = history::first_step(trace);
    writeln!(
        out,
        "<section aria-labelledby=\"{0}-line\"><h3 id=\"{0}-line\">The registers along the path</h3>",
        subject.id
    )?;
    timeline::draw(out, subject)?;
    path_table(out, subject, first)?;
    out.push_str("</section>\n");
    Ok(())
}

fn path_table(out: &mut String, subject: &Subject<'_>, first: usize) -> fmt::Result {
    let marks = subject.pointer_marks();
    out.push_str("<details class=\"path\"><summary>The path as a table</summary><div class=\"scroll tall\" tabindex=\"0\" role=\"group\" aria-label=\"The path as a table\"><table class=\"data\"><thead><tr><th scope=\"col\">Slot</th><th scope=\"col\">Instruction</th><th scope=\"col\">Source</th><th scope=\"col\">Registers after it</th></tr></thead><tbody>\n");
    for (column, step) in subject.explanation.trace.path[first..].iter().enumerate() {
        write!(out, "<tr data-s=\"{column}\" data-i=\"{}\" data-f=\"{}\"", step.insn, step.frame)?;
        if let Some((left, right)) = marks.get(&column) {
            write!(out, " data-w=\"{left:.1} {right:.1}\"")?;
        }
        write!(out, "><td>{}</td><td><code>{}</code>", step.insn, esc(&step.text))?;
        if step.taken {
            out.push_str(" <span class=\"taken\">taken</span>");
        }
        out.push_str("</td><td>");
        if let Some(source) = &step.source {
            write!(out, "{}<code>{}</code>", place(source), esc(&source.text))?;
        }
        out.push_str("</td><td>");
        for shown in &step.registers {
            write!(out, "<code>r{} = {}</code> ", shown.register, esc(&shown.state))?;
        }
        out.push_str("</td></tr>\n");
    }
    out.push_str("</tbody></table></div></details>\n");
    Ok(())
}

fn program(out: &mut String, subject: &Subject<'_>) -> fmt::Result {
    let flow = Flow::new(&subject.explanation.trace, &subject.must_be_shown());
    writeln!(
        out,
        "<section class=\"programbox\" aria-labelledby=\"{0}-program\"><h3 id=\"{0}-program\">The program</h3>\n<p class=\"lead\">Basic blocks as the log shows them. Strong lines are the path that failed; a dot is a jump that is taken, numbers are the story's.",
        subject.id
    )?;
    if flow.left_out > 0 {
        let verb = if flow.left_out == 1 { "isn't" } else { "aren't" };
        write!(out, " {} {verb} drawn.", counted(flow.left_out as u64, "instruction"))?;
    }
    out.push_str("</p>\n<p class=\"zoom js\"><button type=\"button\" data-zoom=\"-1\" aria-label=\"Smaller graph\">−</button> <button type=\"button\" data-zoom=\"0\">100 %</button> <button type=\"button\" data-zoom=\"1\" aria-label=\"Larger graph\">+</button> <button type=\"button\" data-zoom=\"fit\">Fit width</button></p>\n<div class=\"scroll graphbox\" tabindex=\"0\" role=\"group\" aria-label=\"Control-flow graph\">");
    graph::draw(out, subject, &flow)?;
    out.push_str("</div></section>\n");
    Ok(())
}

fn more(out: &mut String, diagnosis: &Diagnosis) -> fmt::Result {
    if let Some(kernel) = &diagnosis.kernel {
        writeln!(
            out,
            "<section class=\"kernel\"><h3>What the kernel says itself</h3><p><strong>{}</strong>: {}</p><p>{}</p><p>{}</p>",
            esc(&kernel.category),
            esc(&kernel.title),
            esc(&kernel.reason),
            esc(&kernel.suggestion)
        )?;
        if !kernel.path.is_empty() {
            out.push_str("<ul>");
            for event in &kernel.path {
                write!(
                    out,
                    "<li><code>{}</code> {}: {}</li>",
                    event.insn,
                    esc(&event.kind),
                    esc(&event.text)
                )?;
            }
            out.push_str("</ul>");
        }
        out.push_str("</section>\n");
    }
    unknown_lines(out, &diagnosis.unknown_lines, "in the log")
}

/// The lines that weren't understood.
pub(super) fn unknown_lines(out: &mut String, unknown: &UnknownLines, place: &str) -> fmt::Result {
    if unknown.count == 0 {
        return Ok(());
    }
    let many = if unknown.count == 1 { "One line".to_owned() } else { format!("{} lines", unknown.count) };
    writeln!(
        out,
        "<details class=\"unknown\"><summary>{many} {place} that nobody here understands</summary><pre>"
    )?;
    for line in &unknown.first {
        writeln!(out, "{}", esc(line))?;
    }
    if unknown.count > unknown.first.len() {
        writeln!(out, "… and {} more", unknown.count - unknown.first.len())?;
    }
    out.push_str("</pre></details>\n");
    Ok(())
}
