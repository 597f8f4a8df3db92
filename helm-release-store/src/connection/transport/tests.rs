use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use helm_release_core::ports::ClusterErrorKind;
use serde_json::json;

use super::*;
use crate::connection::ConnectionOptions;
use crate::connection::scripted::{Answer, scripted, status};

/// A server on a real socket that gives every request the same answer, and how many it got.
fn server(answer: &'static str) -> (ConnectionOptions, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            if stream.read(&mut buffer).unwrap_or(0) > 0 {
                counter.fetch_add(1, Ordering::SeqCst);
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    (ConnectionOptions { api_server: Some(url), ..ConnectionOptions::default() }, requests)
}

fn post() -> Call {
    Call::new(Method::POST, "/api/v1/namespaces/default/secrets".to_owned()).body(JSON, &json!({"a": 1})).unwrap()
}

#[tokio::test]
async fn a_write_that_meets_503_is_sent_once_through_the_whole_stack() {
    let (options, requests) = server("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let connection = Connection::open(&options).unwrap();
    let failure = connection.send(&post(), Retry::Never).await.unwrap_err();
    assert_eq!(failure.kind(Effect::Write), ClusterErrorKind::Ambiguous);
    assert_eq!(failure.message(), "the server answered 503 Service Unavailable");
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_write_whose_connection_breaks_is_sent_once_and_ambiguous() {
    for retry in [Retry::Never, Retry::Undone] {
        let (options, requests) = server("");
        let failure = Connection::open(&options).unwrap().send(&post(), retry).await.unwrap_err();
        assert_eq!(failure.kind(Effect::Write), ClusterErrorKind::Ambiguous, "{failure:?}");
        assert_eq!(requests.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_write_that_finds_nobody_listening_is_known_not_to_be_done() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let connection = Connection::open(&ConnectionOptions { api_server: Some(url), ..ConnectionOptions::default() }).unwrap();
    let failure = connection.send(&post(), Retry::Never).await.unwrap_err();
    assert_eq!(failure.kind(Effect::Write), ClusterErrorKind::Unreachable);
    let wanted = format!("cannot reach {}: ", connection.server());
    assert!(failure.message().starts_with(&wanted) && failure.message().contains("refused"), "{failure:?}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_after_the_read_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let read_timeout = Duration::from_millis(50);
    let options = ConnectionOptions { api_server: Some(url), read_timeout, ..ConnectionOptions::default() };
    let connection = Connection::open(&options).unwrap();
    let write = connection.send(&post(), Retry::Undone).await.unwrap_err();
    assert_eq!(write.kind(Effect::Write), ClusterErrorKind::Ambiguous);
    let read = connection.send(&Call::get("/version"), Retry::Reads).await.unwrap_err();
    assert_eq!(read.kind(Effect::Read), ClusterErrorKind::Unreachable);
}

#[tokio::test]
async fn requests_say_who_sends_them() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = [0; 4096];
        let length = stream.read(&mut buffer).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    });
    let connection = Connection::open(&ConnectionOptions { api_server: Some(url), ..ConnectionOptions::default() }).unwrap();
    connection.send(&Call::get("/version"), Retry::Reads).await.unwrap();
    let heard = heard.join().unwrap();
    assert!(heard.contains(concat!("user-agent: helm-rollback-safe/", env!("CARGO_PKG_VERSION"))), "{heard}");
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_twice_after_passing_failures() {
    let (connection, log) = scripted([Answer::Text(503, "busy"), Answer::Break, Answer::Json(200, json!({}))]);
    connection.send(&Call::get("/version"), Retry::Reads).await.unwrap();
    assert_eq!(log.lines(), ["GET /version"; 3]);

    let (connection, log) = scripted([Answer::Text(503, ""), Answer::Text(503, ""), Answer::Text(503, "")]);
    let failure = connection.send(&Call::get("/version"), Retry::Reads).await.unwrap_err();
    assert_eq!((failure.kind(Effect::Read), log.all().len()), (ClusterErrorKind::Unreachable, 3));
}

#[tokio::test(start_paused = true)]
async fn a_read_is_not_repeated_when_the_answer_will_stay_the_same() {
    for code in [400, 401, 403, 404, 500] {
        let (connection, log) = scripted([Answer::Text(code, "")]);
        connection.send(&Call::get("/version"), Retry::Reads).await.unwrap_err();
        assert_eq!(log.all().len(), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_says_how_long_to_wait_unless_it_asks_too_much() {
    let asked = Answer::With(429, ("retry-after", "3"), json!({}));
    let (connection, log) = scripted([asked, Answer::Json(200, json!({}))]);
    let start = tokio::time::Instant::now();
    connection.send(&Call::get("/version"), Retry::Undone).await.unwrap();
    assert_eq!((start.elapsed().as_secs(), log.all().len()), (3, 2));

    let (connection, log) = scripted([Answer::With(429, ("retry-after", "60"), json!({}))]);
    let failure = connection.send(&Call::get("/version"), Retry::Reads).await.unwrap_err();
    assert_eq!((failure.kind(Effect::Write), log.all().len()), (ClusterErrorKind::Busy, 1));
}

#[tokio::test]
async fn refusals_are_sorted_by_what_can_be_done_about_them() {
    let conflict = |cause: &str| {
        Answer::Json(
            409,
            json!({"kind": "Status", "reason": "Conflict", "message": "m", "details": {"causes": [{"reason": cause}]}}),
        )
    };
    let cases = [
        (status(400, "BadRequest", "m"), ClusterErrorKind::Invalid),
        (status(422, "Invalid", "m"), ClusterErrorKind::Invalid),
        (status(401, "Unauthorized", "m"), ClusterErrorKind::Forbidden),
        (status(403, "Forbidden", "m"), ClusterErrorKind::Forbidden),
        (status(404, "NotFound", "m"), ClusterErrorKind::NotFound),
        (status(409, "AlreadyExists", "m"), ClusterErrorKind::AlreadyExists),
        (status(409, "Conflict", "m"), ClusterErrorKind::Conflict),
        (conflict("FieldManagerConflict"), ClusterErrorKind::FieldManagers),
        (conflict("UnexpectedServerResponse"), ClusterErrorKind::Conflict),
        (status(410, "Expired", "m"), ClusterErrorKind::Expired),
        (status(429, "TooManyRequests", "m"), ClusterErrorKind::Busy),
        (status(500, "InternalError", "m"), ClusterErrorKind::Ambiguous),
        (status(500, "", "failed to create typed patch object (a; b): c"), ClusterErrorKind::Invalid),
        (status(504, "Timeout", "m"), ClusterErrorKind::Ambiguous),
        (status(405, "MethodNotAllowed", "m"), ClusterErrorKind::Other),
        (Answer::Break, ClusterErrorKind::Ambiguous),
    ];
    for (answer, wanted) in cases {
        let (connection, _) = scripted([answer]);
        let failure = connection.send(&post(), Retry::Never).await.unwrap_err();
        assert_eq!(failure.kind(Effect::Write), wanted, "{failure:?}");
    }
}

#[tokio::test]
async fn the_text_is_the_servers_message_once_and_in_one_line() {
    let (connection, _) = scripted([status(403, "Forbidden", "secrets is forbidden:\n  no")]);
    let failure = connection.send(&post(), Retry::Never).await.unwrap_err();
    assert_eq!(failure.message(), "secrets is forbidden: no");
}

#[tokio::test]
async fn a_short_plain_text_explains_the_code_and_a_page_does_not() {
    let (options, _) = server("HTTP/1.0 400 Bad Request\r\ncontent-type: text/plain\r\n\r\nClient sent an HTTP request\n");
    let failure = Connection::open(&options).unwrap().send(&post(), Retry::Never).await.unwrap_err();
    assert_eq!(failure.message(), "the server answered 400 Bad Request: Client sent an HTTP request");
    let (options, _) = server("HTTP/1.0 400 Bad Request\r\ncontent-type: text/html\r\n\r\n<html>");
    let failure = Connection::open(&options).unwrap().send(&post(), Retry::Never).await.unwrap_err();
    assert_eq!(failure.message(), "the server answered 400 Bad Request");
}

#[test]
fn path_segments_and_values_are_escaped() {
    let call = Call::get(format!("/api/{}", escape("system:a/b"))).param("labelSelector", "a in (b, c)").maybe_param("x", None);
    assert_eq!(call.path, "/api/system%3Aa%2Fb?labelSelector=a%20in%20%28b%2C%20c%29");
    assert_eq!(call.param("limit", "5").path, "/api/system%3Aa%2Fb?labelSelector=a%20in%20%28b%2C%20c%29&limit=5");
}

#[tokio::test(start_paused = true)]
async fn a_read_that_waited_a_whole_timeout_is_not_repeated() {
    let (connection, log) = scripted([Answer::Silence]);
    let failure = connection.send(&Call::get("/version"), Retry::Reads).await.unwrap_err();
    assert_eq!((failure.message(), log.all().len()), ("no answer from https://scripted within 65 s", 1));
}
