/**
 * Live updates: one EventSource per tab. The stream carries only kind, id and version; queries that
 * show such a record are fetched again through the caller's own scope.
 */
import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

export interface LiveState {
  state: 'off' | 'connecting' | 'live' | 'stale';
  /** When the stream last said anything, in browser milliseconds. */
  heardAt: number;
}

interface Change {
  kind: string;
  id: string;
  version?: number;
}

/** Lists are fetched again at most this often, so a storm of events does not become a storm of requests. */
const GATHER_MS = 400;
/** What is derived from a kind, beyond its own lists and records. */
const ALSO: Record<string, readonly string[]> = {
  schedule: ['on-call'],
  escalation_policy: ['on-call'],
  ticket: ['report', 'alert'],
  alert: ['report', 'ticket'],
  person: ['session'],
  team: ['session'],
  document: ['sla', 'calendar', 'field'],
};

let current: LiveState = { state: 'off', heardAt: 0 };
const listeners = new Set<() => void>();

function publish(next: Partial<LiveState>): void {
  current = { ...current, ...next };
  for (const listener of listeners) listener();
}

export function useLive(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** Services count their open alerts and tickets: the lists that show them, and the records, but no choices or rules. */
const countsWork = ([kind, second, third]: readonly unknown[]) =>
  kind === 'service' && (second === 'list' ? third === 'page' : third === undefined);

/** Whether a query shows something that one of these changes touched. */
export function isTouched(queryKey: readonly unknown[], changes: readonly Change[]): boolean {
  const [kind, second] = queryKey;
  return changes.some((change) => {
    if (kind === change.kind) {
      // A record may be cached under its readable key (PAY-12) while the stream names its id.
      return second === 'list' || second === change.id || !/^[0-9a-f]{8}-/.test(String(second));
    }
    if ((change.kind === 'alert' || change.kind === 'ticket') && countsWork(queryKey)) return true;
    return typeof kind === 'string' && (ALSO[change.kind]?.includes(kind) ?? false);
  });
}

/** Opens the stream; returns what closes it. The browser reconnects by itself with Last-Event-ID. */
export function connectLive(client: QueryClient, url = '/api/v1/stream'): () => void {
  let pending: Change[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasLost = false;

  const flush = () => {
    timer = undefined;
    const changes = pending;
    pending = [];
    void client.invalidateQueries({ predicate: (query) => isTouched(query.queryKey, changes) });
  };

  const source = new EventSource(url);
  publish({ state: 'connecting', heardAt: Date.now() });
  source.onopen = () => {
    publish({ state: 'live', heardAt: Date.now() });
    // The server resumes from Last-Event-ID, but it may have forgotten that position after a restart.
    if (wasLost) void client.invalidateQueries();
    wasLost = false;
  };
  source.onerror = () => {
    wasLost = true;
    publish({ state: 'stale' });
    if (source.readyState === EventSource.CLOSED) {
      // A refused stream is not retried by the browser: the session may have ended.
      void client.invalidateQueries({ queryKey: ['session'] });
    }
  };
  source.addEventListener('change', (event) => {
    publish({ state: 'live', heardAt: Date.now() });
    pending.push(JSON.parse((event as MessageEvent<string>).data) as Change);
    timer ??= setTimeout(flush, GATHER_MS);
  });

  return () => {
    source.close();
    clearTimeout(timer);
    publish({ state: 'off' });
  };
}
