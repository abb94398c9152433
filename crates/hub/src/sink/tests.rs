use super::*;
use futures::StreamExt;
use leptos_sse_core::protocol::EventStream;
use std::sync::mpsc as told;
use tokio::time::{Instant, timeout};

fn event(data: &str) -> SseEvent {
    SseEvent::new().data(data)
}

/// All that a body still gives, as text.
async fn rest(body: SseBody) -> String {
    let parts: Vec<_> = body.map(|Ok(part)| part).collect().await;
    String::from_utf8(parts.concat()).unwrap()
}

async fn next(body: &mut SseBody) -> String {
    let Ok(part) = body.next().await.expect("the stream has ended");
    String::from_utf8(part.to_vec()).unwrap()
}

/// A hook, and what it was told.
fn hook() -> (impl FnOnce(SseResponseClosed) + Send + 'static, told::Receiver<SseResponseClosed>) {
    let (tell, told) = told::channel();
    (move |end| tell.send(end).unwrap(), told)
}

/// Something that is dropped with a closure.
struct Guard(told::Sender<&'static str>);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

async fn an_hour() {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_as_long_as_its_closure_and_ends_after_what_was_sent() {
    let (hook, told) = hook();
    let body = SseResponse::new(|sink: SseSink| async move {
        for data in ["one", "two\nlines"] {
            sink.send(event(data)).await?;
        }
        Ok(())
    });
    let mut body = body.on_close(hook).spawn();
    assert_eq!(next(&mut body).await, "data: one\n\n");
    assert_eq!(next(&mut body).await, "data: two\ndata: lines\n\n");
    assert!(told.try_recv().is_err());
    assert!(body.next().await.is_none() && body.next().await.is_none());
    assert_eq!(told.try_recv(), Ok(SseResponseClosed::Complete));
    drop(body);
    assert!(told.try_recv().is_err(), "once");
}

#[tokio::test(start_paused = true)]
async fn what_a_clone_would_still_send_does_not_keep_a_stream_whose_closure_has_returned() {
    let (give, given) = tokio::sync::oneshot::channel();
    let body = SseResponse::new(|sink: SseSink| async move {
        sink.send(event("last")).await?;
        give.send(sink.clone()).unwrap();
        Ok(())
    });
    assert_eq!(rest(body.spawn()).await, "data: last\n\n");
    let error = given.await.unwrap().send(event("late")).await.unwrap_err();
    assert!(error.is_closed() && !error.is_full());
    assert_eq!(error.to_string(), "the stream is complete");
    assert_eq!(error.into_inner(), event("late"));
}

#[tokio::test(start_paused = true)]
async fn an_error_and_a_panic_end_the_stream_after_what_was_sent() {
    let fails = |sink: SseSink| async move {
        sink.send(event("sent")).await?;
        Err("the database is gone".into())
    };
    let panics = |sink: SseSink| async move {
        sink.try_send(event("sent"))?;
        if !sink.is_closed() {
            panic!("at the disco");
        }
        Ok(())
    };
    let (hook_a, told_a) = hook();
    let (hook_b, told_b) = hook();
    assert_eq!(rest(SseResponse::new(fails).on_close(hook_a).spawn()).await, "data: sent\n\n");
    assert_eq!(rest(SseResponse::new(panics).on_close(hook_b).spawn()).await, "data: sent\n\n");
    assert_eq!((told_a.try_recv(), told_b.try_recv()), (Ok(SseResponseClosed::Failed), Ok(SseResponseClosed::Failed)));
}

#[tokio::test(start_paused = true)]
async fn a_closure_that_panics_before_its_first_wait_ends_the_stream_too() {
    let body = SseResponse::new(|_: SseSink| -> std::future::Ready<Result<(), BoxError>> { panic!("at once") });
    assert_eq!(rest(body.spawn()).await, "");
}

#[tokio::test(start_paused = true)]
async fn a_send_waits_for_room_and_a_try_gives_the_event_back() {
    let (tell, told) = told::channel();
    let body = SseResponse::new(|sink: SseSink| async move {
        sink.send(event("1")).await?;
        sink.try_send(event("2"))?;
        let full = sink.try_send(event("3")).unwrap_err();
        assert!(full.is_full() && !full.is_closed());
        tell.send("full").unwrap();
        sink.send(full.into_inner()).await?;
        tell.send("sent").unwrap();
        Ok(())
    });
    let mut body = body.capacity(2).keep_alive(Duration::ZERO).spawn();
    an_hour().await;
    assert_eq!(told.try_iter().collect::<Vec<_>>(), ["full"]);
    assert_eq!(next(&mut body).await, "data: 1\n\n");
    an_hour().await;
    assert_eq!(told.try_iter().collect::<Vec<_>>(), ["sent"]);
    assert_eq!(rest(body).await, "data: 2\n\ndata: 3\n\n");
}

#[tokio::test(start_paused = true)]
async fn any_capacity_is_taken_for_at_least_one() {
    for capacity in [0, usize::MAX] {
        let body = SseResponse::new(|sink: SseSink| async move { Ok(sink.try_send(event("1"))?) });
        assert_eq!(rest(body.capacity(capacity).spawn()).await, "data: 1\n\n");
    }
}

#[tokio::test(start_paused = true)]
async fn complete_ends_the_stream_after_what_was_sent_and_lets_the_closure_go_on() {
    let (tell, told) = told::channel();
    let body = SseResponse::new(|sink: SseSink| async move {
        sink.send(event("all")).await?;
        sink.complete();
        sink.complete();
        assert!(sink.is_closed());
        assert!(sink.try_send(event("more")).unwrap_err().is_closed());
        assert!(sink.send(event("more")).await.unwrap_err().is_closed());
        sink.closed().await;
        tokio::time::sleep(Duration::from_secs(9)).await;
        tell.send("tidied up").unwrap();
        Ok(())
    });
    assert_eq!(rest(body.spawn()).await, "data: all\n\n");
    assert!(told.try_recv().is_err());
    tokio::time::sleep(Duration::from_millis(9_500)).await;
    assert_eq!(told.try_recv(), Ok("tidied up"));
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_is_kept_alive_by_comments_that_no_reader_sees() {
    let begin = Instant::now();
    let body = SseResponse::new(|sink: SseSink| async move {
        tokio::time::sleep(Duration::from_secs(40)).await;
        sink.send(event("late")).await?;
        tokio::time::sleep(Duration::from_secs(20)).await;
        Ok(())
    });
    let mut body = body.spawn();
    let (mut times, mut text) = (Vec::new(), String::new());
    while let Some(Ok(part)) = body.next().await {
        times.push(begin.elapsed().as_secs());
        text += std::str::from_utf8(&part).unwrap();
    }
    assert_eq!(text, ":\n\n:\n\ndata: late\n\n:\n\n");
    assert_eq!(times, [15, 30, 40, 55]);
    let mut read = Vec::new();
    EventStream::default().push(text.as_bytes(), |event| read.push(event.data.to_owned())).unwrap();
    assert_eq!(read, ["late"]);
}

#[tokio::test(start_paused = true)]
async fn no_keep_alive_comes_of_zero_and_none_before_its_time() {
    for (every, first) in [(Duration::ZERO, None), (Duration::MAX, None), (Duration::from_secs(2), Some(2))] {
        let waits = |sink: SseSink| async move {
            sink.closed().await;
            Ok(())
        };
        let mut body = SseResponse::new(waits).keep_alive(every).spawn();
        let begin = Instant::now();
        let part = timeout(Duration::from_secs(86_400), body.next()).await;
        assert_eq!(part.is_ok().then(|| begin.elapsed().as_secs()), first, "{every:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_is_told_to_the_hook_and_to_the_closure_which_may_take_leave() {
    let (hook, ended) = hook();
    let (tell, told) = told::channel();
    let body = SseResponse::new(|sink: SseSink| async move {
        sink.send(event("1")).await?;
        assert!(!sink.is_closed());
        sink.closed().await;
        assert!(sink.is_closed());
        assert_eq!(sink.send(event("2")).await.unwrap_err().to_string(), "the client has left");
        assert!(sink.try_send(event("2")).unwrap_err().is_closed());
        tokio::time::sleep(Duration::from_secs(9)).await;
        tell.send("saved").unwrap();
        Ok(())
    });
    let mut body = body.on_close(hook).spawn();
    next(&mut body).await;
    drop(body);
    assert_eq!(ended.try_recv(), Ok(SseResponseClosed::Left));
    an_hour().await;
    assert_eq!(told.try_recv(), Ok("saved"));
}

#[tokio::test(start_paused = true)]
async fn a_send_that_waits_for_room_fails_when_the_client_leaves() {
    let (tell, told) = told::channel();
    let body = SseResponse::new(|sink: SseSink| async move {
        while let Ok(()) = sink.send(event("again")).await {}
        tell.send("failed").unwrap();
        Ok(())
    });
    let mut body = body.capacity(1).spawn();
    next(&mut body).await;
    an_hour().await;
    assert!(told.try_recv().is_err());
    drop(body);
    an_hour().await;
    assert_eq!(told.try_recv(), Ok("failed"));
}

#[tokio::test(start_paused = true)]
async fn a_closure_that_does_not_heed_its_client_is_dropped_after_its_grace() {
    for (grace, seconds) in [(None, 10), (Some(Duration::ZERO), 0), (Some(Duration::from_secs(60)), 60)] {
        let (tell, told) = told::channel();
        let guard = Guard(tell);
        let body = SseResponse::new(|_: SseSink| async move {
            let _guard = guard;
            std::future::pending::<()>().await;
            Ok(())
        });
        let body = if let Some(grace) = grace { body.grace(grace) } else { body }.spawn();
        an_hour().await;
        drop(body);
        if seconds > 0 {
            tokio::time::sleep(Duration::from_secs(seconds) - Duration::from_millis(1)).await;
            assert_eq!(told.try_recv(), Err(told::TryRecvError::Empty), "{seconds}");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(told.try_recv(), Ok("dropped"), "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_ever_read_is_a_client_that_left() {
    let (hook, ended) = hook();
    let (run, body) =
        SseResponse::new(|sink: SseSink| async move { Ok(sink.send(event("1")).await?) }).on_close(hook).start();
    drop(body);
    assert_eq!(ended.try_recv(), Ok(SseResponseClosed::Left));
    run.await;
}

#[tokio::test(start_paused = true)]
async fn who_has_read_all_of_a_stream_has_gone_also_when_the_body_is_still_held() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let body = SseResponse::new(|sink: SseSink| async move {
        sink.send(event("all")).await?;
        sink.complete();
        sink.closed().await;
        tell.send(()).map_err(|()| "nobody waits".into())
    });
    let mut body = body.spawn();
    next(&mut body).await;
    assert!(body.next().await.is_none());
    timeout(Duration::from_secs(60), told).await.unwrap().unwrap();
    drop(body);
}

#[tokio::test(start_paused = true)]
async fn nothing_can_be_sent_any_more_when_the_hook_is_called() {
    let (give, given) = told::channel::<SseSink>();
    let (tell, told) = told::channel();
    let body = SseResponse::new(|sink: SseSink| async move {
        give.send(sink.clone())?;
        sink.closed().await;
        Ok(())
    });
    let body = body.on_close(move |_| tell.send(given.recv().unwrap().try_send(event("1"))).unwrap()).spawn();
    tokio::task::yield_now().await;
    drop(body);
    assert!(told.recv().unwrap().unwrap_err().is_closed());
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_aborted_ends_its_stream() {
    let (run, body) = SseResponse::new(|sink: SseSink| async move {
        sink.send(event("1")).await?;
        std::future::pending().await
    })
    .start();
    let task = tokio::spawn(run);
    tokio::task::yield_now().await;
    task.abort();
    assert_eq!(rest(body).await, "data: 1\n\n");
}
