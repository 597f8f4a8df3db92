//! Makes histories: the same number always gives the same one.

use std::collections::BTreeMap;

use e2e::Chart;

use super::parts::PARTS;

/// `SplitMix64`: small, and the same on every machine.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a length fits");
        usize::try_from(self.next() % end).expect("it is below a length")
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Who makes a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    Helm3,
    Helm4ClientSide,
    Helm4ServerSide,
}

/// How an upgrade is made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breakage {
    /// Nothing becomes ready, and the upgrade waits for it.
    NeverReady,
    /// The server refuses to create one object, half-way.
    Uncreatable,
    /// The server refuses to change one object; the others are changed.
    Unchangeable,
    /// A hook fails before anything is applied.
    Hook,
}

const BREAKAGES: [Breakage; 4] = [Breakage::NeverReady, Breakage::Uncreatable, Breakage::Unchangeable, Breakage::Hook];

/// One thing that happens to a release.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Install {
        chart: Chart,
        args: Vec<String>,
    },
    Upgrade {
        chart: Chart,
        args: Vec<String>,
        breakage: Option<Breakage>,
    },
    /// Somebody else changes an object, where it is there.
    Edit {
        part: usize,
    },
    /// Somebody deletes an object, where it is there.
    Delete {
        part: usize,
    },
    Rollback(Rollback),
}

/// A rollback: what is compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Rollback {
    /// `None` is the default target.
    pub(super) to: Option<usize>,
    /// Options that both lines have.
    pub(super) args: Vec<String>,
    /// Whether it waits, which the lines ask for in different words.
    pub(super) waits: bool,
}

/// Everything that happens to one release.
#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) maker: Maker,
    pub(super) steps: Vec<Step>,
    /// The upgrades that must work afterwards.
    pub(super) afterwards: [Chart; 2],
}

/// A chart as it is at some moment: which parts it has, in which variants.
#[derive(Debug, Clone)]
struct State {
    parts: BTreeMap<usize, usize>,
    version: usize,
}

impl State {
    fn new(dice: &mut Dice) -> Self {
        let mut parts = BTreeMap::new();
        for (number, part) in PARTS.iter().enumerate() {
            // Hook jobs take seconds, so only some charts have one.
            let rarity = if part.name == "hook-job" { 6 } else { 2 };
            if dice.one_in(rarity) {
                parts.insert(number, dice.below(3));
            }
        }
        parts.insert(0, dice.below(3));
        Self { parts, version: 1 }
    }

    fn change(&mut self, dice: &mut Dice) {
        self.version += 1;
        for _ in 0..=dice.below(5) {
            let part = dice.below(PARTS.len());
            if dice.one_in(3) {
                self.parts.remove(&part);
            } else if PARTS[part].name != "hook-job" || self.parts.contains_key(&part) {
                self.parts.insert(part, dice.below(3));
            }
        }
        if self.parts.is_empty() {
            self.parts.insert(0, dice.below(3));
        }
    }

    fn chart(&self, breakage: Option<Breakage>) -> Chart {
        let mut chart = Chart::new("mixed", &format!("1.0.{}", self.version))
            .app_version(&format!("2.{}", self.version))
            // A number that a float does not hold.
            .values("color: red\nstory: \"\"\nbig: 7\nhuge: 9007199254740993\n")
            .template("NOTES.txt", "{{ .Release.Name }} is {{ .Values.color }}, <b>&amp; \"all\"</b>\n");
        for (&part, &variant) in &self.parts {
            let part = &PARTS[part];
            chart = chart.template(&format!("{}.yaml", part.name), &(part.template)(variant));
        }
        match breakage {
            None => chart,
            Some(Breakage::NeverReady) => {
                let part = PARTS.iter().find(|part| part.name == "worker").expect("there is such a part");
                chart
                    .template("worker.yaml", &(part.template)(self.version % 3))
                    .values("color: red\nstory: never-ready\nbig: 7\n")
            }
            Some(Breakage::Uncreatable) => chart.template(
                "refused.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config-b}\ndata: {\"no such key/\": refused}\n",
            ),
            Some(Breakage::Unchangeable) => chart.template(
                "config-a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config-a}\ndata: {\"no such key/\": refused}\n",
            ),
            Some(Breakage::Hook) => chart.template(
                "guard.yaml",
                "apiVersion: batch/v1\nkind: Job\nmetadata: {name: guard, annotations: {helm.sh/hook: pre-upgrade}}\n\
                 spec:\n  backoffLimit: 0\n  template:\n    metadata: {labels: {test/kubelet: fail}}\n    \
                 spec: {restartPolicy: Never, containers: [{name: guard, image: guard}]}\n",
            ),
        }
    }
}

fn texts(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

/// Makes the history of that number.
pub(super) fn history(number: u64) -> History {
    let maker = match number % 3 {
        0 => Maker::Helm3,
        1 => Maker::Helm4ClientSide,
        _ => Maker::Helm4ServerSide,
    };
    let mut dice = Dice(number);
    let mut state = State::new(&mut dice);
    let mut args = texts(&["--set", "size=3"]);
    if maker == Maker::Helm4ClientSide {
        args.push("--server-side=false".to_owned());
    }
    if dice.one_in(2) {
        args.extend(texts(&["--labels", "team=blue,tier=front"]));
    }
    let mut steps = vec![Step::Install { chart: state.chart(None), args }];
    let mut revisions = 1;
    // By turns over the histories of one maker, so that each maker meets each of them.
    let mut failures = usize::try_from(number / 3).expect("there are few histories");
    for _ in 0..2 + dice.below(3) {
        let step = match dice.below(10) {
            3..=5 => {
                failures += 1;
                failing_upgrade(&mut dice, &mut state, BREAKAGES[failures % BREAKAGES.len()])
            }
            6 | 7 => Step::Edit { part: some_part(&mut dice, &state) },
            8 => Step::Delete { part: some_part(&mut dice, &state) },
            9 if revisions > 1 => Step::Rollback(rollback(&mut dice, maker, revisions)),
            _ => upgrade(&mut dice, &mut state),
        };
        revisions += usize::from(!matches!(step, Step::Edit { .. } | Step::Delete { .. }));
        steps.push(step);
    }
    if revisions == 1 {
        steps.insert(1, upgrade(&mut dice, &mut state));
        revisions += 1;
    }
    if dice.one_in(3) {
        steps.push(Step::Edit { part: some_part(&mut dice, &state) });
    }
    steps.push(Step::Rollback(rollback(&mut dice, maker, revisions)));
    let afterwards = [(); 2].map(|()| {
        state.change(&mut dice);
        state.chart(None)
    });
    History { maker, steps, afterwards }
}

fn some_part(dice: &mut Dice, state: &State) -> usize {
    let parts: Vec<usize> = state.parts.keys().copied().filter(|part| !PARTS[*part].name.starts_with("hook-")).collect();
    if parts.is_empty() { 0 } else { dice.pick(&parts) }
}

fn upgrade(dice: &mut Dice, state: &mut State) -> Step {
    state.change(dice);
    let color = dice.pick(&["blue", "green", "9007199254740993"]);
    let mut args = vec!["--set".to_owned(), format!("color={color}")];
    if dice.one_in(4) {
        args.extend(texts(&["--labels", "team=red"]));
    }
    if dice.one_in(4) {
        args.extend(texts(&["--description", "by <hand> & \"heart\""]));
    }
    Step::Upgrade { chart: state.chart(None), args, breakage: None }
}

fn failing_upgrade(dice: &mut Dice, state: &mut State, breakage: Breakage) -> Step {
    let before = state.clone();
    state.change(dice);
    let args = if breakage == Breakage::NeverReady { texts(&["--wait", "--timeout", "2s"]) } else { Vec::new() };
    let chart = state.chart(Some(breakage));
    // The next chart builds on what worked, or on what did not.
    if dice.one_in(2) {
        let version = state.version;
        *state = State { version, ..before };
    }
    Step::Upgrade { chart, args, breakage: Some(breakage) }
}

fn rollback(dice: &mut Dice, maker: Maker, revisions: usize) -> Rollback {
    let mut rollback = Rollback { to: dice.one_in(2).then(|| 1 + dice.below(revisions)), ..Rollback::default() };
    let mut with = |rarity, args: &[&str]| {
        if dice.one_in(rarity) {
            rollback.args.extend(texts(args));
        }
    };
    with(5, &["--no-hooks"]);
    with(5, &["--history-max", "2"]);
    with(8, &["--cleanup-on-fail"]);
    match maker {
        Maker::Helm3 => {}
        Maker::Helm4ClientSide => {
            with(5, &["--description", "told & <shown>"]);
            with(6, &["--server-side=true"]);
        }
        Maker::Helm4ServerSide => {
            with(5, &["--description", "told & <shown>"]);
            with(6, &["--server-side=false"]);
        }
    }
    if maker == Maker::Helm4ServerSide && rollback.args.iter().all(|arg| arg != "--server-side=false") && dice.one_in(4) {
        // Helm finds out that this does not go with client-side apply when it is too late, so it stands with the method.
        rollback.args.extend(texts(&["--force-conflicts", "--server-side=true"]));
    }
    if dice.one_in(6) {
        rollback.waits = true;
        // Long enough for everything that becomes ready; what never does costs this much.
        rollback.args.extend(texts(&["--timeout", "20s"]));
    }
    rollback
}
