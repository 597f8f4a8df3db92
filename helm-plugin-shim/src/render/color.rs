//! Colours as Helm 4 has them (`internal/cli/output/color.go`).

use helm_release_core::release::Status;

/// Writes coloured text, or plain text when colour is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Palette {
    on: bool,
}

impl Palette {
    /// A palette that colours, or not.
    #[must_use]
    pub(crate) fn new(on: bool) -> Self {
        Self { on }
    }

    fn paint(self, codes: (u8, u8), text: &str) -> String {
        if self.on { format!("\u{1b}[{}m{text}\u{1b}[{}m", codes.0, codes.1) } else { text.to_owned() }
    }

    /// A column's header, bold.
    #[must_use]
    pub(crate) fn header(self, text: &str) -> String {
        self.paint((1, 22), text)
    }

    /// A namespace, cyan.
    #[must_use]
    pub(crate) fn namespace(self, text: &str) -> String {
        self.paint((36, 0), text)
    }

    /// A status: green when deployed, red when failed or unknown, yellow while something is under way.
    #[must_use]
    pub(crate) fn status(self, status: &Status) -> String {
        let color = match status {
            Status::Deployed => 32,
            Status::Failed | Status::Unknown => 31,
            Status::Uninstalling | Status::PendingInstall | Status::PendingUpgrade | Status::PendingRollback => 33,
            _ => return status.to_string(),
        };
        self.paint((color, 0), status.as_str())
    }

    /// What appears, green.
    #[must_use]
    pub(crate) fn added(self, text: &str) -> String {
        self.paint((32, 0), text)
    }

    /// What goes away or stops, red.
    #[must_use]
    pub(crate) fn removed(self, text: &str) -> String {
        self.paint((31, 0), text)
    }

    /// What becomes something else, yellow.
    #[must_use]
    pub(crate) fn changed(self, text: &str) -> String {
        self.paint((33, 0), text)
    }
}
