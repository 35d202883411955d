//! Cases on several kernels at once.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::thread;

use crate::engine::Engine;
use crate::run::{KernelReport, RunError, Selected, run};

/// Runs the cases on every engine, `jobs` at a time, and gives each report to `done` as it comes. The results are in the
/// order of the engines.
pub fn run_all(
    cases: &[Selected<'_>],
    engines: Vec<Box<dyn Engine + Send>>,
    jobs: NonZeroUsize,
    done: impl Fn(&Result<KernelReport, RunError>) + Sync,
) -> Vec<Result<KernelReport, RunError>> {
    let count = engines.len();
    let waiting = Mutex::new(engines.into_iter().enumerate());
    let results = Mutex::new(Vec::with_capacity(count));
    thread::scope(|scope| {
        for _ in 0..jobs.get().min(count) {
            scope.spawn(|| {
                // A poisoned lock means that another worker panicked; what is inside is whole nevertheless.
                let next = || waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
                while let Some((index, mut engine)) = next() {
                    let result = run(cases, engine.as_mut());
                    done(&result);
                    results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// As many jobs as the machine has processors: a guest keeps one busy.
pub fn default_jobs() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
