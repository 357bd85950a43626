//! Puts the deployment together: `GenerateDeployment` of `pkg/backend/journal.go`.

use std::collections::BTreeSet;

use super::Replay;
use crate::{
    deployment::{
        BYTE_STRING, Deployment, SNIPPETS, add_features, add_operation_features,
        references::{normalize, rebuild},
    },
    document::Object,
};

impl Replay {
    pub(super) fn fold(&self, manifest: Object) -> Result<Deployment, String> {
        let mut resources = self.resources();
        let pending_operations = self.pending_operations()?;
        // before a refresh takes references away: so does the engine
        let mut features = BTreeSet::new();
        for resource in &resources {
            add_features(resource, &mut features);
        }
        for operation in &pending_operations {
            add_operation_features(operation, &mut features);
        }
        // Entries say it for what they carry. What the base says goes on for the resources that no entry touched; the engine
        // forgets it there.
        let byte_string = self.byte_string || self.base.features.contains(BYTE_STRING);
        if byte_string && !(resources.is_empty() && pending_operations.is_empty()) {
            features.insert(BYTE_STRING.to_owned());
        }
        if !self.base.snippets.is_empty() {
            features.insert(SNIPPETS.to_owned());
        }
        if self.refreshed {
            rebuild(&mut resources)?;
        }
        let mut deployment = Deployment {
            manifest,
            secrets_providers: self.base.secrets_providers.clone(),
            resources,
            pending_operations,
            metadata: self.base.metadata.clone(),
            snippets: self.base.snippets.clone(),
            extensions: self.extensions(),
            rest: self.base.rest.clone(),
            features,
        };
        normalize(&mut deployment)?;
        Ok(deployment)
    }

    /// What operations made comes first: nothing that is new is needed by what nobody touched.
    fn resources(&self) -> Vec<Object> {
        let removed: BTreeSet<usize> = self.removed.iter().filter_map(|it| self.made_by.get(it)).copied().collect();
        let mut resources = Vec::with_capacity(self.made.len() + self.base.resources.len());
        resources
            .extend(self.made.iter().enumerate().filter(|(at, _)| !removed.contains(at)).map(|(_, it)| it.clone()));
        for (resource, mark) in self.base.resources.iter().zip(&self.marks).filter(|(_, mark)| !mark.removed) {
            // the engine does not mark a state that took the place of another one
            if let Some(state) = &mark.state {
                resources.push(state.clone());
                continue;
            }
            let mut resource = resource.clone();
            if mark.pending_replacement {
                resource.set("pendingReplacement", &true);
            }
            if mark.delete {
                resource.set("delete", &true);
            }
            resources.push(resource);
        }
        resources
    }

    /// Those of this journal, and the creations of earlier ones: only a person knows what came of them.
    fn pending_operations(&self) -> Result<Vec<Object>, String> {
        let mut pending: Vec<Object> = self.begun.values().flatten().cloned().collect();
        for operation in &self.base.pending_operations {
            if operation.text("type")? == "creating" {
                pending.push(operation.clone());
            }
        }
        Ok(pending)
    }

    fn extensions(&self) -> Object {
        let mut extensions = self.base.extensions.clone();
        for (reference, extension) in &self.extensions {
            if extensions.get(reference).is_none() {
                extensions.set(reference, extension);
            }
        }
        extensions
    }
}
