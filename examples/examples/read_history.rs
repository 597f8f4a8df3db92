//! Reads a release's history: heads first, then of each payload only what a table shows.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use helm_release_core::codec::{DecodeOptions, summary};
use helm_release_core::history::{Answer, History, Judgement, Selector};
use helm_release_core::ports::{HeadQuery, RecordKey, Storage, StorageExt};
use helm_release_core::release::ChartMetadata;
use helm_release_core::{Namespace, ReleaseName};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let storage = examples::shop().await?;
    let query = HeadQuery::release(&Namespace::new("default")?, &ReleaseName::new("shop")?);
    let mut history = History::new(storage.heads(&query).await?);

    let keys: Vec<RecordKey> = history.heads().iter().map(|head| head.key.clone()).collect();
    for (key, stored) in keys.iter().zip(storage.get_all(&keys).await) {
        let read = summary(&stored?.payload.0, DecodeOptions::default());
        if let Ok(found) = &read {
            let chart = found.chart.as_ref().map_or_else(|| "MISSING".to_owned(), ChartMetadata::full_name);
            println!("revision {}: {}, {chart}: {}", key.revision, found.info.status, found.info.description);
        }
        history.learn(key.revision, read.map_err(|error| error.to_string()));
    }

    for key in &keys {
        let verdict = match history.judge(key.revision) {
            Some(Judgement::Good) => "it really was deployed".to_owned(),
            Some(Judgement::Bad(why)) => why,
            None => "not known yet".to_owned(),
        };
        println!("revision {}: {verdict}", key.revision);
    }
    if let Answer::Known(choice) = history.choose(&Selector::default())? {
        println!("a rollback would return to revision {}: {}", choice.revision, choice.reason);
    }
    Ok(())
}
