//! What was read once and is needed again.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What was read through one handle: by one change, or by one request that reads. It ends with the handle, so that
/// nothing in it is older than that. One value of each type.
#[derive(Default)]
pub struct Memory(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Memory {
    fn lock(&self) -> MutexGuard<'_, HashMap<TypeId, Arc<dyn Any + Send + Sync>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of this type, if one is kept.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.lock().get(&TypeId::of::<T>()).cloned()?.downcast().ok()
    }

    /// Keeps a value in the place of the one before.
    pub fn keep<T: Send + Sync + 'static>(&self, value: T) {
        self.lock().insert(TypeId::of::<T>(), Arc::new(value));
    }

    /// Forgets the value of this type.
    pub fn forget<T: Send + Sync + 'static>(&self) {
        self.lock().remove(&TypeId::of::<T>());
    }
}
