//! A plan as one page for a browser: it opens from disk, asks the network for nothing, and works without its script.
//!
//! One file per section; `escape` is the only way by which text of others gets in.

mod diff;
mod escape;
mod findings;
mod head;
mod impact;
mod steps;
mod timeline;

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use helm_release_core::mask::Masker;
use helm_release_core::plan::{Plan, Survey};
use sha2::{Digest as _, Sha256};

use escape::Html;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// What the policy calls an inline text that it lets through.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// The whole page, secret values masked. `survey` is the one that the plan was made from.
///
/// # Errors
/// What the writer of YAML says.
pub(crate) fn page(survey: &Survey, plan: &Plan) -> io::Result<String> {
    let mut masker = Masker::default();
    let changes = diff::changes(survey, plan, &mut masker)?;
    let mut page = Html::default();
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ");
    page.raw(&hash(STYLE)).raw("; script-src ").raw(&hash(SCRIPT)).raw("; base-uri 'none'; form-action 'none'\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    page.raw("<title>").text(&head::title(plan)).raw("</title>\n<style>").raw(STYLE).raw("</style>\n</head>\n<body>\n");
    page.raw("<a class=\"skip\" href=\"#plan\">Skip to the plan</a>\n");
    head::write(&mut page, plan, &changes);
    page.raw("<main id=\"plan\" tabindex=\"-1\">\n");
    findings::write(&mut page, plan);
    timeline::write(&mut page, survey, plan);
    steps::write(&mut page, plan, &changes);
    impact::write(&mut page, plan);
    diff::write(&mut page, plan, &changes);
    page.raw("</main>\n<footer><p>Made by helm rollback-safe ").text(env!("CARGO_PKG_VERSION"));
    page.raw(". Values of Secrets are masked; equal marks stand for equal values.</p></footer>\n");
    page.raw("<script>").raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
    Ok(page.into_string())
}

#[cfg(test)]
mod tests;
