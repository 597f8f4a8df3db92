//! What must be true of the page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Bench;

type Test = (&'static str, fn(&mut Bench));

macro_rules! tests {
    ($($test:ident),* $(,)?) => { &[$((stringify!($test), $test as fn(&mut Bench))),*] };
}

pub(super) const TESTS: &[Test] = tests![
    the_verdict_is_the_first_heading,
    nothing_is_asked_of_the_network_and_nothing_goes_wrong,
    the_policy_of_the_page_lets_nothing_out,
    nothing_that_is_hostile_runs,
    everything_has_a_role_and_a_name,
    the_keyboard_reaches_everything_in_order,
    every_text_can_be_read_in_light_and_in_dark,
    a_narrow_window_needs_no_scrolling_sideways,
    paper_shows_what_is_folded_away,
    folds_work_without_the_script,
    the_buttons_fold_and_unfold,
    motion_is_left_out_when_it_is_not_wanted,
];

const VERDICT: &str = "Back up first, then roll back";

fn the_verdict_is_the_first_heading(bench: &mut Bench) {
    let mut tab = bench.open();
    assert_eq!(tab.evaluate("document.querySelector('h1, h2, h3, h4, h5, h6').textContent"), VERDICT);
    assert_eq!(tab.evaluate("document.querySelectorAll('h1').length"), 1);
    let title = "back up first, then roll back: shop in default, from revision 5 to 2";
    assert_eq!(tab.evaluate("document.title"), title);
    let levels = tab.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map((heading) => +heading.localName[1])");
    let levels: Vec<i64> = levels.as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "no level is left out: {levels:?}");
}

fn nothing_is_asked_of_the_network_and_nothing_goes_wrong(bench: &mut Bench) {
    let address = bench.address();
    let tab = bench.open();
    let requests: Vec<Value> =
        tab.heard(&["Network.requestWillBeSent"]).into_iter().map(|event| event["request"]["url"].clone()).collect();
    assert_eq!(requests, [json!(address)], "the page itself and nothing else");
    let said = tab.heard(&["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"]);
    assert_eq!(said, [Value::Null; 0]);
}

fn the_policy_of_the_page_lets_nothing_out(bench: &mut Bench) {
    let mut tab = bench.open();
    // Even a script that had got in could not send what it reads.
    for (attempt, directive) in [
        ("fetch('http://127.0.0.1:9/').catch(() => {})", "connect-src"),
        ("new Image().src = 'http://127.0.0.1:9/x.png'", "img-src"),
        (
            "document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = 3'}))",
            "script-src-elem",
        ),
    ] {
        let expression = format!(
            "new Promise((told) => {{ addEventListener('securitypolicyviolation', (event) => told(event.violatedDirective), \
             {{once: true}}); {attempt}; }})"
        );
        assert_eq!(tab.evaluate(&expression), directive, "{attempt}");
    }
    let sent = tab.heard(&["Network.requestWillBeSent"]);
    let is_out = |event: &&Value| event["request"]["url"].as_str().is_some_and(|url| url.starts_with("http"));
    let got_through = tab.heard(&["Network.responseReceived"]);
    assert!(got_through.iter().all(|event| event["response"]["url"].as_str().is_some_and(|url| url.starts_with("file:"))));
    let failed = tab.heard(&["Network.loadingFailed"]);
    for event in sent.iter().filter(is_out) {
        let is_blocked = failed.iter().any(|other| other["requestId"] == event["requestId"] && other["blockedReason"] == "csp");
        assert!(is_blocked, "{event}");
    }
}

fn nothing_that_is_hostile_runs(bench: &mut Bench) {
    let mut tab = bench.open();
    assert_eq!(tab.evaluate("document.querySelectorAll('img, svg, iframe, object, embed, link, b').length"), 0);
    assert_eq!(tab.evaluate("document.scripts.length"), 1);
    let handlers = "[...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames())\
        .filter((name) => name.startsWith('on') || name === 'style')";
    assert_eq!(tab.evaluate(handlers), json!([]));
    let shown = tab.evaluate("document.body.textContent");
    let shown = shown.as_str().expect("there is text");
    assert!(shown.contains("</script><img src=x onerror=document.title='owned'>"), "it is shown as what it is");
    for secret in ["correct-horse", "battery-staple", "Y29ycmVjdC1ob3JzZQ==", "YmF0dGVyeS1zdGFwbGU="] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

fn everything_has_a_role_and_a_name(bench: &mut Bench) {
    let mut tab = bench.open();
    let tree = tab.ask("Accessibility.getFullAXTree", &json!({}));
    let nodes: Vec<(String, String)> = tree["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|node| node["ignored"] == false)
        .map(|node| {
            let text = |member: &str| node[member]["value"].as_str().unwrap_or_default().to_owned();
            (text("role"), text("name"))
        })
        .collect();
    let of = |role: &str| nodes.iter().filter(|(known, _)| known == role).map(|(_, name)| name.as_str()).collect::<Vec<_>>();
    assert_eq!(of("region"), ["Findings", "Revisions", "Steps", "Pods", "Changes"]);
    assert_eq!(of("navigation"), ["Sections"]);
    assert_eq!((of("main").len(), of("banner").len(), of("contentinfo").len()), (1, 1, 1));
    assert_eq!(of("button"), ["Unfold all", "Fold all"]);
    for role in ["link", "heading", "button", "DisclosureTriangle", "columnheader"] {
        let names = of(role);
        assert!(!names.is_empty(), "there is a {role}");
        assert!(names.iter().all(|name| !name.trim().is_empty()), "each {role} has a name: {names:?}");
    }
    assert!(of("columnheader").contains(&"after the rollback"), "{:?}", of("columnheader"));
    assert!(of("link").contains(&"3 fields of step 4"), "{:?}", of("link"));
    assert_eq!(tab.evaluate("document.documentElement.lang"), "en");
}

const FOCUSED: &str = "(() => { const at = document.activeElement; const style = getComputedStyle(at); \
    const box = at.getBoundingClientRect(); \
    return {index: [...document.querySelectorAll('*')].indexOf(at), tag: at.localName, text: at.textContent.trim(), \
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth), \
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth}; })()";

fn the_keyboard_reaches_everything_in_order(bench: &mut Bench) {
    let mut tab = bench.open();
    let wanted = tab.evaluate("document.querySelectorAll('a[href], summary, button').length");
    let hidden = tab
        .evaluate("[...document.querySelectorAll('details:not([open]) *')].filter((inner) => inner.matches('a, button')).length");
    assert_eq!(hidden, 0, "nothing to reach is folded away");
    let mut reached: Vec<Value> = Vec::new();
    for _ in 0..wanted.as_u64().expect("a number") {
        tab.press("Tab", 9);
        // Scrolling may be smooth: where it ends is what counts.
        tab.evaluate("new Promise((done) => setTimeout(done, 30))");
        let mut at = tab.evaluate(FOCUSED);
        for _ in 0..40 {
            if at["seen"] == true {
                break;
            }
            tab.evaluate("new Promise((done) => setTimeout(done, 50))");
            at = tab.evaluate(FOCUSED);
        }
        assert!(at["outline"].as_f64().is_some_and(|width| width >= 2.0), "what has the focus shows it: {at}");
        assert_eq!(at["seen"], true, "what has the focus is in view: {at}");
        reached.push(at);
    }
    let order: Vec<i64> = reached.iter().filter_map(|at| at["index"].as_i64()).collect();
    assert!(order.is_sorted_by(|one, other| one < other), "in the order of the page, each once: {reached:#?}");
    let first: Vec<&str> = reached.iter().take(6).filter_map(|at| at["text"].as_str()).collect();
    assert_eq!(first, ["Skip to the plan", "Findings 3", "Revisions 5", "Steps 13", "Pods 2", "Changes 7"]);

    drop(tab);
    let mut tab = bench.open();
    tab.press("Tab", 9);
    tab.press("Enter", 13);
    assert_eq!(tab.evaluate("document.activeElement.localName"), "main", "the first link leads past the head");
}

/// The texts that stand out too little from what is behind them: below 4.5 to 1.
const FAINT: &str = "(() => { \
    const parse = (color) => { const part = color.match(/[\\d.]+/g).map(Number); return {rgb: part.slice(0, 3), alpha: part[3] ?? 1}; }; \
    const light = (rgb) => { const [r, g, b] = rgb.map((part) => { part /= 255; \
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; }; \
    const behind = (element) => { for (let at = element; at; at = at.parentElement) { \
      const color = parse(getComputedStyle(at).backgroundColor); if (color.alpha === 1) return color.rgb; } return [255, 255, 255]; }; \
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); const faint = []; let count = 0; \
    while (walker.nextNode()) { const element = walker.currentNode.parentElement; \
      if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.matches('script')) continue; count += 1; \
      const [front, back] = [light(parse(getComputedStyle(element).color).rgb), light(behind(element))]; \
      const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05); \
      if (ratio < 4.5) faint.push(`${ratio.toFixed(2)}: ${walker.currentNode.data.trim()}`); } \
    return {count, faint, ground: light(behind(document.body))}; })()";

fn every_text_can_be_read_in_light_and_in_dark(bench: &mut Bench) {
    for scheme in ["light", "dark"] {
        let mut tab = bench.open();
        tab.emulate("screen", scheme);
        tab.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })");
        let found = tab.evaluate(FAINT);
        assert_eq!(found["faint"], json!([]), "{scheme}");
        assert!(found["count"].as_u64().is_some_and(|count| count > 200), "{found}");
        let ground = found["ground"].as_f64().expect("a number");
        assert!(if scheme == "dark" { ground < 0.05 } else { ground > 0.8 }, "{scheme}: {ground}");
        let picture = tab.ask("Page.captureScreenshot", &json!({"format": "png"}));
        let bytes = STANDARD.decode(picture["data"].as_str().expect("there is a picture")).expect("it is base64");
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 10_000, "{scheme}: {} bytes", bytes.len());
    }
}

fn a_narrow_window_needs_no_scrolling_sideways(bench: &mut Bench) {
    for width in [320, 400, 800, 1600] {
        let mut tab = bench.open();
        tab.resize(width);
        tab.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })");
        let found = tab.evaluate("document.documentElement.scrollWidth");
        let wide = tab.evaluate(
            "[...document.querySelectorAll('main *, header *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1)\
             .map((element) => `${element.localName}.${element.className}`)",
        );
        assert!(found.as_u64().is_some_and(|found| found <= u64::from(width)), "{found} in {width}: {wide}");
        // Both sides of a change stay readable.
        let thin = tab.evaluate(
            "[...document.querySelectorAll('.diff td.gone:not(.ln), .diff td.come:not(.ln)')].filter((cell) => cell.offsetWidth < 120).length",
        );
        assert_eq!(thin, 0, "{width}");
    }
}

fn paper_shows_what_is_folded_away(bench: &mut Bench) {
    let mut tab = bench.open();
    assert_ne!(tab.evaluate("document.querySelectorAll('details:not([open])').length"), 0, "something is folded");
    let hidden = "[...document.querySelectorAll('details.fold td')].filter((cell) => cell.getClientRects().length === 0 \
        || !cell.checkVisibility({contentVisibilityAuto: true})).length";
    assert_ne!(tab.evaluate(hidden), 0);
    tab.emulate("print", "dark");
    assert_eq!(tab.evaluate(hidden), 0, "by the style alone");
    assert_eq!(tab.evaluate("getComputedStyle(document.querySelector('nav')).display"), "none");
    let ground = tab.evaluate("getComputedStyle(document.body).backgroundColor");
    assert_eq!(ground, "rgb(255, 255, 255)", "paper is white in dark rooms too");
    assert_eq!(tab.evaluate(FAINT)["faint"], json!([]));
    let printed = tab.ask("Page.printToPDF", &json!({"printBackground": true}));
    let bytes = STANDARD.decode(printed["data"].as_str().expect("there is a document")).expect("it is base64");
    assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 20_000, "{} bytes", bytes.len());
}

fn folds_work_without_the_script(bench: &mut Bench) {
    let address = bench.address();
    let mut tab = bench.open();
    tab.ask("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    tab.open(&address);
    assert_eq!(tab.evaluate("document.querySelector('.tools').hidden"), true, "buttons that could do nothing are not there");
    tab.evaluate("document.querySelector('details.fold > summary').focus()");
    assert_eq!(tab.evaluate("document.querySelector('details.fold').open"), false);
    tab.press("Enter", 13);
    assert_eq!(tab.evaluate("document.querySelector('details.fold').open"), true);
}

fn the_buttons_fold_and_unfold(bench: &mut Bench) {
    let mut tab = bench.open();
    let open = "[...document.querySelectorAll('.change, .fold')].map((fold) => fold.open)";
    let all = |value: &Value, is: bool| value.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(|one| *one == is));
    for (name, is_open) in [("open", true), ("close", false)] {
        tab.evaluate(&format!("document.querySelector('[data-fold={name}]').focus()"));
        tab.press("Enter", 13);
        let found = tab.evaluate(open);
        assert!(all(&found, is_open), "{name}: {found}");
    }
    // A link to a change that is folded away unfolds it.
    tab.evaluate("document.querySelector('a[href=\"#change-4\"]').focus()");
    tab.press("Enter", 13);
    tab.evaluate("new Promise((done) => setTimeout(done, 100))");
    assert_eq!(tab.evaluate("document.querySelector('#change-4').open"), true);
}

fn motion_is_left_out_when_it_is_not_wanted(bench: &mut Bench) {
    let mut tab = bench.open();
    for (wish, behaviour) in [("no-preference", "smooth"), ("reduce", "auto")] {
        let features = json!([{"name": "prefers-reduced-motion", "value": wish}]);
        tab.ask("Emulation.setEmulatedMedia", &json!({"media": "screen", "features": features}));
        assert_eq!(tab.evaluate("getComputedStyle(document.documentElement).scrollBehavior"), behaviour);
    }
}
