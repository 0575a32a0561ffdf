import type { FieldChange } from '../api/types.ts';
import { shownText } from '../lib/mentions.ts';
import { worded } from '../lib/text.ts';
import classes from './Changes.module.css';

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing';
  if (Array.isArray(value)) return value.map(shown).join(', ') || 'nothing';
  if (typeof value === 'object') {
    const { name, key } = value as { name?: unknown; key?: unknown };
    return typeof name === 'string' ? name : typeof key === 'string' ? key : JSON.stringify(value);
  }
  return shownText(String(value)).text;
}

/** `TicketAssigned` in words. */
export function happened(kind: string): string {
  return kind.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

/** Fields with what they held before and hold after. */
export function Changes({ changes }: { changes: FieldChange[] }) {
  return changes.map((change) => (
    <div key={change.field} className={classes.change}>
      {worded(change.field)}: <del className="t3">{shown(change.before)}</del> <span aria-hidden="true">→</span>{' '}
      {shown(change.after)}
    </div>
  ));
}
