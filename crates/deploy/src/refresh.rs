//! Brings the state up to what is live, and says what had drifted.

use engine::drive::{Operation, Selection};
use state::{
    Message,
    error::{Exit, Failure, Result},
};

use crate::{Ended, Watch, Work, concluded, session::Session};

/// Refreshes; with `only_look` nothing is changed, the state neither.
pub async fn refresh(work: Work, only_look: bool, watch: &dyn Watch) -> Result<()> {
    let mut session = Session::open(work, &|message| watch.tell(message)).await?;
    let done = read(&mut session, only_look, watch).await;
    session.end(done).await
}

async fn read(session: &mut Session, only_look: bool, watch: &dyn Watch) -> Result<()> {
    let (environment, subject) = (session.zone.environment.clone(), session.subject());
    let contents = session.contents().await?;
    if contents.urns.is_empty() && contents.pending == 0 {
        let failure = Failure::new(Exit::Usage, format!("{subject} is not deployed: there is nothing to refresh"));
        return Err(failure.hint(format!("`{}` deploys it", subject.command("up"))));
    }
    let operation = if only_look {
        Operation::PreviewRefresh
    } else if watch.consent(&format!("bring the state of {environment} up to what is live?"))? {
        Operation::Refresh
    } else {
        watch.tell(Message::Line("nothing was changed"));
        return Ok(());
    };
    let outcome = session.run(operation, Selection::default(), &mut |p| watch.progress(&p)).await?;
    watch.ended(&Ended::Refreshed { outcome: &outcome, recorded: !only_look });
    concluded(&outcome, "the refresh", "run it again")
}
