/** One timer for every clock on the page: once a second, in server time. */
import { useSyncExternalStore } from 'react';
import { serverNow } from './api.ts';

let now = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = serverNow();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = serverNow();
    timer = setInterval(tick, 1000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/**
 * Server time in milliseconds, renewed every `everySeconds`. The component renders again only when
 * the rounded value changes, so a list of minutes does not repaint each second.
 */
export function useNow(everySeconds = 1): number {
  const step = everySeconds * 1000;
  return useSyncExternalStore(subscribe, () => Math.floor(now / step) * step);
}
