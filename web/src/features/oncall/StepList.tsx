import type { EscalationPolicy, EscalationStep } from '../../api/types.ts';
import classes from './OnCall.module.css';

export const CONDITIONS: Record<EscalationStep['condition'], string> = {
  if_not_acked: 'if not acknowledged',
  if_not_closed: 'if not closed',
};

const KINDS: Record<EscalationStep['notify']['kind'], string> = {
  person: '',
  schedule: ', schedule',
  team: ', the whole team',
  service_responders: '',
};

/** Whom a step pages; responders of the service are known only when there is an alert. */
export const targetName = ({ notify }: EscalationStep): string =>
  notify.kind === 'service_responders' ? 'Responders of the service' : (notify.name ?? 'a deleted record');

/** A policy in words: when, whom, on which condition, and what happens after the last step. */
export function StepList({ policy }: { policy: Pick<EscalationPolicy, 'steps' | 'repeat' | 'ack_timeout_min'> }) {
  return (
    <ol className={classes.steps}>
      {policy.steps.map((step, index) => (
        <li key={index}>
          <span className="t3 num">
            {index > 0 && '+'}
            {step.delay_min} min
          </span>
          <span>
            <b className="sb">{targetName(step)}</b>
            {KINDS[step.notify.kind]}
          </span>
          <span className="t3 xs">{CONDITIONS[step.condition]}</span>
        </li>
      ))}
      {policy.repeat && (
        <li>
          <span className="t3 num">+{policy.repeat.wait_min} min</span>
          <span>Start again, up to {policy.repeat.count} times</span>
          <span />
        </li>
      )}
      {policy.steps.length === 0 && (
        <li>
          <span />
          <span>Nobody is paged, on purpose</span>
        </li>
      )}
      {policy.ack_timeout_min !== 0 && (
        <li>
          <span className="t3 num">{policy.ack_timeout_min ?? 30} min</span>
          <span>
            after an acknowledgement: page again while the alert is open{policy.ack_timeout_min == null && ', P1 only'}
          </span>
        </li>
      )}
    </ol>
  );
}
