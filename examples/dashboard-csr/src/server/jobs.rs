//! The jobs: so many run at once, and each tells of itself in the hub's signal of the board.
//!
//! The board is the truth: a job that no longer runs there, or runs once more, stops by itself.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use leptos_sse::{ServerSignal, SseHub};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::model::{Board, Job, State};
use crate::server::folder::{self, Sums};

/// How many jobs run at once.
const WORKERS: usize = 2;
/// How often a job tells how far it is.
const INTERVAL: Duration = Duration::from_millis(100);

#[derive(Clone)]
pub struct Jobs {
    root: PathBuf,
    board: ServerSignal<Board>,
    workers: Arc<Semaphore>,
    /// The checksums of the latest whole run of each job.
    latest: Arc<Mutex<HashMap<String, Sums>>>,
}

impl Jobs {
    /// The jobs of a folder; none has run.
    pub fn open(hub: &SseHub, root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        let jobs: BTreeMap<_, _> = folder::jobs(&root)?.into_iter().map(|name| (name, Job::default())).collect();
        let board = Board { root: root.display().to_string(), workers: WORKERS, jobs };
        Ok(Self { root, board: hub.signal(board), workers: Arc::new(Semaphore::new(WORKERS)), latest: Arc::default() })
    }

    /// Has a job run, or all of them; those that wait or run already are left as they are.
    pub fn run(&self, folder: Option<&str>) {
        let (jobs, folder) = (self.clone(), folder.map(str::to_owned));
        let started = self.board.update(move |board| {
            let wanted = board.jobs.iter_mut().filter(|(name, _)| folder.as_ref().is_none_or(|folder| folder == *name));
            let mut started = Vec::new();
            for (name, job) in wanted.filter(|(_, job)| !job.state.is_busy()) {
                let checksum = job.checksum.take();
                *job = Job { state: State::Queued, run: job.run + 1, checksum, ..Job::default() };
                started.push(Run { jobs: jobs.clone(), folder: name.clone(), number: job.run });
            }
            started
        });
        tokio::spawn(async move {
            for run in started.await.map(|written| written.value).unwrap_or_default() {
                tokio::spawn(run.wait());
            }
        });
    }

    pub fn cancel(&self, folder: &str) {
        let folder = folder.to_owned();
        self.board.update(move |board| {
            if let Some(job) = board.jobs.get_mut(&folder).filter(|job| job.state.is_busy()) {
                job.state = State::Cancelled;
            }
        });
    }
}

/// One run of one job.
struct Run {
    jobs: Jobs,
    folder: String,
    number: u32,
}

impl Run {
    async fn wait(self) {
        let workers = self.jobs.workers.clone();
        // The semaphore is never closed.
        let Ok(_permit) = workers.acquire_owned().await else { return };
        // Reading blocks, which would hold up the connections.
        _ = tokio::task::spawn_blocking(move || self.work()).await;
    }

    fn work(&self) {
        if let Err(error) = self.read() {
            self.tell(move |job| job.state = State::Failed(error.to_string()));
        }
    }

    fn read(&self) -> io::Result<()> {
        if !self.tell(|job| job.state = State::Running) {
            return Ok(());
        }
        let start = Instant::now();
        let files = folder::files(&self.jobs.root, &self.folder)?;
        let (count, bytes) = (files.len() as u32, files.values().sum());
        let mut done = Job { files: count, bytes, ..Job::default() };
        let mut told = None;
        let mut sums = Sums::new();
        for path in files.into_keys() {
            let sum = folder::sum(&path, |len| {
                done.bytes_done += len;
                done.millis = start.elapsed().as_millis() as u64;
                if told.is_some_and(|told: Instant| told.elapsed() < INTERVAL) {
                    return true;
                }
                told = Some(Instant::now());
                let done = done.clone();
                self.tell(move |job| job.take_progress(&done))
            })?;
            let Some(sum) = sum else { return Ok(()) };
            sums.insert(path, sum);
            done.files_done += 1;
        }
        done.millis = start.elapsed().as_millis() as u64;
        let checksum = folder::sum_of_all(&sums, &self.jobs.root);
        let compared = self.latest().get(&self.folder).map(|before| folder::compare(before, &sums));
        let counts = self.tell(move |job| {
            job.take_progress(&done);
            job.state = State::Done;
            job.checksum = Some(checksum.clone());
            job.compared = compared;
        });
        if counts {
            self.latest().insert(self.folder.clone(), sums);
        }
        Ok(())
    }

    fn latest(&self) -> MutexGuard<'_, HashMap<String, Sums>> {
        self.jobs.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the job on the board, and says whether this run still counts. Only for a thread that may block.
    fn tell(&self, mut change: impl FnMut(&mut Job) + Send + 'static) -> bool {
        let (folder, number) = (self.folder.clone(), self.number);
        let told = self.jobs.board.update(move |board| {
            let job = board.jobs.get_mut(&folder);
            let job = job.filter(|job| job.run == number && job.state.is_busy());
            job.map(&mut change).is_some()
        });
        Handle::current().block_on(told).is_ok_and(|told| told.value)
    }
}

impl Job {
    fn take_progress(&mut self, done: &Self) {
        self.files = done.files;
        self.bytes = done.bytes;
        self.files_done = done.files_done;
        self.bytes_done = done.bytes_done;
        self.millis = done.millis;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Compared;
    use crate::server::folder::tests::Scratch;

    fn job(jobs: &Jobs, folder: &str) -> Job {
        jobs.board.read().jobs[folder].clone()
    }

    async fn until_done(jobs: &Jobs) {
        while jobs.board.read().jobs.values().any(|job| job.state.is_busy()) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn a_run_tells_the_checksum_and_the_next_one_what_has_changed() {
        let scratch = Scratch::new("run");
        let jobs = Jobs::open(&SseHub::new(), &scratch.0).expect("it can be read");
        assert_eq!(job(&jobs, "a").state, State::Idle);
        jobs.run(None);
        until_done(&jobs).await;
        let first = job(&jobs, "a");
        assert_eq!((&first.state, first.run, first.files_done, first.bytes_done), (&State::Done, 1, 2, 3));
        assert_eq!(first.compared, None);

        scratch.write("a/one.txt", "abcd");
        jobs.run(Some("a"));
        until_done(&jobs).await;
        let second = job(&jobs, "a");
        assert_eq!(second.compared, Some(Compared { changed: 1, ..Compared::default() }));
        assert_ne!(second.checksum, first.checksum);
        assert_eq!((second.run, job(&jobs, ".").run), (2, 1));
    }

    #[tokio::test]
    async fn a_job_that_waits_can_be_cancelled_and_run_again() {
        let scratch = Scratch::new("cancel");
        let jobs = Jobs::open(&SseHub::new(), &scratch.0).expect("it can be read");
        let busy = jobs.workers.clone().acquire_many_owned(WORKERS as u32).await.expect("it is open");
        jobs.run(Some("a"));
        assert_eq!(job(&jobs, "a").state, State::Queued);
        jobs.cancel("a");
        assert_eq!(job(&jobs, "a").state, State::Cancelled);
        jobs.run(Some("a"));
        drop(busy);
        until_done(&jobs).await;
        assert_eq!((job(&jobs, "a").state, job(&jobs, "a").run), (State::Done, 2));
        jobs.cancel("a");
        assert_eq!(job(&jobs, "a").state, State::Done, "it is too late");
    }

    #[tokio::test]
    async fn a_folder_that_is_gone_is_a_failure_with_its_reason() {
        let scratch = Scratch::new("gone");
        let jobs = Jobs::open(&SseHub::new(), &scratch.0).expect("it can be read");
        std::fs::remove_dir_all(scratch.0.join("a")).expect("it is there");
        jobs.run(Some("a"));
        jobs.run(Some("nowhere"));
        until_done(&jobs).await;
        assert!(matches!(job(&jobs, "a").state, State::Failed(why) if !why.is_empty()));
    }
}
