//! What a module of another team does: it reads the contract of its environment, and builds on that.
//!
//! `cargo run -p contract --features ssm --example module -- /acme/dev secret cellar acme-sales`, with credentials of the
//! environment's account: the contract's root, and the class, bucket and bus that the module uses. On the emulator,
//! `ZONE_ENDPOINT` is the endpoint that `zone emulator status` prints.

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use aws_config::BehaviorVersion;
use aws_smithy_http_client::{Builder, tls};
use contract::{Snapshot, client::Client};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [root, class, bucket, bus] = &arguments[..] else {
        let usage = "usage: module ROOT CLASS BUCKET BUS, for example `module /acme/dev secret cellar acme-sales`";
        let _ = writeln!(io::stderr(), "{usage}");
        return ExitCode::from(2);
    };
    match client(root).await.contract().await {
        Ok(contract) => match configure(&contract, [class, bucket, bus], &mut io::stdout()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&*error),
        },
        Err(error) => {
            let code = failed(&error);
            let _ = writeln!(io::stderr(), "hint: {}", error.hint());
            code
        }
    }
}

/// Region and credentials are the ambient ones: those of a Lambda function, a profile, a CI role.
async fn client(root: &str) -> Client {
    let http = Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https();
    let mut config = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    if let Ok(endpoint) = env::var("ZONE_ENDPOINT") {
        config = config.endpoint_url(endpoint);
    }
    let environment = root.rsplit('/').next().unwrap_or(root);
    Client::new(aws_sdk_ssm::Client::new(&config.load().await), environment, root)
}

/// A module that scans what is put into a bucket, and reports what it found on the bus.
fn configure(zone: &Snapshot, [class, bucket, bus]: [&str; 3], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let key = zone.key_arn(class)?;
    let bucket = zone.bucket_name(bucket)?;
    writeln!(out, "contract version {} of {}", zone.version(), zone.published_at()?)?;
    writeln!(out, "function  role {}", zone.lambda_role_arn(bus)?)?;
    // a zone without a network is none that is broken: the function stays out of a VPC
    if zone.has("network") {
        writeln!(out, "          subnets {}", zone.private_subnet_ids()?.join(", "))?;
    }
    writeln!(out, "          account {}, region {}", key.account(), key.region())?;
    writeln!(out, "scans     bucket {bucket}, encrypted with {key}")?;
    writeln!(out, "events    to {}, undelivered ones to {}", zone.bus_arn(bus)?, zone.bus_dlq_arn(bus)?)?;
    writeln!(out, "alarms    to {}", zone.alerts_topic_arn()?)?;
    Ok(())
}

fn failed(error: &dyn Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::FAILURE
}
