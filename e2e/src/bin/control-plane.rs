//! Starts the tests' control plane for a person: `cargo run -p e2e --bin control-plane`.
//!
//! Prints what to put into the environment and runs until Enter, the end of stdin or Ctrl-C; then everything is gone.
#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]

use std::io;
use std::process::ExitCode;

use e2e::artifact::{HELM3, HELM4};
use e2e::{Cluster, Oracle};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let oracle = Oracle::start().map_err(|error| error.to_string())?;
    let [helm3, helm4] = [HELM3, HELM4].map(|helm| helm.folder().map(|folder| folder.join(helm.name)));
    let cluster = Cluster::start(&oracle)?;
    println!("export KUBECONFIG={}", cluster.kubeconfig().display());
    println!("export HELM3={}", helm3.map_err(|error| error.to_string())?.display());
    println!("export HELM4={}", helm4.map_err(|error| error.to_string())?.display());
    println!("# audit log: {}", cluster.dir().join("audit.log").display());
    println!("# Enter ends it");
    let _ = io::stdin().read_line(&mut String::new());
    Ok(())
}
