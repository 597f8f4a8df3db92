//! What a plan foretells of fields that cannot change back, and what the real API server says to it: a table.
//!
//! Each row is a release of its own with one object. Its rollback is planned for client-side and for server-side apply; then the
//! server is asked what it says to the change as Helm sends it, and what the plan says is done.

mod judge;
pub(crate) mod rollbacks;
mod row;
mod services;
mod settings;
mod storage;
mod workloads;

use std::collections::BTreeSet;
use std::time::Instant;

use e2e::World;
use helm_release_store::cluster::KubernetesCluster;
use helm_release_store::connection::{Connection, ConnectionOptions};

use judge::Bench;
use row::{Foretold, Row};

pub(crate) const TESTS: &[crate::Test] =
    crate::tests![the_server_does_with_every_field_what_was_foretold, two_changes_of_one_object_are_foretold_as_well,];

/// How many rows are judged at once.
const AT_ONCE: usize = 16;

fn table() -> Vec<Row> {
    [workloads::rows(), services::rows(), storage::rows(), settings::rows()].concat()
}

fn named(rows: Vec<Row>, prefix: &str) -> Vec<Row> {
    rows.into_iter().enumerate().map(|(index, row)| row.named(&format!("{prefix}{index:03}"))).collect()
}

/// Makes the objects of the rows, and lets them be judged.
fn judged<T>(world: &World, rows: &[Row], judge: impl AsyncFnOnce(&Bench) -> T) -> T {
    let ns = world.namespace("reversible");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let connect = || {
            let mut options = ConnectionOptions::default();
            options.kubeconfig = Some(ns.kubeconfig().display().to_string());
            KubernetesCluster::new(&Connection::open(&options).unwrap())
        };
        judge::make_all(&connect(), ns.name(), rows, AT_ONCE).await;
        // A new connection, since the rows brought kinds of their own.
        judge(&Bench::new(connect(), ns.name())).await
    })
}

fn the_server_does_with_every_field_what_was_foretold(world: &World) {
    let began = Instant::now();
    let rows = named(table(), "row");
    let judged = judged(world, &rows, async |bench| judge::judge_all(bench, &rows, AT_ONCE).await);
    let made_anew = judged.iter().filter(|judged| judged.is_made_anew).count();
    let wrong: Vec<String> = judged.into_iter().filter_map(|judged| judged.wrong).collect();
    let kinds: BTreeSet<String> = rows.iter().map(Row::kind).collect();
    let unknown = rows.iter().filter(|row| row.foretold == Foretold::Unknown).count();
    eprintln!(
        "{} rows, {} kinds, {} wrong, {unknown} unknown, {made_anew} made anew for real, {} s",
        rows.len(),
        kinds.len(),
        wrong.len(),
        began.elapsed().as_secs()
    );
    assert!(wrong.is_empty(), "{} of {} rows are wrong:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    assert!(rows.len() >= 120 && kinds.len() >= 25, "{} rows, {} kinds", rows.len(), kinds.len());
    assert!(unknown * 20 <= rows.len(), "{unknown} of {} rows are unknown", rows.len());
}

fn two_changes_of_one_object_are_foretold_as_well(world: &World) {
    let began = Instant::now();
    let table = table();
    let pairs =
        |(index, row): (usize, &Row)| table[index + 1..].iter().filter_map(|other| row.together(other)).collect::<Vec<_>>();
    let rows = named(table.iter().enumerate().flat_map(pairs).collect(), "pair");
    let judged = judged(world, &rows, async |bench| judge::judge_pairs(bench, &rows, AT_ONCE).await);
    let valid: Vec<Result<(), String>> = judged.into_iter().flatten().collect();
    let count = valid.len();
    let wrong: Vec<String> = valid.into_iter().filter_map(Result::err).collect();
    eprintln!("{count} pairs, {} wrong, {} s", wrong.len(), began.elapsed().as_secs());
    assert!(wrong.is_empty(), "{} of {count} pairs are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 300 && count * 10 >= rows.len() * 9, "{count} of {} pairs are valid", rows.len());
}
