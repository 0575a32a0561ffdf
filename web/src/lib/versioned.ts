/**
 * Editing a record that somebody else may change meanwhile. The draft is what is typed; `base` is the record that it
 * was made on, whose version a save quotes. When a newer record arrives (live, or after a 412), fields that only the
 * others changed follow it by themselves. Where both changed a field, the two stand side by side until one is chosen:
 * nothing typed is lost, and nothing of theirs is overwritten unseen.
 */
import { useState } from 'react';

export interface Clash<D, K extends keyof D = keyof D> {
  field: K;
  theirs: D[K];
  mine: D[K];
}

export interface Versioned<D> {
  draft: D;
  set: (part: Partial<D>) => void;
  /** The version that the draft was made on. */
  version: number | undefined;
  /** Whether the draft says anything else than the record that it was made on. */
  changed: boolean;
  clashes: Clash<D>[];
  /** Goes on with their value in the named fields and one's own in the others, on top of their version. */
  resolve: (theirs: readonly (keyof D)[]) => void;
  /** Forgets what was typed. */
  discard: () => void;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function pick<D>(from: D, fields: readonly (keyof D)[]): Partial<D> {
  const part: Partial<D> = {};
  for (const field of fields) part[field] = from[field];
  return part;
}

/** `draftOf` must give equal drafts for equal records. */
export function useVersioned<T extends { version: number }, D extends object>(
  record: T | undefined,
  draftOf: (record: T | undefined) => D,
): Versioned<D> {
  const [base, setBase] = useState(record);
  const [draft, setDraft] = useState(() => draftOf(record));
  const was = draftOf(base);
  let theirs = was;
  let follow: (keyof D)[] = [];
  let clashes: Clash<D>[] = [];
  if (record && record.version > (base?.version ?? -1)) {
    theirs = draftOf(record);
    const changed = (Object.keys(theirs) as (keyof D)[]).filter((field) => !same(theirs[field], was[field]));
    follow = changed.filter((field) => same(draft[field], was[field]));
    clashes = changed
      .filter((field) => !follow.includes(field) && !same(draft[field], theirs[field]))
      .map((field) => ({ field, theirs: theirs[field], mine: draft[field] }));
    if (clashes.length === 0) {
      setBase(record);
      setDraft({ ...draft, ...pick(theirs, follow) });
    }
  }
  return {
    draft,
    set: (part) => setDraft((old) => ({ ...old, ...part })),
    version: base?.version,
    changed: !same(draft, was),
    clashes,
    resolve: (fields) => {
      setBase(record);
      setDraft({ ...draft, ...pick(theirs, [...follow, ...fields]) });
    },
    discard: () => {
      setBase(record);
      setDraft(draftOf(record));
    },
  };
}
