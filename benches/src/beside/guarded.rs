//! What the lock and the journal cost: the same rollback with and without them, by the library.

use std::sync::Arc;
use std::time::{Duration, Instant};

use helm_release_core::history::Selector;
use helm_release_core::lock::Claim;
use helm_release_core::plan::{RollbackOptions, plan};
use helm_release_core::ports::{Cluster, NoObserver};
use helm_release_core::run::Engine;
use helm_release_core::survey::survey;
use helm_release_core::{Namespace, ReleaseName};
use helm_release_store::clock::SystemClock;
use helm_release_store::cluster::KubernetesCluster;
use helm_release_store::connection::{Connection, ConnectionOptions};
use helm_release_store::journal::SecretJournal;
use helm_release_store::lock::LeaseLock;
use helm_release_store::storage::SecretStorage;

use super::place::Place;
use super::rollback::{chart, install};
use super::{Bar, Limit};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    None,
    LockAndJournal,
}

pub(super) fn measure(place: &Place) -> Vec<Bar> {
    let folder = place.home().join("chart-guarded");
    chart(&folder, 100, 50);
    let namespaces = [place.namespace(), place.namespace()];
    for namespace in &namespaces {
        install(place, namespace, &folder);
    }
    let [guarded, bare] = &namespaces;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for run in 0..=place.runs {
        let times = (roll_back(place, guarded, Guard::LockAndJournal), roll_back(place, bare, Guard::None));
        // The first turn warms both sides up.
        if run > 0 {
            with.push(times.0);
            without.push(times.1);
        }
    }
    vec![Bar::times("rollback of 100 objects with lock and journal", &with, &without, Limit::AtMost(1.25))]
}

/// One rollback as a process does it: connect, look, plan, run.
fn roll_back(place: &Place, namespace: &str, guard: Guard) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    let began = Instant::now();
    runtime.block_on(async {
        let mut options = ConnectionOptions::default();
        options.kubeconfig = Some(place.kubeconfig().display().to_string());
        let connection = Connection::open(&options).expect("the kubeconfig of the components can be used");
        let storage = SecretStorage::new(&connection);
        let cluster: Arc<dyn Cluster> = Arc::new(KubernetesCluster::new(&connection));
        let name: ReleaseName = "web".parse().expect("a release's name");
        let namespace: Namespace = namespace.parse().expect("a namespace's name");
        let asked = RollbackOptions::default().with_selector(Selector::Back(1));
        let seen = survey(&storage, cluster.as_ref(), &namespace, &name, &asked).await.expect("the release can be read");
        let plan = plan(&seen, &asked);
        let (lock, journal) = (LeaseLock::new(Arc::clone(&cluster)), SecretJournal::new(Arc::clone(&cluster)));
        let engine = Engine::new(&storage, cluster.as_ref(), &SystemClock, &NoObserver);
        let engine = match guard {
            Guard::None => engine,
            Guard::LockAndJournal => {
                let claim = Claim::new(began.elapsed().as_nanos().to_string(), "bench@host", std::process::id(), "rollback web");
                engine.with_lock(&lock, claim).with_journal(&journal)
            }
        };
        let _ = engine.run(&plan).await.expect("the rollback works");
    });
    began.elapsed()
}
