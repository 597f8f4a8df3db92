//! The revisions, newest first, and the jump from the current one to the target.

use helm_release_core::Revision;
use helm_release_core::plan::{Plan, RevisionContent, Survey};
use helm_release_core::ports::Head;
use jiff::Timestamp;

use super::escape::Html;

pub(super) fn write(page: &mut Html, survey: &Survey, plan: &Plan) {
    page.raw("<section aria-labelledby=\"revisions\">\n<h2 id=\"revisions\">Revisions</h2>\n");
    page.raw("<ol class=\"timeline\">\n");
    if !plan.is_idle() {
        page.raw("<li class=\"revision new\"><span class=\"rail\" aria-hidden=\"true\"></span><div><p class=\"name\">Revision ");
        page.number(plan.new_revision)
            .raw(" <span class=\"badge\">new</span></p>\n<p>The rollback makes it, with what revision ");
        page.number(plan.target.revision()).raw(" had.</p></div></li>\n");
    }
    for head in plan.heads.iter().rev() {
        write_revision(page, survey, plan, head);
    }
    page.raw("</ol>\n</section>\n");
}

/// Where a revision stands to the jump.
fn place(plan: &Plan, revision: Revision) -> &'static str {
    let (from, to) = (plan.current.revision(), plan.target.revision());
    match () {
        () if from == to && revision == from => "from to",
        () if revision == from => "from",
        () if revision == to => "to",
        () if revision > to.min(from) && revision < from.max(to) => "over",
        () => "",
    }
}

/// What a status is by look.
fn class(status: &str) -> &'static str {
    match status {
        "deployed" => "good",
        "failed" => "bad",
        status if status.starts_with("pending") => "careful",
        _ => "calm",
    }
}

/// When it was deployed, by its record, or by the labels that Helm sets in seconds since 1970 when the record was not read.
fn deployed(head: &Head, known: Option<&RevisionContent>) -> Option<Timestamp> {
    let label = |name: &str| Timestamp::from_second(head.labels.get(name)?.parse().ok()?).ok();
    match known {
        Some(known) => known.info.last_deployed.timestamp(),
        None => label("createdAt"),
    }
}

fn write_revision(page: &mut Html, survey: &Survey, plan: &Plan, head: &Head) {
    let revision = head.key.revision;
    let place = place(plan, revision);
    let known = survey.revisions.get(&revision);
    let status = known.map_or_else(|| head.status_label().to_owned(), |known| known.info.status.to_string());
    page.raw("<li class=\"revision ")
        .raw(place)
        .raw("\"><span class=\"rail\" aria-hidden=\"true\"></span><div><p class=\"name\">");
    page.raw("Revision ").number(revision).raw(" <span class=\"badge ").raw(class(&status)).raw("\">").text(&status);
    page.raw("</span>");
    match place {
        "from" => page.raw(" <span class=\"role\">from here</span>"),
        "to" => page.raw(" <span class=\"role\">to here</span>"),
        "from to" => page.raw(" <span class=\"role\">from and to here</span>"),
        _ => page,
    };
    page.raw("</p>\n");
    let mut details: Vec<String> =
        deployed(head, known).iter().map(|time| time.strftime("%Y-%m-%d %H:%M UTC").to_string()).collect();
    if let Some(chart) = known.and_then(|known| known.chart.as_ref()) {
        details.push(chart.full_name());
        if !chart.app_version.is_empty() {
            details.push(format!("app {}", chart.app_version));
        }
    }
    if !details.is_empty() {
        page.raw("<p class=\"details\">").text(&details.join(" · ")).raw("</p>\n");
    }
    if let Some(known) = known.filter(|known| !known.info.description.is_empty()) {
        page.raw("<p>").text(&known.info.description).raw("</p>\n");
    }
    if revision == plan.target.revision() {
        page.raw("<p class=\"reason\">Chosen: ").text(&plan.choice.reason).raw(".</p>\n");
    }
    if let Some(lost) = plan.choice.passed_over.iter().find(|lost| lost.revision == revision) {
        page.raw("<p class=\"reason\">Not chosen: ").text(&lost.reason).raw(".</p>\n");
    }
    page.raw("</div></li>\n");
}
