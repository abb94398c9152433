//! One folder: how far its job is, and what came of it.

use leptos::prelude::*;

use crate::api::{Cancel, Run};
use crate::model::{Board, Compared, Job, State, bytes};

#[component]
pub fn JobRow(folder: String, board: ReadSignal<Board>) -> impl IntoView {
    let job = {
        let folder = folder.clone();
        Memo::new(move |_| board.read().jobs.get(&folder).cloned().unwrap_or_default())
    };
    let percent = Memo::new(move |_| job.read().percent());
    let state = Memo::new(move |_| job.read().state.name());
    let is_busy = Memo::new(move |_| job.read().state.is_busy());
    let (job_id, checksum_id) = (format!("job-{folder}"), format!("checksum-{folder}"));
    let run = ServerAction::<Run>::new();
    let cancel = ServerAction::<Cancel>::new();
    let name = if folder == "." { "Files beside the folders".to_owned() } else { folder.clone() };
    let label = {
        let name = name.clone();
        move || if is_busy.get() { format!("Cancel {name}") } else { format!("Run {name}") }
    };
    let act = {
        let folder = folder.clone();
        move |_| {
            if is_busy.get_untracked() {
                cancel.dispatch(Cancel { folder: folder.clone() });
            } else {
                run.dispatch(Run { folder: Some(folder.clone()) });
            }
        }
    };
    let objection = move || {
        let ran = run.value().get().and_then(Result::err);
        ran.or_else(|| cancel.value().get().and_then(Result::err)).map(|error| error.to_string())
    };

    view! {
        <li class="job" data-testid=job_id data-state=state>
            <h2>{name.clone()}</h2>
            <p class="state">{move || words(&job.read())}</p>
            <button aria-label=label on:click=act>
                {move || if is_busy.get() { "Cancel" } else { "Run" }}
            </button>
            <div
                class="bar"
                role="progressbar"
                aria-label=format!("Progress of {name}")
                aria-valuenow=move || percent.get()
                aria-valuemin="0"
                aria-valuemax="100"
            >
                <span style:width=move || format!("{}%", percent.get())></span>
            </div>
            <p class="progress">{move || progress(&job.read())}</p>
            <p class="checksum">
                <Show when=move || job.read().checksum.is_some()>
                    <code data-testid=checksum_id.clone()>{move || job.read().checksum.clone()}</code>
                </Show>
                <span>{move || comparison(&job.read())}</span>
            </p>
            <p class="objection" role="alert">
                {objection}
            </p>
        </li>
    }
}

fn words(job: &Job) -> String {
    match &job.state {
        State::Idle => "Not run yet".to_owned(),
        State::Queued => "Queued".to_owned(),
        State::Running => format!("Running, {} %", job.percent()),
        State::Done if job.millis < 1_000 => format!("Done in {} ms", job.millis),
        State::Done => format!("Done in {}.{} s", job.millis / 1_000, job.millis % 1_000 / 100),
        State::Cancelled => "Cancelled".to_owned(),
        State::Failed(why) => format!("Failed: {why}"),
    }
}

fn progress(job: &Job) -> String {
    if job.files == 0 {
        return String::new();
    }
    let done = format!("{} of {} files, {} of {}", job.files_done, job.files, bytes(job.bytes_done), bytes(job.bytes));
    match job.speed() {
        Some(speed) => format!("{done}, {}/s", bytes(speed)),
        None => done,
    }
}

/// What the checksum says: it stays while the next one is made.
fn comparison(job: &Job) -> Option<String> {
    if job.state == State::Done {
        return job.compared.map(compared);
    }
    job.checksum.as_ref().map(|_| "This is that of the latest whole run.".to_owned())
}

fn compared(compared: Compared) -> String {
    let Compared { added, changed, removed } = compared;
    if compared.is_same() {
        return "Nothing has changed since the run before.".to_owned();
    }
    format!("Since the run before: {added} added, {changed} changed, {removed} removed.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_told_in_words() {
        let job = Job {
            state: State::Done,
            run: 1,
            millis: 1_260,
            files: 3,
            files_done: 3,
            bytes: 2_520,
            bytes_done: 2_520,
            ..Job::default()
        };
        assert_eq!(words(&job), "Done in 1.2 s");
        assert_eq!(progress(&job), "3 of 3 files, 2 kB of 2 kB, 2 kB/s");
        assert_eq!(progress(&Job::default()), "");
        assert_eq!(words(&Job { millis: 9, ..job }), "Done in 9 ms");
        assert_eq!(
            compared(Compared { added: 1, changed: 2, removed: 0 }),
            "Since the run before: 1 added, 2 changed, 0 removed."
        );
    }
}
