import type { Priority } from '../api/types.ts';
import classes from './PriorityPennant.module.css';

const WORDS: Record<Priority, string> = { P1: 'critical', P2: 'high', P3: 'moderate', P4: 'low', P5: 'informational' };

/** Priority as the swallow-tail flag, losing weight from solid to tint. */
export function PriorityPennant({ priority }: { priority: Priority }) {
  return (
    <span
      className={`${classes.pennant} ${classes[priority]}`}
      title={`Priority ${priority.slice(1)}, ${WORDS[priority]}`}
    >
      {priority}
    </span>
  );
}
