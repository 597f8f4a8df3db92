//! What a run tells, kept with the time.

use super::scripted::Stopped;
use crate::evidence::Timeline;
use crate::ports::{NoObserver, Observer};
use crate::run::Event;

#[derive(Debug, Default)]
struct Counting(std::sync::atomic::AtomicUsize);

impl Observer for Counting {
    fn event(&self, _event: &Event) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

fn warning(number: usize) -> Event {
    Event::Warning { message: number.to_string() }
}

#[test]
fn every_event_is_passed_on_and_kept_with_its_time() {
    let inner = Counting::default();
    let timeline = Timeline::new(&inner, &Stopped);
    timeline.event(&warning(1));
    timeline.event(&Event::HookStarted { event: "pre-rollback".to_owned(), hook: "Job migrate".to_owned() });
    assert_eq!(inner.0.load(std::sync::atomic::Ordering::Relaxed), 2);
    let kept: Vec<_> = timeline.moments().iter().map(|moment| format!("{} {}", moment.at, moment.what)).collect();
    assert_eq!(kept, ["2026-05-01T12:05:00Z warning: 1", "2026-05-01T12:05:00Z pre-rollback hook Job migrate: started"]);
}

#[test]
fn of_a_flood_the_beginning_and_the_end_are_kept() {
    let timeline = Timeline::new(&NoObserver, &Stopped);
    (0..1000).for_each(|number| timeline.event(&warning(number)));
    let kept: Vec<_> = timeline.moments().into_iter().map(|moment| moment.what).collect();
    assert_eq!(kept.len(), 501);
    assert_eq!((kept[49].as_str(), kept[50].as_str()), ("warning: 49", "(500 events in between were not kept)"));
    assert_eq!((kept[51].as_str(), kept[500].as_str()), ("warning: 550", "warning: 999"));
}

#[test]
fn up_to_the_limit_nothing_is_left_out() {
    let timeline = Timeline::new(&NoObserver, &Stopped);
    (0..500).for_each(|number| timeline.event(&warning(number)));
    assert_eq!(timeline.moments().len(), 500);
}
