//! Explains the log on standard input.
use std::io::stdin;
fn main() -> std::io::Result<()> {
    let explained = knockwright_explain::Explainer::new().explain(stdin().lock())?;
    for log in &explained.logs {
        println!("{}", knockwright_explain::render::text::render(log, Default::default()));
    }
    println!("{:?}", explained.outside);
    Ok(())
}
