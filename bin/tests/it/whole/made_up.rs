//! Tenants that nobody thought of: configurations made up by chance, each of which is refused with place and way out before
//! anything is deployed, or lives its whole life.
//!
//! `ZONE_TENANTS=10 cargo test --workspace --test it -- made_up` lets more of them live than every day's; `ZONE_SEED` repeats
//! a run's chances.
#![expect(clippy::print_stderr, reason = "seeds and what they led to are for who runs this")]

mod tenant;

use std::sync::Arc;

use aws::{clients::Ambient, provider::Aws};
use pulumi::{
    prelude::Scope,
    program::{Ended, Run, run},
    provider::{preview::Preview, server::Catalog},
};

use crate::support::{
    Zone,
    chance::{Chance, dice, number},
};
use tenant::{Tenant, tenant};

/// Writes a tenant's files, and no other environment's.
fn write(zone: &Zone, tenant: &Tenant) {
    zone.run("init --yes --prefix made-up").succeeded();
    std::fs::write(zone.path("config/zone.toml"), &tenant.zone).expect("zone.toml");
    std::fs::write(zone.path("config/local.toml"), &tenant.local).expect("local.toml");
    std::fs::remove_file(zone.path("config/dev.toml")).expect("another environment's file");
}

/// What the configuration's own checks let pass, the provider's let pass, too: its program is run against the provider alone.
#[tokio::test]
async fn of_many_tenants_the_provider_refuses_nothing_that_the_configuration_allows() {
    let mut by = Chance(dice("made up"));
    let zone = Zone::empty();
    let (mut passed, mut refused) = (0, 0);
    for _ in 0..number("ZONE_TENANTS").unwrap_or(1) * 100 {
        let mut made = tenant(&mut by);
        // nobody is asked for the root's id
        made.local = made.local.replace("attach_to = \"root\"", "attach_to = \"111122223333\"");
        if passed + refused == 0 {
            write(&zone, &made);
        }
        std::fs::write(zone.path("config/zone.toml"), &made.zone).expect("zone.toml");
        std::fs::write(zone.path("config/local.toml"), &made.local).expect("local.toml");
        let loaded = stacks::load(&zone.path("config"), "local");
        let Some(loaded) = loaded.ok().filter(|loaded| stacks::check(loaded).is_empty()) else {
            refused += 1;
            continue;
        };
        let loaded = Arc::new(loaded);
        let catalog = Arc::new(Catalog::new(Aws::new(Ambient::emulated("http://127.0.0.1:9"))));
        let monitor = Arc::new(Preview::new("zone", "local", catalog));
        let about = Run { project: "zone".into(), stack: "local".into(), dry_run: true, ..Run::default() };
        let ended = run(about, monitor.clone(), &move |scope: Scope| stacks::program(&loaded, &scope)).await;
        let said = format!("{}\n---\n{}", made.zone, made.local);
        assert_eq!(ended, Ended::Well, "{said}");
        assert_eq!(monitor.refused(), [], "{said}");
        passed += 1;
    }
    eprintln!("{passed} passed, {refused} were refused by the configuration's checks");
    assert!(passed > refused, "hardly any of these tenants is right");
}

/// Most tenants that are made up for one that is right.
const PATIENCE: u64 = 20;

#[test]
fn tenants_made_up_by_chance_are_refused_with_place_and_way_out_or_live() {
    let mut by = Chance(dice("made up"));
    let wanted = number("ZONE_TENANTS").unwrap_or(1);
    let (mut lived, mut refused) = (0, 0);
    while lived < wanted {
        let tenant = tenant(&mut by);
        let zone = Zone::empty();
        write(&zone, &tenant);
        let checked = zone.run("config check");
        if checked.code == Some(0) {
            eprintln!("tenant {}:\n{}\n---\n{}", lived + 1, tenant.zone, tenant.local);
            eprintln!("tenant {}: {} resources", lived + 1, zone.lives());
            lived += 1;
            continue;
        }
        refused += 1;
        eprintln!("refused: {}", checked.out);
        assert_eq!(checked.code, Some(2), "{checked}\n{}\n{}", tenant.zone, tenant.local);
        assert!(checked.out.contains("/config/") && checked.err.contains("hint: "), "{checked}");
        assert!(refused < wanted * PATIENCE, "hardly any of these tenants is right");
    }
}
