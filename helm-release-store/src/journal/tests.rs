use std::sync::Arc;

use helm_release_core::Namespace;
use helm_release_core::ports::{Journal, JournalError, Note, NoteKey, NoteKind};

use super::SecretJournal;
use crate::cluster::{Fault, FaultyCluster, MemoryCluster};
use crate::conformance;

fn namespace() -> Namespace {
    Namespace::new("default").unwrap()
}

fn key() -> NoteKey {
    NoteKey { namespace: namespace(), name: "web".parse().unwrap(), kind: NoteKind::Journal, id: "v7".to_owned() }
}

#[tokio::test]
async fn secrets_in_memory_do_what_every_journal_must_do() {
    let journal = SecretJournal::new(Arc::new(MemoryCluster::new()));
    conformance::journal::run_all(&journal, &namespace()).await.unwrap();
}

#[tokio::test]
async fn a_shared_journal_does_too() {
    let journal: Arc<dyn Journal> = Arc::new(SecretJournal::new(Arc::new(MemoryCluster::new())));
    conformance::journal::run_all(&journal, &namespace()).await.unwrap();
}

#[tokio::test]
async fn a_write_that_breaks_off_anywhere_leaves_nothing_to_read_and_can_be_done_again() {
    let note = Note(b"0123456789".to_vec());
    for write in 1..=4 {
        let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
        cluster.fail_nth(write, Fault::CutOff);
        let cut = SecretJournal::new(Arc::<FaultyCluster<_>>::clone(&cluster)).with_part_size(3);
        cut.create(&key(), &note).await.unwrap_err();
        cluster.heal();
        let journal = SecretJournal::new(Arc::<FaultyCluster<_>>::clone(&cluster)).with_part_size(3);
        assert!(matches!(journal.read(&key()).await, Err(JournalError::NotFound { .. })), "cut at write {write}");
        journal.create(&key(), &note).await.unwrap();
        assert_eq!(journal.read(&key()).await.unwrap(), note);
        journal.delete(&key()).await.unwrap();
        assert_eq!(journal.list(None, None).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_note_with_a_part_missing_is_refused_by_name() {
    let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
    let journal = SecretJournal::new(Arc::<FaultyCluster<_>>::clone(&cluster)).with_part_size(3);
    journal.create(&key(), &Note(b"0123456789".to_vec())).await.unwrap();
    journal.delete_part(&key(), &super::location(&key(), 2)).await.unwrap();
    let error = journal.read(&key()).await.unwrap_err();
    assert_eq!(error.to_string(), "journal v7 of default/web cannot be read: part 3 of 4 is missing");
}

#[tokio::test]
async fn a_lost_answer_is_looked_after() {
    let cluster = Arc::new(FaultyCluster::new(MemoryCluster::new()));
    cluster.fail_where(usize::MAX, Fault::LoseAnswer, |_| true);
    let journal = SecretJournal::new(cluster).with_part_size(3);
    let note = Note(b"0123456789".to_vec());
    journal.create(&key(), &note).await.unwrap();
    assert_eq!(journal.read(&key()).await.unwrap(), note);
    journal.delete(&key()).await.unwrap();
    assert!(journal.list(None, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_namespace_that_is_not_there_is_named() {
    let journal = SecretJournal::new(Arc::new(MemoryCluster::new()));
    let key = NoteKey { namespace: Namespace::new("nowhere").unwrap(), ..key() };
    match journal.create(&key, &Note(b"x".to_vec())).await {
        Err(JournalError::Other { message, .. }) => assert_eq!(message, "namespaces \"nowhere\" not found"),
        other => panic!("{other:?}"),
    }
}
