//! What the rollback does to running pods.

use helm_release_core::plan::{Impact, Plan, PodsFate};

use super::escape::Html;
use crate::render::plan::pods;

pub(super) fn write(page: &mut Html, plan: &Plan) {
    if plan.impact.is_empty() {
        return;
    }
    page.raw("<section aria-labelledby=\"pods\">\n<h2 id=\"pods\">Pods</h2>\n<ul class=\"pods\">\n");
    for impact in &plan.impact {
        write_impact(page, impact);
    }
    page.raw("</ul>\n</section>\n");
}

fn class(fate: PodsFate) -> &'static str {
    match fate {
        PodsFate::Made => "good",
        PodsFate::Removed => "bad",
        PodsFate::Replaced => "careful",
        _ => "calm",
    }
}

fn write_impact(page: &mut Html, impact: &Impact) {
    page.raw("<li class=\"step ").raw(class(impact.pods)).raw("\"><p class=\"name\"><strong>").text(&impact.object.to_string());
    page.raw("</strong></p>\n<p>").text(&pods(impact)).raw("</p>\n");
    for budget in &impact.below_budgets {
        page.raw("<p class=\"refused\">Fewer than the disruption budget ").text(budget).raw(" allows to be missing.</p>\n");
    }
    page.raw("</li>\n");
}
