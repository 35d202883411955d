//! Cases on several kernels at once.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::thread;

use knockwright_verifier::Engine;

use crate::run::{KernelReport, RunError, Selected, run};

/// Runs the cases on every engine, `jobs` at a time, and gives each report to `done` as it comes. The results are in the
/// order of the engines.
pub fn run_all(
    cases: &[Selected<'_>],
    mut engines: Vec<Box<dyn Engine>>,
    jobs: NonZeroUsize,
    done: impl Fn(&Result<KernelReport, RunError>) + Sync,
) -> Vec<Result<KernelReport, RunError>> {
    on_each(&mut engines, jobs, |_, engine| {
        let result = run(cases, engine.as_mut());
        done(&result);
        result
    })
}

/// Does something with every engine, or whatever else is one for each kernel, `jobs` at a time: `work` gets its place among
/// them too. The results are in their order.
pub fn on_each<E: Send, T: Send>(
    ones: &mut [E],
    jobs: NonZeroUsize,
    work: impl Fn(usize, &mut E) -> T + Sync,
) -> Vec<T> {
    let count = ones.len();
    let waiting = Mutex::new(ones.iter_mut().enumerate());
    let results = Mutex::new(Vec::with_capacity(count));
    thread::scope(|scope| {
        for _ in 0..jobs.get().min(count) {
            scope.spawn(|| {
                // A poisoned lock means that another worker panicked; what is inside is whole nevertheless.
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                while let Some((index, one)) = next() {
                    let result = work(index, one);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// As many jobs as the machine has processors: a guest keeps one busy.
pub fn default_jobs() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
