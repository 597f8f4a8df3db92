use super::*;

fn environment(no_proxy: &str) -> Environment {
    Environment {
        https_proxy: Some("http://user:secret@proxy.corp:3128".to_owned()),
        http_proxy: Some("plain.corp:8080".to_owned()),
        no_proxy: Some(no_proxy.to_owned()),
        ..Environment::default()
    }
}

fn chosen(server: &str, no_proxy: &str) -> Option<String> {
    choose(None, &server.parse().unwrap(), &environment(no_proxy)).unwrap().map(|proxy| proxy.host().unwrap().to_owned())
}

#[test]
fn each_scheme_has_its_proxy() {
    assert_eq!(chosen("https://api.example.com:6443", "").as_deref(), Some("proxy.corp"));
    assert_eq!(chosen("http://api.example.com", "").as_deref(), Some("plain.corp"));
}

#[test]
fn no_proxy_is_compared_with_the_api_server_and_not_with_the_proxy() {
    assert_eq!(chosen("https://api.example.com:6443", "api.example.com"), None);
    assert_eq!(chosen("https://api.example.com:6443", "proxy.corp").as_deref(), Some("proxy.corp"));
}

#[test]
fn no_proxy_entries_mean_what_they_mean_to_go() {
    let excepted =
        ["*", "example.com", ".example.com", "*.example.com", "API.Example.Com", "api.example.com:6443", "other, example.com ,"];
    for entry in excepted {
        assert_eq!(chosen("https://api.example.com:6443", entry), None, "{entry}");
    }
    for entry in ["", "ample.com", ".api.example.com", "api.example.com:443", "example.org"] {
        assert!(chosen("https://api.example.com:6443", entry).is_some(), "{entry}");
    }
}

#[test]
fn no_proxy_takes_addresses_and_ranges() {
    for entry in ["10.1.2.3", "10.1.2.3:443", "10.0.0.0/8", "0.0.0.0/0", "10.1.2.3/32"] {
        assert_eq!(chosen("https://10.1.2.3", entry), None, "{entry}");
    }
    for entry in ["10.1.2.4", "10.1.2.3:6443", "10.2.0.0/16", "10.0.0.0/33", "fd00::/8"] {
        assert!(chosen("https://10.1.2.3", entry).is_some(), "{entry}");
    }
    assert_eq!(chosen("https://[fd00::1]:6443", "fd00::/8"), None);
    assert_eq!(chosen("https://[fd00::1]:6443", "[fd00::1]:6443"), None);
    assert_eq!(chosen("https://[fd00::1]:6443", "fd00::1"), None);
    assert!(chosen("https://[fd00::1]:6443", "fd01::/16").is_some());
}

#[test]
fn this_machine_is_never_spoken_to_through_a_proxy() {
    for server in ["https://localhost:6443", "https://127.0.0.1:6443", "http://127.9.9.9", "https://[::1]:6443"] {
        assert_eq!(chosen(server, ""), None, "{server}");
    }
}

#[test]
fn the_kubeconfigs_proxy_wins_and_knows_no_exceptions() {
    let server = "https://api.example.com".parse().unwrap();
    let proxy = choose(Some("socks5://jump:1080"), &server, &environment("*")).unwrap().unwrap();
    assert_eq!(proxy.to_string(), "socks5://jump:1080/");
}

#[test]
fn a_bad_proxy_is_named_without_its_password() {
    let server = "https://api.example.com".parse().unwrap();
    let error = choose(Some("ftp://user:secret@proxy.corp"), &server, &Environment::default()).unwrap_err().to_string();
    assert_eq!(error, "proxy \"ftp://proxy.corp\" is not a usable URL: only http, https and socks5 proxies are spoken to");
}
