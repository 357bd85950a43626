//! What the program registers for a configuration, as plain values: for graphs, diagrams and costs, and for tests. It asks
//! neither an engine nor AWS.

use std::sync::Arc;

use aws::functions::{Organization, OrganizationRoot, ParametersByPath};
use config::Zone;
use pulumi::{
    monitor::MockMonitor,
    program::{Ended, Run, run},
    provider::server::Catalog,
    urn,
    value::{Map, ToValue, Value, map_from_wire},
};

/// One resource or component that the program registers.
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    /// Its URN, in a project and stack named `mock`.
    pub urn: String,
    /// Its type token.
    pub kind: String,
    /// Its logical name.
    pub name: String,
    /// The URN of its parent; `None` at the top.
    pub parent: Option<String>,
    /// Its inputs. What only a deployment knows is a text such as `<documents arn>`.
    pub inputs: Map,
    /// URNs of what it depends on, by its inputs or by its options.
    pub depends_on: Vec<String>,
    /// Whether it is protected from deletion.
    pub protect: bool,
}

/// All that the program registers for a zone, ordered by URN.
///
/// # Errors
///
/// The program does not run to its end with this configuration; the text says why.
pub async fn registrations(zone: &Arc<Zone>) -> Result<Vec<Registration>, String> {
    let (ended, monitor) = run_with(zone, vec![root()]).await;
    match ended {
        Ended::Well => {}
        Ended::Unreported(why) => return Err(why),
        other => return Err(format!("the program ended with {other:?}")),
    }
    let registration = |request: pulumi::proto::RegisterResourceRequest| Registration {
        urn: urn::child(&request.parent, "mock", "mock", &request.r#type, &request.name),
        parent: Some(request.parent).filter(|parent| !parent.is_empty()),
        kind: request.r#type,
        name: request.name,
        inputs: map_from_wire(request.object),
        depends_on: request.dependencies,
        protect: request.protect.unwrap_or(false),
    };
    Ok(monitor.registrations().into_iter().map(registration).collect())
}

/// The root of an organization here.
pub(crate) fn root() -> OrganizationRoot {
    OrganizationRoot { id: "r-root".to_owned(), ..OrganizationRoot::default() }
}

/// Runs the program in an organization with these roots.
pub(crate) async fn run_with(zone: &Arc<Zone>, roots: Vec<OrganizationRoot>) -> (Ended, Arc<MockMonitor>) {
    let catalog = Catalog::new(aws::provider::Aws::new(aws::clients::Ambient::default()));
    let outputs = move |kind: &str, name: &str, _: &Map| -> Map {
        let schema = catalog.schema(kind);
        let made_up = |property: &str| (property.to_owned(), format!("<{name} {property}>").to_value());
        schema.map(|s| s.outputs.iter().map(|p| made_up(p.name)).collect()).unwrap_or_default()
    };
    let invoke = move |token: &str, arguments: &Map| -> Map {
        let answer = if token.ends_with(":getOrganization") {
            Organization { roots: roots.clone(), ..Organization::default() }.to_value()
        } else {
            let path = arguments.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
            ParametersByPath { id: path.clone(), path, ..ParametersByPath::default() }.to_value()
        };
        match answer {
            Value::Object(answer) => answer,
            _ => Map::new(),
        }
    };
    let monitor = Arc::new(MockMonitor::new(outputs, invoke));
    let about = Run { project: "zone".into(), stack: zone.environment.clone(), ..Run::default() };
    let program = {
        let zone = zone.clone();
        move |scope| crate::program(&zone, &scope)
    };
    (run(about, monitor.clone(), &program).await, monitor)
}
