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

use judge::{Bench, Judged};
use row::{Foretold, Row};

pub(crate) const TESTS: &[crate::Test] = crate::tests![the_server_does_with_every_field_what_was_foretold];

/// How many rows are judged at once.
const AT_ONCE: usize = 16;

fn rows() -> Vec<Row> {
    let rows = [workloads::rows(), services::rows(), storage::rows(), settings::rows()].concat();
    rows.into_iter().enumerate().map(|(index, row)| row.named(&format!("row{index:03}"))).collect()
}

fn the_server_does_with_every_field_what_was_foretold(world: &World) {
    let ns = world.namespace("reversible");
    let began = Instant::now();
    let rows = rows();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let judged: Vec<Judged> = runtime.block_on(async {
        let connect = || {
            let mut options = ConnectionOptions::default();
            options.kubeconfig = Some(ns.kubeconfig().display().to_string());
            KubernetesCluster::new(&Connection::open(&options).unwrap())
        };
        judge::make_all(&connect(), ns.name(), &rows, AT_ONCE).await;
        // A new connection, since the rows brought kinds of their own.
        let bench = Bench::new(connect(), ns.name());
        judge::judge_all(&bench, &rows, AT_ONCE).await
    });
    let kinds: BTreeSet<String> = rows.iter().map(Row::kind).collect();
    let wrong: Vec<String> = judged.iter().filter_map(|judged| judged.wrong.clone()).collect();
    let unknown = rows.iter().filter(|row| row.foretold == Foretold::Unknown).count();
    eprintln!(
        "{} rows, {} kinds, {} wrong, {unknown} unknown, {} made anew for real, {} s",
        rows.len(),
        kinds.len(),
        wrong.len(),
        judged.iter().filter(|judged| judged.is_made_anew).count(),
        began.elapsed().as_secs()
    );
    assert!(wrong.is_empty(), "{} of {} rows are wrong:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    assert!(rows.len() >= 120 && kinds.len() >= 25, "{} rows, {} kinds", rows.len(), kinds.len());
    assert!(unknown * 20 <= rows.len(), "{unknown} of {} rows are unknown", rows.len());
}
