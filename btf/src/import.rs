//! Copying types from one BTF into another that is being built.

use std::collections::HashMap;

use crate::builder::Builder;
use crate::kind::{Kind, TypeId};
use crate::parse::Btf;
use crate::type_ref::TypeRef;

/// Where a type of the source is in the copy.
#[derive(Clone, Copy)]
enum Copied {
    /// Its parts are being copied. It gets a number as soon as one of them refers to it.
    Open(Option<TypeId>),
    /// It has this number.
    Done(TypeId),
}

/// A type whose parts are being copied.
struct Step {
    id: TypeId,
    parts: Vec<TypeId>,
    next: usize,
}

impl Builder {
    /// Adds a type of other BTF with all types that it's made of and their tags, those it's made of first.
    ///
    /// What the builder has already isn't added again; a struct that leads back to itself always is. A number that leads
    /// nowhere becomes `void`.
    pub fn add_from(&mut self, source: &TypeRef) -> TypeId {
        let mut import = Import { builder: self, source: source.btf(), copied: HashMap::new() };
        let id = import.copy(source.id());
        import.tags();
        id
    }
}

struct Import<'b, 's> {
    builder: &'b mut Builder,
    source: &'s Btf,
    copied: HashMap<TypeId, Copied>,
}

impl Import<'_, '_> {
    fn step(&mut self, id: TypeId, kind: &Kind) -> Step {
        self.copied.insert(id, Copied::Open(None));
        Step { id, parts: kind.references().collect(), next: 0 }
    }

    /// Copies a type. What it's made of may nest as deep as a file says, so no call nests with it.
    fn copy(&mut self, root: TypeId) -> TypeId {
        let Some(kind) = self.source.get(root) else {
            return TypeId::VOID;
        };
        if let Some(Copied::Done(id)) = self.copied.get(&root) {
            return *id;
        }
        let mut path = vec![self.step(root, kind)];
        while let Some(step) = path.last_mut() {
            if let Some(&part) = step.parts.get(step.next) {
                step.next += 1;
                match (self.source.get(part), self.copied.get(&part)) {
                    (Some(kind), None) => {
                        let step = self.step(part, kind);
                        path.push(step);
                    }
                    (Some(_), Some(Copied::Open(None))) => {
                        let reserved = self.builder.reserve();
                        self.copied.insert(part, Copied::Open(Some(reserved)));
                    }
                    _ => {}
                }
                continue;
            }
            let id = step.id;
            path.pop();
            self.finish(id);
        }
        self.place(root)
    }

    /// Adds a type whose parts have numbers.
    fn finish(&mut self, id: TypeId) {
        let Some(kind) = self.source.get(id) else {
            return;
        };
        let kind = kind.clone().map_references(|part| self.place(part));
        let place = match self.copied.get(&id) {
            Some(Copied::Open(Some(reserved))) => self.builder.fill(*reserved, kind),
            _ => self.builder.add(kind),
        };
        self.copied.insert(id, Copied::Done(place));
    }

    fn place(&self, id: TypeId) -> TypeId {
        match self.copied.get(&id) {
            Some(Copied::Done(place) | Copied::Open(Some(place))) => *place,
            _ => TypeId::VOID,
        }
    }

    /// Adds the tags of what was copied. They refer to what they are of, and nothing refers to them.
    fn tags(&mut self) {
        for (_, kind) in self.source.iter() {
            let Kind::DeclTag { to, .. } = kind else { continue };
            if let Some(Copied::Done(place)) = self.copied.get(to) {
                self.builder.add(kind.clone().map_references(|_| *place));
            }
        }
    }
}
