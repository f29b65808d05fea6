//! Metrics and health over a real connection.
use causeway_ops::Failure;
use causeway_ops::http::Server;
use causeway_ops::metrics::Exporter;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Status line and body of one request.
async fn get(address: SocketAddr, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let request = format!("GET {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("asks");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("is answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("head and body");
    (
        head.lines().next().unwrap_or_default().to_owned(),
        body.to_owned(),
    )
}

#[tokio::test]
async fn metrics_are_scraped_over_tcp() {
    let (recorder, exporter) = Exporter::new().expect("the list is sound");
    metrics::with_local_recorder(&recorder, || metrics::gauge!("causeway_log_tree_size").set(42.0));
    let server = Server::start(LOOPBACK, false, exporter, Arc::new(Vec::new), None)
        .await
        .expect("listens");
    let (status, body) = get(server.address(), "/metrics").await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(body.contains("causeway_log_tree_size 42\n"), "{body}");
    let resident = body
        .lines()
        .find_map(|line| line.strip_prefix("causeway_process_resident_bytes "));
    assert!(
        resident
            .and_then(|value| value.parse::<f64>().ok())
            .is_some_and(|bytes| bytes > 1e6),
        "{body}"
    );
    assert_eq!(
        get(server.address(), "/nothing").await.0,
        "HTTP/1.1 404 Not Found"
    );
    server.stop().await.expect("stops");
}

#[tokio::test]
async fn readiness_gives_its_reasons_and_liveness_is_apart() {
    let reasons = Arc::new(Mutex::new(vec!["replaying the log: 10 of 20 entries".to_owned()]));
    let seen = reasons.clone();
    let health = Arc::new(move || seen.lock().map(|reasons| reasons.clone()).unwrap_or_default());
    let exporter = Exporter::new().expect("the list is sound").1;
    let server = Server::start(LOOPBACK, false, exporter, health, None)
        .await
        .expect("listens");
    let (status, body) = get(server.address(), "/readyz").await;
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(body, "replaying the log: 10 of 20 entries\n");
    assert_eq!(get(server.address(), "/livez").await.1, "ok\n");
    reasons.lock().expect("not poisoned").clear();
    assert_eq!(
        get(server.address(), "/readyz").await,
        ("HTTP/1.1 200 OK".to_owned(), "ok\n".to_owned())
    );
    server.stop().await.expect("stops");
}

#[tokio::test]
async fn an_address_that_others_reach_is_refused_unless_asked_for() {
    let everywhere: SocketAddr = "0.0.0.0:0".parse().expect("an address");
    let exporter = Exporter::new().expect("the list is sound").1;
    let refused = Server::start(everywhere, false, exporter.clone(), Arc::new(Vec::new), None).await;
    assert!(matches!(refused.err(), Some(Failure::Config(_))));
    assert!(
        Server::start(everywhere, true, exporter, Arc::new(Vec::new), None)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_taken_port_is_a_failure_that_names_it() {
    let exporter = Exporter::new().expect("the list is sound").1;
    let first = Server::start(LOOPBACK, false, exporter.clone(), Arc::new(Vec::new), None)
        .await
        .expect("listens");
    let second = Server::start(first.address(), false, exporter, Arc::new(Vec::new), None)
        .await
        .err();
    assert!(second.is_some_and(|failure| failure.to_string().contains(&first.address().to_string())));
}
