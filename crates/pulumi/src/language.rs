//! The language runtime: how the engine runs our program, as `--client` or as `pulumi-language-zone`.

use std::{collections::HashMap, fmt::Display, pin::Pin, sync::Arc};

use futures::Stream;
use tonic::{Request, Response, Status};

use crate::{
    config::Config,
    monitor::EngineMonitor,
    program::{self, Ended, Program, Run},
    proto::{
        AboutRequest, AboutResponse, GetProgramDependenciesRequest, GetProgramDependenciesResponse,
        GetRequiredPackagesRequest, GetRequiredPackagesResponse, InstallDependenciesRequest,
        InstallDependenciesResponse, LanguageHandshakeRequest, LanguageHandshakeResponse, PackageDependency,
        PluginInfo, RunRequest, RunResponse, language_runtime_server::LanguageRuntime,
    },
};

/// Runs `program` whenever the engine asks, once per phase.
pub struct Runtime<E: 'static> {
    /// What to run.
    pub program: Arc<Program<E>>,
    /// Plugins the program needs, as (package, version), so that default providers get that version.
    pub packages: Vec<(&'static str, &'static str)>,
    /// Resources that the state has under another URN than the program gives them: the program's, and the state's.
    pub moved: HashMap<String, String>,
}

/// What a program is told of its run.
fn run_of(request: RunRequest, moved: HashMap<String, String>) -> Run {
    Run {
        config: Config::new(&request.project, request.config, request.config_secret_keys),
        project: request.project,
        stack: request.stack,
        dry_run: request.dry_run,
        moved,
    }
}

#[tonic::async_trait]
impl<E: Display + 'static> LanguageRuntime for Runtime<E> {
    async fn handshake(
        &self,
        _: Request<LanguageHandshakeRequest>,
    ) -> Result<Response<LanguageHandshakeResponse>, Status> {
        Ok(Response::new(LanguageHandshakeResponse {}))
    }

    async fn get_required_packages(
        &self,
        _: Request<GetRequiredPackagesRequest>,
    ) -> Result<Response<GetRequiredPackagesResponse>, Status> {
        let package = |(name, version): &(&str, &str)| PackageDependency {
            name: (*name).to_owned(),
            kind: "resource".to_owned(),
            version: (*version).to_owned(),
        };
        Ok(Response::new(GetRequiredPackagesResponse { packages: self.packages.iter().map(package).collect() }))
    }

    async fn run(&self, request: Request<RunRequest>) -> Result<Response<RunResponse>, Status> {
        let request = request.into_inner();
        let monitor = match EngineMonitor::connect(&request.monitor_address).await {
            Ok(monitor) => monitor,
            Err(error) => {
                let error = format!("connecting to the engine at {}: {error}", request.monitor_address);
                return Ok(Response::new(RunResponse { error, bail: false }));
            }
        };
        let run = run_of(request, self.moved.clone());
        let response = match program::run(run, Arc::new(monitor), &*self.program).await {
            Ended::Well => RunResponse::default(),
            Ended::Reported => RunResponse { error: String::new(), bail: true },
            Ended::Unreported(error) => RunResponse { error, bail: false },
        };
        Ok(Response::new(response))
    }

    async fn get_plugin_info(&self, _: Request<()>) -> Result<Response<PluginInfo>, Status> {
        Ok(Response::new(PluginInfo { version: env!("CARGO_PKG_VERSION").to_owned() }))
    }

    type InstallDependenciesStream = Pin<Box<dyn Stream<Item = Result<InstallDependenciesResponse, Status>> + Send>>;

    async fn install_dependencies(
        &self,
        _: Request<InstallDependenciesRequest>,
    ) -> Result<Response<Self::InstallDependenciesStream>, Status> {
        // the program is compiled into this executable: there is nothing to install
        Ok(Response::new(Box::pin(futures::stream::empty())))
    }

    async fn about(&self, _: Request<AboutRequest>) -> Result<Response<AboutResponse>, Status> {
        Ok(Response::new(AboutResponse {
            executable: "zone".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }))
    }

    async fn get_program_dependencies(
        &self,
        _: Request<GetProgramDependenciesRequest>,
    ) -> Result<Response<GetProgramDependenciesResponse>, Status> {
        Ok(Response::new(GetProgramDependenciesResponse {}))
    }

    async fn cancel(&self, _: Request<()>) -> Result<Response<()>, Status> {
        Ok(Response::new(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_says_is_secret_is_so_for_the_program() {
        let values = [("p:token", "t"), ("p:name", "n")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let secret = vec!["p:token".to_owned()];
        let request =
            RunRequest { project: "p".into(), config: values.into(), config_secret_keys: secret, ..Default::default() };
        let run = run_of(request, HashMap::new());
        assert!(run.config.is_secret("token") && !run.config.is_secret("name"));
        assert_eq!(run.config.plain("name"), Ok(Some("n")));
    }
}
