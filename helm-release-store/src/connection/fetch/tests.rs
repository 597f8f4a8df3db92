use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use super::*;

/// A server that gives one answer ever again, and what it is asked.
fn server(answer: &'static str) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/ready?deep=1", listener.local_addr().unwrap());
    let (tell, asked) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 1024];
            let read = stream.read(&mut buffer).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            // The test may have ended.
            let _ = tell.send(String::from_utf8_lossy(&buffer[..read]).lines().next().unwrap_or_default().to_owned());
        }
    });
    (url, asked)
}

#[tokio::test]
async fn an_answer_of_200_is_well_and_503_is_not() {
    let (url, asked) = server("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assert_eq!(answers_well(&url, Duration::from_secs(5)).await, Ok(()));
    assert_eq!(asked.recv().unwrap(), "GET /ready?deep=1 HTTP/1.1");
    let (url, _asked) = server("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assert_eq!(answers_well(&url, Duration::from_secs(5)).await, Err("it answers 503 Service Unavailable".to_owned()));
}

#[tokio::test]
async fn nobody_there_and_no_url_are_told() {
    assert!(answers_well("http://127.0.0.1:1/", Duration::from_secs(5)).await.is_err());
    assert_eq!(answers_well("http://", Duration::from_secs(5)).await, Err("\"http://\" is no URL".to_owned()));
}
