/**
 * Files on their way to the server. They live outside the screens, so that leaving a page stops nothing; each belongs
 * to a place, such as the comment that is being written on one ticket.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { randomKey } from './api.ts';
import { upload } from './upload.ts';

/** What the server made of a file. */
export interface Stored {
  id: string;
  /** Whether it has a small picture. */
  thumbnail: boolean;
}

export interface Upload {
  id: string;
  place: string;
  /** Where it is sent to. */
  path: string;
  file: File;
  /** Parts beside the file. */
  parts: Record<string, string>;
  state: 'waiting' | 'sending' | 'failed' | 'done';
  /** From 0 to 1. */
  sent: number;
  error?: unknown;
  stored?: Stored;
}

/** More at once would only make each slower. */
const AT_ONCE = 2;

let all: readonly Upload[] = [];
const listeners = new Set<() => void>();
const stops = new Map<string, AbortController>();
const ends = new Map<string, (upload: Upload) => void>();

function publish(next: readonly Upload[]): void {
  all = next;
  for (const listener of listeners) listener();
}
const change = (id: string, part: Partial<Upload>) =>
  publish(all.map((each) => (each.id === id ? { ...each, ...part } : each)));
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Starts what may start. */
function pump(): void {
  const sending = all.filter(({ state }) => state === 'sending').length;
  for (const each of all.filter(({ state }) => state === 'waiting').slice(0, Math.max(0, AT_ONCE - sending))) {
    void send(each);
  }
}

async function send({ id, path, file, parts }: Upload): Promise<void> {
  const stop = new AbortController();
  stops.set(id, stop);
  change(id, { state: 'sending', sent: 0, error: undefined });
  try {
    const stored = await upload<Stored>(path, file, {
      parts,
      idempotencyKey: id,
      onProgress: (sent) => change(id, { sent }),
      signal: stop.signal,
    });
    change(id, { state: 'done', sent: 1, stored });
    const done = all.find((each) => each.id === id);
    if (done) ends.get(id)?.(done);
  } catch (error) {
    if (!stop.signal.aborted) change(id, { state: 'failed', error });
  } finally {
    stops.delete(id);
    pump();
  }
}

function start(files: readonly File[], to: Pick<Upload, 'place' | 'path' | 'parts'>, onDone: (upload: Upload) => void) {
  const added = files.map((file): Upload => ({ ...to, id: randomKey(), file, state: 'waiting', sent: 0 }));
  for (const { id } of added) ends.set(id, onDone);
  publish([...all, ...added]);
  pump();
}

export function retryUpload(id: string): void {
  change(id, { state: 'waiting' });
  pump();
}

/** Forgets uploads; those under way are stopped. What the server has stays there. */
export function dropUploads(ids: readonly string[]): void {
  for (const id of ids) {
    stops.get(id)?.abort();
    ends.delete(id);
  }
  publish(all.filter(({ id }) => !ids.includes(id)));
}

/** After a sign-out nothing of the person goes on. */
export const dropAllUploads = (): void => dropUploads(all.map(({ id }) => id));

/** The uploads of one place, and what adds to them. Those of `keep: false` are forgotten when they are at the server. */
export function useUploads(place: string, path: string, keep: boolean) {
  const client = useQueryClient();
  const everything = useSyncExternalStore(subscribe, () => all);
  const uploads = useMemo(() => everything.filter((each) => each.place === place), [everything, place]);
  const add = useCallback(
    (files: readonly File[], parts: Record<string, string>) =>
      start(files, { place, path, parts }, async ({ id }) => {
        await client.invalidateQueries({ queryKey: ['ticket'] });
        if (!keep) dropUploads([id]);
      }),
    [client, place, path, keep],
  );
  const busy = uploads.some(({ state }) => state === 'waiting' || state === 'sending');
  useEffect(() => {
    if (!busy) return;
    // Closing the window would stop them: the browser asks first.
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [busy]);
  return { uploads, add, busy };
}
