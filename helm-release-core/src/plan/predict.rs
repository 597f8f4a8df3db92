//! What an object is before a step and what it will be after it, as a whole: for people who compare.

use serde_json::Value;

use super::objects::ObjectPlanner;
use super::secret::with_string_data;
use super::undo::comparable;
use super::{Action, DryRunAnswer, Mode, Plan, Step, Survey};
use crate::patch::{self, PatchError};
use crate::ports::{PatchBody, Request};

/// An object before and after a step.
///
/// `Debug` prints no value.
///
/// ```
/// use helm_release_core::plan::{Action, RollbackOptions, plan};
///
/// # examples::run(async {
/// # let shop = examples::Shop::open().await?;
/// # let options = RollbackOptions::default();
/// # let survey = shop.survey(&options).await?;
/// let plan = plan(&survey, &options);
/// let delete = plan.steps_of(Action::Delete).next().ok_or("one object is deleted")?;
/// let prediction = plan.predict(&survey, delete)?.ok_or("a deletion writes")?;
/// assert_eq!(prediction.before.as_ref().map(|before| &before["data"]["beta"]), Some(&"on".into()));
/// assert_eq!(prediction.after, None);
/// assert_eq!(format!("{prediction:?}"), "Prediction(before: true, after: false)");
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Prediction {
    /// As it is; `None` when it is not there.
    pub before: Option<Value>,
    /// As it will be; `None` when it will be gone.
    pub after: Option<Value>,
}

impl std::fmt::Debug for Prediction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prediction(before: {}, after: {})", self.before.is_some(), self.after.is_some())
    }
}

impl Plan {
    /// What the object of a step is and what the step makes of it, both without `status` and what the server keeps for itself,
    /// and with a Secret's texts as data; `None` for a step that writes no object. `survey` is the one that this plan was made
    /// from.
    ///
    /// Of a step whose dry run the server accepted it is what the server said; of every other what the merge makes of it, without
    /// what the server's defaults and webhooks add.
    ///
    /// # Errors
    /// [`PatchError`] when a patch cannot be applied to the object; a plan has no such step.
    ///
    /// ```
    /// use helm_release_core::plan::{Action, Prediction, RollbackOptions, plan};
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// # let options = RollbackOptions::default();
    /// # let survey = shop.survey(&options).await?;
    /// let plan = plan(&survey, &options);
    /// let patch = plan.steps_of(Action::Patch).next().ok_or("the Deployment is patched")?;
    /// let Some(Prediction { before: Some(before), after: Some(after), .. }) = plan.predict(&survey, patch)? else {
    ///     panic!("it is there before and afterwards")
    /// };
    /// assert_eq!((&before["spec"]["replicas"], &after["spec"]["replicas"]), (&5.into(), &3.into()));
    /// let record = plan.steps_of(Action::CreateRecord).next().ok_or("a record is stored")?;
    /// assert_eq!(plan.predict(&survey, record)?, None);
    /// # Ok(()) });
    /// ```
    pub fn predict(&self, survey: &Survey, step: &Step) -> Result<Option<Prediction>, PatchError> {
        let Some(location) = step.location().filter(|_| step.action.writes_object()) else { return Ok(None) };
        let live = survey.seen(location).object();
        if step.action == Action::Delete {
            return Ok(Some(Prediction { before: live.map(|live| comparable(live.as_value())), after: None }));
        }
        if let Some(DryRunAnswer::Accepted(Some(foreseen))) = &step.dry_run {
            let before = live.map(|live| comparable(live.as_value()));
            return Ok(Some(Prediction { before, after: Some(comparable(foreseen.as_value())) }));
        }
        let Some(request) = step.requests.last() else { return Ok(None) };
        let live_as_written = |wanted: &crate::Object| match self.options.mode {
            Mode::Safe => live.map(|live| with_string_data(live, wanted)),
            Mode::Compat => live.map(std::borrow::Cow::Borrowed),
        };
        let placed = survey.target().find(location);
        let (before, after) = match (request, step.action) {
            (Request::Apply { object, .. }, Action::Patch) => {
                let live = live_as_written(object);
                let planner = ObjectPlanner { survey, options: &self.options, method: self.apply_method };
                let after = match (placed, live.as_ref()) {
                    (Some(placed), Some(live)) => planner.predicted(placed, object, live)?,
                    _ => object.as_value().clone(),
                };
                (live.map(|live| live.as_value().clone()), after)
            }
            (Request::Patch { patch, .. }, _) => {
                let wanted = placed.map(|placed| placed.object.unpack());
                let live = wanted.as_ref().and_then(live_as_written).or(live.map(std::borrow::Cow::Borrowed));
                let before = live.map(|live| live.as_value().clone()).unwrap_or_default();
                let after = match patch {
                    PatchBody::Json(_) => before.clone(),
                    body => patch::apply(&survey.schemas, &location.resource.gvk, &before, body)?,
                };
                (Some(before), after)
            }
            (Request::Apply { object, .. } | Request::Create { object, .. } | Request::Replace { object, .. }, _) => {
                (live_as_written(object).map(|live| live.as_value().clone()), object.as_value().clone())
            }
            (Request::Delete { .. }, _) => return Ok(None),
        };
        Ok(Some(Prediction { before: before.map(|before| comparable(&before)), after: Some(comparable(&after)) }))
    }
}
