//! The HTTP client of all calls: one TLS stack, one connection pool, and the proxies of the environment.
//!
//! An HTTP client of one's own has no proxy unless it is told one (aws-smithy-http-client 1.5), while the SDK's
//! default client, the AWS CLI and Pulumi all use `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. This machine, and the
//! link-local addresses that give an instance its credentials, are never reached through a proxy.

use std::{fs, net::IpAddr, sync::Mutex};

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};

/// How the network is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Proxy of `http` requests.
    pub http_proxy: Option<String>,
    /// Proxy of `https` requests.
    pub https_proxy: Option<String>,
    /// Hosts that are reached without a proxy, by commas.
    pub no_proxy: Option<String>,
    /// File with certificates to trust beside the system's.
    pub ca_bundle: Option<String>,
}

impl Network {
    /// What the environment says, where this says nothing.
    #[must_use]
    pub fn or_environment(self) -> Self {
        let of = |names: &[&str]| names.iter().find_map(|name| std::env::var(name).ok()).filter(|v| !v.is_empty());
        Self {
            http_proxy: self.http_proxy.or_else(|| of(&["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])),
            https_proxy: self.https_proxy.or_else(|| of(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])),
            no_proxy: self.no_proxy.or_else(|| of(&["NO_PROXY", "no_proxy"])),
            ca_bundle: self.ca_bundle.or_else(|| of(&["AWS_CA_BUNDLE"])),
        }
    }

    /// The HTTP client. What is wrong with a proxy or a file is told by the first call that needs it.
    pub fn client(self) -> SharedHttpClient {
        if let Some(proxy) = self.https_proxy.as_ref().or(self.http_proxy.as_ref()) {
            *IN_FORCE.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(shown(proxy));
        }
        let tls = self.tls();
        let through = |proxy: &Option<String>, config: fn(String) -> Result<ProxyConfig, String>| {
            let proxy = proxy.as_ref().map(|proxy| {
                let url = if proxy.contains("://") { proxy.clone() } else { format!("http://{proxy}") };
                // not the cause: it may repeat a password
                let config = config(url).map_err(|_| format!("the proxy `{}` is not a URL", shown(proxy)))?;
                Ok::<_, String>(config.no_proxy(self.no_proxy.as_deref().unwrap_or_default()))
            });
            Ok::<_, String>(client(tls.clone()?, proxy.transpose()?))
        };
        SharedHttpClient::new(Routes {
            direct: tls.clone().map(|tls| client(tls, None)),
            http: through(&self.http_proxy, |url| ProxyConfig::http(url).map_err(|e| e.to_string())),
            https: through(&self.https_proxy, |url| ProxyConfig::https(url).map_err(|e| e.to_string())),
        })
    }

    fn tls(&self) -> Result<TlsContext, String> {
        let mut trust = TrustStore::default();
        if let Some(file) = &self.ca_bundle {
            let pem = fs::read(file).map_err(|e| format!("reading the certificates `{file}`: {e}"))?;
            if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
                return Err(format!("reading the certificates `{file}`: it holds none in PEM form"));
            }
            trust = trust.with_pem_certificate(pem);
        }
        TlsContext::builder().with_trust_store(trust).build().map_err(|e| format!("setting up TLS: {e}"))
    }
}

static IN_FORCE: Mutex<Option<String>> = Mutex::new(None);

/// Host and port of the proxy that calls go through; `None` where there is no proxy.
pub fn proxy() -> Option<String> {
    IN_FORCE.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
}

/// A proxy without its scheme, and without the password that it may have.
fn shown(proxy: &str) -> String {
    let rest = proxy.split_once("://").map_or(proxy, |(_, rest)| rest);
    rest.rsplit_once('@').map_or(rest, |(_, host)| host).trim_end_matches('/').to_owned()
}

fn client(tls: TlsContext, proxy: Option<ProxyConfig>) -> SharedHttpClient {
    let proxy = proxy.unwrap_or_else(ProxyConfig::disabled);
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder();
        connector
            .set_connector_settings(settings.cloned())
            .set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl))
            .set_proxy_config(Some(proxy.clone()));
        connector.tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).tls_context(tls.clone()).build()
    })
}

/// The ways out: by scheme, and past the proxies.
#[derive(Debug)]
struct Routes<T = SharedHttpClient> {
    direct: Result<T, String>,
    http: Result<T, String>,
    https: Result<T, String>,
}

impl HttpClient for Routes {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let of = |client: &Result<SharedHttpClient, String>| {
            client.as_ref().map(|client| client.http_connector(settings, components)).map_err(Clone::clone)
        };
        SharedHttpConnector::new(Routes { direct: of(&self.direct), http: of(&self.http), https: of(&self.https) })
    }
}

impl HttpConnector for Routes<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri();
        let route = match uri.split_once("://") {
            Some((_, rest)) if is_near(host(rest)) => &self.direct,
            Some(("http", _)) => &self.http,
            _ => &self.https,
        };
        match route {
            Ok(connector) => connector.call(request),
            Err(why) => HttpConnectorFuture::ready(Err(ConnectorError::user(why.clone().into()))),
        }
    }
}

fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

/// This machine, and what is linked to it.
pub(crate) fn is_near(host: &str) -> bool {
    if host == "localhost" || host.ends_with(".localhost") {
        return true;
    }
    match host.parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        // of instances: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html, 2026-11-25
        Ok(IpAddr::V6(address)) => address.is_loopback() || host.eq_ignore_ascii_case("fd00:ec2::254"),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        process::Command,
    };

    use super::*;
    use crate::{
        clients::{Access, Ambient, Clients, http_client, load},
        error::failed,
    };

    #[test]
    fn this_machine_is_near_and_no_password_is_shown() {
        let near = ["127.0.0.1:1/a", "localhost:4566", "s3.localhost/", "[::1]:80/", "169.254.169.254/latest"];
        assert!(near.iter().all(|rest| is_near(host(rest))));
        assert!(["sts.example:443", "10.0.0.1/", "[2001:db8::1]/"].iter().all(|rest| !is_near(host(rest))));
        assert_eq!(shown("http://user:secret@proxy:3128/"), "proxy:3128");
        assert_eq!(shown("proxy:3128"), "proxy:3128");
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_proxy_is_said_without_its_password() {
        let network = Network { https_proxy: Some("http://user:secret@pro xy".to_owned()), ..Network::default() };
        let clients = clients(network, "https://sts.invalid").await;
        let error = failed(clients.sts.get_caller_identity().send().await.unwrap_err());
        assert!(error.message.contains("the proxy `pro xy` is not a URL"), "{error:?}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        let network = Network { ca_bundle: Some("/nowhere/ca.pem".to_owned()), ..Network::default() };
        let clients = self::clients(network, "https://sts.invalid").await;
        let error = failed(clients.sts.get_caller_identity().send().await.unwrap_err());
        assert!(error.message.contains("reading the certificates `/nowhere/ca.pem`"), "{error:?}");
    }

    async fn clients(network: Network, endpoint: &str) -> Clients {
        clients_of(network.client(), endpoint).await
    }

    async fn clients_of(http: SharedHttpClient, endpoint: &str) -> Clients {
        let ambient =
            Ambient { endpoint: Some(endpoint.to_owned()), credentials: Some(("a".to_owned(), "b".to_owned())) };
        let access = Access { region: "eu-central-1".to_owned(), attempts: Some(1), ..Access::default() };
        Clients::new(&load(&http, &ambient, &access).await, &access.region)
    }

    /// Answers one connection with a refusal, and returns its first line.
    fn first_line(listener: &TcpListener) -> String {
        let (client, _) = listener.accept().expect("a connection");
        let mut line = String::new();
        BufReader::new(&client).read_line(&mut line).expect("a line");
        (&client).write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok();
        line.trim().to_owned()
    }

    const CALLED: &str = "ZONE_TEST_ENDPOINT";

    /// Run by the tests below, in a process with an environment of its own.
    #[tokio::test]
    async fn a_call_with_the_environment_of_its_process() {
        let Ok(endpoint) = std::env::var(CALLED) else { return };
        let clients = clients_of(http_client(), &endpoint).await;
        let error = failed(clients.sts.get_caller_identity().send().await.unwrap_err());
        assert_eq!(proxy(), std::env::var("HTTPS_PROXY").ok().map(|p| shown(&p)));
        assert!(
            proxy().is_none_or(|p| error.hint.is_none() || format!("{error:?}").contains(&p)),
            "the proxy is named: {error:?}"
        );
    }

    fn call(endpoint: &str, proxy: &str, no_proxy: &str) {
        let mut child = Command::new(std::env::current_exe().expect("this test"));
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "ALL_PROXY"] {
            child.env_remove(name);
        }
        let run = child
            .args(["--exact", "network::tests::a_call_with_the_environment_of_its_process"])
            .env(CALLED, endpoint)
            .envs([("HTTPS_PROXY", proxy), ("HTTP_PROXY", proxy), ("NO_PROXY", no_proxy)])
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&run.stderr));
    }

    #[test]
    fn the_proxies_of_the_environment_are_used_and_never_for_this_machine() {
        let proxy = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = format!("http://user:word@{}", proxy.local_addr().expect("its address"));
        let service = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let here = format!("http://{}", service.local_addr().expect("its address"));
        std::thread::scope(|scope| {
            let arrived = scope.spawn(|| first_line(&proxy));
            call("https://sts.invalid", &address, "");
            assert_eq!(arrived.join().expect("it arrived"), "CONNECT sts.invalid:443 HTTP/1.1");
            let arrived = scope.spawn(|| first_line(&proxy));
            call("http://sts.invalid", &address, "");
            assert_eq!(arrived.join().expect("it arrived"), "POST http://sts.invalid/ HTTP/1.1");
            let arrived = scope.spawn(|| first_line(&service));
            call(&here, &address, "");
            assert_eq!(arrived.join().expect("it arrived"), "POST / HTTP/1.1");
        });
        // nothing may arrive: the name leads nowhere
        call("https://sts.invalid", &address, "sts.invalid");
        proxy.set_nonblocking(true).expect("it does not wait");
        assert_eq!(proxy.accept().expect_err("nobody came").kind(), std::io::ErrorKind::WouldBlock);
    }
}
