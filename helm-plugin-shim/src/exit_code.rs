//! What the program's exit codes mean.

/// An exit code with a documented meaning.
///
/// ```
/// use helm_plugin_shim::ExitCode;
///
/// // Refused, and told apart by what has to be done: mend the plan, plan again, wait.
/// assert_eq!([ExitCode::REFUSED, ExitCode::STALE, ExitCode::HELD].map(ExitCode::get), [3, 4, 5]);
/// // Failed: first whether the release is as it was before.
/// assert_eq!([ExitCode::RETURNED, ExitCode::FAILED].map(ExitCode::get), [6, 7]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExitCode(u8);

impl ExitCode {
    /// Done, or nothing to do.
    pub const DONE: Self = Self(0);
    /// An unexpected error: the cluster, the network, a record that cannot be read.
    pub const UNEXPECTED: Self = Self(1);
    /// Bad usage or input: a wrong flag, a release or revision that is not there, a kubeconfig that cannot be read.
    pub const USAGE: Self = Self(2);
    /// Refused: the plan has blocking findings. Of `fsck`: ailments were found and not repaired.
    pub const REFUSED: Self = Self(3);
    /// Refused: something that a sealed plan rests on is not as it was.
    pub const STALE: Self = Self(4);
    /// Another operation holds the release.
    pub const HELD: Self = Self(5);
    /// Failed, and everything was brought back.
    pub const RETURNED: Self = Self(6);
    /// Failed, and what was written stays: `recover` is needed.
    pub const FAILED: Self = Self(7);
    /// Differences were found, with `--detailed-exitcode`.
    pub const DIFFERENT: Self = Self(10);

    /// The number that the shell sees.
    ///
    /// ```
    /// assert_eq!(helm_plugin_shim::ExitCode::DIFFERENT.get(), 10);
    /// ```
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.0)
    }
}
