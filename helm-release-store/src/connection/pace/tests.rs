use super::*;

#[tokio::test(start_paused = true)]
async fn a_burst_goes_at_once_and_the_rest_at_the_pace() {
    let pace = Pace::new(Some(10.0), 3);
    let start = Instant::now();
    let mut waits = Vec::new();
    for _ in 0..5 {
        pace.turn().await;
        waits.push(start.elapsed().as_millis());
    }
    assert_eq!(waits[..3], [0, 0, 0]);
    assert!((100..=102).contains(&waits[3]) && (200..=203).contains(&waits[4]), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn no_rate_means_no_waiting() {
    for qps in [None, Some(0.0), Some(-1.0)] {
        let pace = Pace::new(qps, 1);
        let start = Instant::now();
        for _ in 0..100 {
            pace.turn().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
