//! What the rules found, the heaviest first.

use helm_release_core::plan::{Finding, Plan, Severity};

use super::escape::Html;

pub(super) fn write(page: &mut Html, plan: &Plan) {
    page.raw("<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings</h2>\n");
    if plan.findings.is_empty() {
        page.raw("<p class=\"empty\">Nothing was found that speaks against it.</p>\n");
    } else {
        page.raw("<ol class=\"findings\">\n");
        for finding in &plan.findings {
            write_finding(page, finding);
        }
        page.raw("</ol>\n");
    }
    page.raw("</section>\n");
}

fn class(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Block if finding.blocks() => "bad",
        Severity::Block | Severity::Caution => "careful",
        Severity::Note => "calm",
    }
}

fn write_finding(page: &mut Html, finding: &Finding) {
    page.raw("<li class=\"finding ").raw(class(finding)).raw("\">\n<h3><span class=\"badge\">");
    page.text(&finding.severity.to_string());
    if finding.accepted && finding.acceptable {
        page.raw(", accepted");
    }
    page.raw("</span> <code>").text(finding.id.as_str()).raw("</code></h3>\n<p class=\"what\">");
    if let Some(object) = &finding.object {
        page.raw("<strong>").text(&object.to_string()).raw("</strong>");
        if let Some(path) = &finding.path {
            page.raw(" <code>").text(path).raw("</code>");
        }
        page.raw(": ");
    }
    page.text(&finding.what).raw("</p>\n<p class=\"why\">").text(&finding.why).raw("</p>\n");
    if !finding.ways_out.is_empty() {
        page.raw("<p class=\"ways\">Ways out</p>\n<ul class=\"ways\">\n");
        for way in &finding.ways_out {
            page.raw("<li>").text(way).raw("</li>\n");
        }
        page.raw("</ul>\n");
    }
    page.raw("</li>\n");
}
