import { IconArrowBigUpLines, IconEye, IconMoon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Alert, AlertTrail } from '../../api/types.ts';
import { useNow } from '../../lib/clock.ts';
import { useMe } from '../../lib/session.ts';
import { millis } from '../../lib/time.ts';
import { toastOk } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { alertStateOf } from '../../ui/AlertState.tsx';
import { Countdown, Moment } from '../../ui/Time.tsx';
import { offerUndo } from '../../ui/undo.tsx';
import classes from './Alerts.module.css';
import { type AlertCommand, trailQuery, useAlertCommand } from './queries.ts';
import { SnoozeMenu } from './SnoozeMenu.tsx';
import { coming } from './Trail.tsx';

/** Runs actions on one alert, and offers the way back where there is one. */
export function useCommands(alert: Pick<Alert, 'id'>) {
  const me = useMe();
  const command = useAlertCommand(alert.id, me);
  const BACK = { acknowledge: 'unacknowledge', snooze: 'unsnooze' } as const;
  return {
    pending: command.isPending ? command.variables.action : undefined,
    run: (next: AlertCommand, done: string) =>
      command.mutate(next, {
        onSuccess: () => {
          const back = next.action === 'acknowledge' || next.action === 'snooze' ? BACK[next.action] : undefined;
          if (back) offerUndo(done, () => command.mutate({ action: back }));
          else toastOk(done);
        },
      }),
  };
}

/** Acknowledge, snooze, escalate. Keys are registered once, by the copy with `keys`. */
export function PageActions({ alert, keys = false }: { alert: Alert; keys?: boolean }) {
  const commands = useCommands(alert);
  const acknowledge = findAction(alert.actions, 'acknowledge');
  const snooze = findAction(alert.actions, 'snooze');
  return (
    <>
      {!alert.acknowledged && (
        <ActionButton
          variant="filled"
          action={acknowledge}
          reason="tooltip"
          leftSection={<IconEye size={16} />}
          {...(keys && { shortcut: 'A', label: 'Acknowledge' })}
          loading={commands.pending === 'acknowledge'}
          onClick={() => commands.run({ action: 'acknowledge' }, 'You acknowledged it; nobody else is paged')}
        >
          Acknowledge
        </ActionButton>
      )}
      <SnoozeMenu
        action={snooze}
        onSnooze={(until) => commands.run({ action: 'snooze', until }, 'Snoozed')}
        {...(keys && { shortcut: 'Z' })}
      >
        {(open, opened) => (
          <ActionButton
            menu={opened}
            action={snooze}
            reason="tooltip"
            leftSection={<IconMoon size={16} />}
            onClick={open}
          >
            Snooze
            {keys && <kbd style={{ marginLeft: 6 }}>Z</kbd>}
          </ActionButton>
        )}
      </SnoozeMenu>
      <ActionButton
        action={findAction(alert.actions, 'escalate')}
        reason="tooltip"
        leftSection={<IconArrowBigUpLines size={16} />}
        loading={commands.pending === 'escalate'}
        onClick={() => commands.run({ action: 'escalate' }, 'The next step runs now')}
      >
        Escalate<span className="hide-phone">&nbsp;now</span>
      </ActionButton>
    </>
  );
}

/** Share of the time to the next step that has passed, 0 to 100. */
function passed(alert: Alert, trail: AlertTrail | undefined, next: string, now: number): number {
  const steps = [alert.created_at, ...(trail?.items.map(({ at }) => at) ?? [])].map(millis).filter((at) => at <= now);
  const from = Math.max(...steps);
  const all = millis(next) - from;
  return all > 0 ? Math.min(100, Math.max(0, Math.round((100 * (now - from)) / all))) : 100;
}

/** The band under the head: who is paged next and when, or why nobody is. */
export function PagePanel({ alert }: { alert: Alert }) {
  const me = useMe();
  const now = useNow(1);
  const trail = useQuery(trailQuery(alert.id)).data;
  const state = alertStateOf(alert, now);
  const { escalation } = alert;
  if (state === 'closed') {
    return (
      <section className={classes.page} aria-label="Closed">
        <div className={classes.left}>Closed</div>
        <div className="t2">
          {alert.closed_by && `by ${alert.closed_by.name}${alert.closed_at ? ', ' : ''}`}
          {alert.closed_at && <Moment at={alert.closed_at} />}
        </div>
      </section>
    );
  }
  const acts = (
    <div className={classes.acts}>
      <PageActions alert={alert} keys />
    </div>
  );
  if (state === 'snoozed' && alert.snoozed_until) {
    return (
      <section className={classes.page} aria-label="Snoozed">
        <div className={classes.left} role="timer">
          <Countdown to={alert.snoozed_until} />
        </div>
        <div>
          <b className="sb">Snoozed.</b>{' '}
          <span className="t2">
            At <Moment at={alert.snoozed_until} as="until" /> it is open again and pages from the first step.
          </span>
        </div>
        {acts}
      </section>
    );
  }
  if (state === 'acked') {
    const mine = alert.acknowledged_by?.id === me.id;
    return (
      <section className={classes.page} aria-label="Acknowledged">
        <div className={classes.left}>
          <IconEye size={28} stroke={1.75} aria-hidden="true" className="m-info" />
        </div>
        <div>
          <b className="sb">
            {mine ? 'You acknowledged it' : `${alert.acknowledged_by?.name ?? 'Somebody'} acknowledged it`}
          </b>{' '}
          <span className="t2">
            {alert.acknowledged_at && <Moment at={alert.acknowledged_at} as="until" />}
            {escalation?.next_step_at ? (
              <>
                . Unless it is closed by <Moment at={escalation.next_step_at} as="seconds" />: {escalation.next_text}
              </>
            ) : (
              '. Nobody else is paged.'
            )}
          </span>
        </div>
        {acts}
      </section>
    );
  }
  if (escalation?.state === 'running' && escalation.next_step_at) {
    const paged = trail?.items.some(({ person, state: sent }) => person.id === me.id && sent !== 'cancelled') ?? false;
    const next = trail?.next.find(({ at }) => at === escalation.next_step_at);
    const text = next ? coming(next).text : (escalation.next_text ?? 'the next step');
    const share = passed(alert, trail, escalation.next_step_at, now);
    return (
      <section
        className={`${classes.page} ${paged || alert.priority === 'P1' ? classes.hot : ''}`}
        aria-label={paged ? 'You are being paged' : 'Escalation'}
      >
        <div className={classes.left} role="timer" aria-label="Time left until the next step">
          <Countdown to={escalation.next_step_at} />
        </div>
        <div>
          <b className="sb">{paged ? 'You are being paged.' : 'Nobody has acknowledged.'}</b>{' '}
          <span className="t2">
            At <Moment at={escalation.next_step_at} as="seconds" />: {text}
            {escalation.round > 1 && text === escalation.next_text && `, round ${escalation.round}`}
          </span>
        </div>
        {acts}
        <div
          className={`meter ${classes.meter}`}
          role="img"
          aria-label={`${share} percent of the time to the next step has passed`}
        >
          <i style={{ width: `${share}%`, background: paged ? 'var(--bw-critical-mark)' : 'var(--bw-high-mark)' }} />
        </div>
      </section>
    );
  }
  return (
    <section className={`${classes.page} ${classes.warn}`} aria-label="Nobody is paged">
      <div className={classes.left}>!</div>
      <div>
        <b className="sb">{escalation ? 'Every step has run and nobody acknowledged.' : 'Nobody is being paged.'}</b>{' '}
        <span className="t2">
          {escalation
            ? 'Escalate to run the policy again, or add a responder.'
            : 'No escalation policy is set for its service or team. Add a responder, or take it yourself.'}
        </span>
      </div>
      {acts}
    </section>
  );
}
