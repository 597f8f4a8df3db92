//! The head of the page: verdict, from where to where, and the way to the sections.

use helm_release_core::plan::{Asked, Plan, Verdict};
use helm_release_core::release::ApplyMethod;

use super::diff::Change;
use super::escape::Html;
use crate::render::plan::{revision, summary};

/// What the browser's tab says.
pub(super) fn title(plan: &Plan) -> String {
    let (name, namespace, verdict) = (&plan.name, &plan.namespace, plan.verdict);
    format!("{verdict}: {name} in {namespace}, from revision {} to {}", plan.current.revision(), plan.target.revision())
}

/// A verdict's class and sign; the sign tells it without colour.
fn look(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::NothingToDo => ("calm", "="),
        Verdict::RollBack => ("good", "✓"),
        Verdict::BackUpFirst => ("careful", "!"),
        _ => ("bad", "✕"),
    }
}

fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

pub(super) fn write(page: &mut Html, plan: &Plan, changes: &[Change]) {
    let blocking = plan.blocking().count();
    let (class, sign) = if blocking > 0 { ("bad", "✕") } else { look(plan.verdict) };
    page.raw("<header>\n<p class=\"kicker\">Rollback plan for <strong>").text(plan.name.as_str());
    page.raw("</strong> in namespace <strong>").text(plan.namespace.as_str()).raw("</strong></p>\n");
    page.raw("<div class=\"verdict ").raw(class).raw("\"><span class=\"sign\" aria-hidden=\"true\">").raw(sign).raw("</span>\n");
    page.raw("<div><h1>").text(&sentence(&plan.verdict.to_string())).raw("</h1>\n");
    if blocking > 0 {
        page.raw("<p class=\"condition\">But not before ").number(blocking);
        page.raw(if blocking == 1 { " blocking finding is" } else { " blocking findings are" });
        page.raw(" settled or accepted.</p>\n");
    }
    page.raw("<p class=\"jump\"><span>").text(&revision(&plan.current)).raw("</span> <span aria-hidden=\"true\">→</span>");
    page.raw("<span class=\"vh\"> to </span> <span>").text(&revision(&plan.target)).raw("</span></p>\n</div></div>\n");
    facts(page, plan);
    let (findings, steps) = (plan.findings.len(), plan.steps.len());
    page.raw("<nav aria-label=\"Sections\"><ul>\n");
    let mut sections = vec![("findings", "Findings", findings), ("revisions", "Revisions", plan.heads.len())];
    sections.push(("steps", "Steps", steps));
    sections.extend(Some(("pods", "Pods", plan.impact.len())).filter(|(_, _, count)| *count > 0));
    sections.push(("changes", "Changes", changes.len()));
    for (id, name, count) in sections {
        page.raw("<li><a href=\"#").raw(id).raw("\">").raw(name).raw(" <span class=\"count\">").number(count);
        page.raw("</span></a></li>\n");
    }
    page.raw("</ul></nav>\n</header>\n");
}

fn facts(page: &mut Html, plan: &Plan) {
    let method = match plan.apply_method {
        ApplyMethod::Ssa => "server-side apply",
        ApplyMethod::Csa => "client-side apply",
    };
    page.raw("<dl class=\"facts\">\n");
    let mut fact = |name: &str, value: &str| {
        page.raw("<div><dt>").raw(name).raw("</dt><dd>").text(value).raw("</dd></div>\n");
    };
    fact("Target", &plan.choice.reason);
    fact("Steps", &summary(plan));
    if !plan.is_idle() {
        fact("Becomes", &format!("revision {}, by {method}", plan.new_revision));
    }
    if !plan.asked.is_nothing() {
        let Asked { rights, lists, dry_runs } = plan.asked;
        fact("Asked beforehand", &format!("{rights} rights, {lists} lists, {dry_runs} dry runs"));
    }
    page.raw("</dl>\n");
}
