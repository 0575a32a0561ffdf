import { Button, Radio } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { Versioned } from '../lib/versioned.ts';
import classes from './Conflict.module.css';

/** How a field is called and its value is written. */
export type FieldWords<D> = { [K in keyof D]: { label: string; text: (value: D[K]) => React.ReactNode } };

interface Props<D> {
  /** What is edited, such as `the service`. */
  what: string;
  edited: Versioned<D>;
  words: FieldWords<D>;
}

/** Their change and one's own side by side, for each field that both changed. Draws nothing without a clash. */
export function Conflict<D extends object>({ what, edited, words }: Props<D>) {
  const id = useId();
  const [theirs, setTheirs] = useState<ReadonlySet<keyof D>>(new Set());
  if (edited.clashes.length === 0) return null;
  const choose = (field: keyof D, other: boolean) => {
    const next = new Set(theirs);
    if (other) next.add(field);
    else next.delete(field);
    setTheirs(next);
  };
  return (
    <section className={classes.conflict} role="alert" aria-labelledby={id}>
      <h3 id={id} className="icon-text">
        <IconGitMerge size={16} aria-hidden="true" />
        Somebody else changed {what} while you were typing
      </h3>
      <p className="xs">Choose what stays. Nothing is saved yet; what they changed elsewhere is already in the form.</p>
      {edited.clashes.map(({ field, theirs: their, mine }) => {
        const { label, text } = words[field];
        const name = `${id} ${String(field)}`;
        const write = text as (value: unknown) => React.ReactNode;
        return (
          <fieldset key={String(field)} className={classes.field}>
            <legend className="b">{label}</legend>
            <div className={classes.side}>
              <Radio
                name={name}
                label="Their change"
                checked={theirs.has(field)}
                onChange={() => choose(field, true)}
              />
              <div className={classes.value}>{write(their) || <span className="t3">nothing</span>}</div>
            </div>
            <div className={classes.side}>
              <Radio name={name} label="Yours" checked={!theirs.has(field)} onChange={() => choose(field, false)} />
              <div className={classes.value}>{write(mine) || <span className="t3">nothing</span>}</div>
            </div>
          </fieldset>
        );
      })}
      <div>
        <Button
          variant="default"
          onClick={() => {
            edited.resolve(edited.clashes.map(({ field }) => field).filter((field) => theirs.has(field)));
            setTheirs(new Set());
          }}
        >
          Go on with these
        </Button>
      </div>
    </section>
  );
}

/** Says why a form with clashes cannot be saved yet. */
export function ConflictReason<D extends object>({ edited }: { edited: Versioned<D> }) {
  return edited.clashes.length > 0 ? <span className="t3 xs">First choose what stays.</span> : null;
}
