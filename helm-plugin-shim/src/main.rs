//! The program `helm-rollback-safe`, which Helm runs as `helm rollback-safe`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    helm_plugin_shim::main(std::env::args_os()).await.into()
}
