//! One tab of the browser.

use serde_json::{Value, json};

use super::chromium::Chromium;

/// A tab that keeps what was told of it. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Tab<'a> {
    browser: &'a mut Chromium,
    target: String,
    session: String,
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is text").to_owned()
}

impl<'a> Tab<'a> {
    pub(super) fn new(browser: &'a mut Chromium) -> Self {
        let target = text(&browser.ask(None, "Target.createTarget", &json!({"url": "about:blank"}))["targetId"]);
        let attach = json!({"targetId": target, "flatten": true});
        let session = text(&browser.ask(None, "Target.attachToTarget", &attach)["sessionId"]);
        let mut tab = Self { browser, target, session };
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            tab.ask(&format!("{domain}.enable"), &json!({}));
        }
        tab
    }

    pub(super) fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        self.browser.ask(Some(&self.session), method, parameters)
    }

    pub(super) fn open(&mut self, address: &str) {
        // Of a page that was open before nothing counts any more.
        let session = self.session.clone();
        self.browser.events.retain(|event| event["sessionId"] != *session);
        self.ask("Page.navigate", &json!({"url": address}));
        self.browser.wait_for(&self.session, "Page.loadEventFired");
    }

    /// The value of an expression of JavaScript, awaited when it is a promise.
    pub(super) fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.ask("Runtime.evaluate", &parameters);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// Presses a key that types nothing.
    pub(super) fn press(&mut self, key: &str, code: u32) {
        let typed = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !typed.is_empty() {
                event["text"] = json!(typed);
            }
            self.ask("Input.dispatchKeyEvent", &event);
        }
    }

    pub(super) fn emulate(&mut self, media: &str, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.ask("Emulation.setEmulatedMedia", &json!({"media": media, "features": features}));
    }

    pub(super) fn resize(&mut self, width: u32) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.ask("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// What was told of this tab by events of these names.
    pub(super) fn heard(&self, methods: &[&str]) -> Vec<Value> {
        let is_one =
            |event: &&Value| event["sessionId"] == *self.session && methods.iter().any(|method| event["method"] == *method);
        self.browser.events.iter().filter(is_one).map(|event| event["params"].clone()).collect()
    }
}

impl Drop for Tab<'_> {
    fn drop(&mut self) {
        // A test that failed in the middle of a question leaves the rest to the browser's own end.
        if !std::thread::panicking() {
            let _ = self.browser.ask(None, "Target.closeTarget", &json!({"targetId": self.target}));
        }
    }
}
