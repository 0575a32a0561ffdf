import {
  IconArrowUp,
  IconBellOff,
  IconBolt,
  IconCheck,
  IconClock,
  IconEye,
  IconFlag,
  IconMail,
  IconMoon,
  IconRoute,
  IconWebhook,
  IconX,
} from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Alert, AlertLogEntry, AlertTrail, NotificationEntry } from '../../api/types.ts';
import { useNow } from '../../lib/clock.ts';
import { formatDay, formatSeconds, localTimes, millis, usePersonZone } from '../../lib/time.ts';
import { QueryState } from '../../ui/QueryState.tsx';
import { Moment } from '../../ui/Time.tsx';
import classes from './Alerts.module.css';
import { logQuery, trailQuery } from './queries.ts';

type Icon = React.ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: 'true' }>;
interface Entry {
  key: string;
  at: string;
  Icon: Icon;
  tone: 'critical' | 'high' | 'info' | 'ok' | 'next' | '';
  future?: boolean;
  /** Its place among what happened in the same instant. */
  rank?: keyof typeof RANK;
  body: React.ReactNode;
}

/** The id of the policy of an escalation whose responders were named one by one. */
const NAMED_RESPONDERS = '00000000-0000-0000-0000-000000000000';

/** What comes next, and why; a round that ends says what follows it. */
export function coming({ text, because }: AlertTrail['next'][number]): { text: string; because: string } {
  if (text !== 'End of the round' || !because) return { text, because };
  const colon = because.indexOf(': ');
  return colon < 0
    ? { text: because, because: '' }
    : { text: because.slice(0, colon), because: because.slice(colon + 2) };
}

/** One person in one step: several contacts are one line of the trail. */
export function groupSteps(items: readonly NotificationEntry[]): NotificationEntry[][] {
  const groups = new Map<string, NotificationEntry[]>();
  for (const item of items) {
    const key = `${item.round} ${item.step} ${item.person.id}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}

const STATES = {
  pending: { tone: 'warn', Icon: IconClock, text: 'waits' },
  held: { tone: 'hold', Icon: IconMoon, text: 'held back' },
  sent: { tone: 'ok', Icon: IconCheck, text: 'sent' },
  failed: { tone: 'critical', Icon: IconX, text: 'failed' },
  cancelled: { tone: 'neutral', Icon: IconBellOff, text: 'no longer needed' },
} as const;

function Way({ item }: { item: NotificationEntry }) {
  const zone = usePersonZone();
  const { tone, Icon, text } = STATES[item.state];
  const Kind = item.contact.kind === 'webhook' ? IconWebhook : IconMail;
  const tries = item.attempts > 1 ? `, ${item.attempts} tries` : '';
  return (
    <span className={`tag ${tone}`} title={item.contact.address}>
      <Kind size={13} stroke={2} aria-hidden="true" />
      {item.contact.kind === 'webhook' ? 'Webhook' : 'Mail'} {text}
      {item.sent_at && ` ${formatSeconds(item.sent_at, zone)}`}
      {tries}
      {item.state === 'failed' && item.last_error && `: ${item.last_error}`}
      <Icon size={13} stroke={2} aria-hidden="true" />
    </span>
  );
}

function Because({ children }: { children: React.ReactNode }) {
  return (
    <div className={classes.because}>
      <span>because</span>
      {children}
    </div>
  );
}

function stepEntry(group: NotificationEntry[]): Entry | undefined {
  const [first] = group;
  if (!first) return undefined;
  const reasons = [...new Set(group.map(({ because }) => because))];
  const failed = group.every(({ state }) => state === 'failed');
  return {
    key: `step ${first.id}`,
    at: first.at,
    Icon: IconArrowUp,
    tone: failed ? 'critical' : 'high',
    rank: 'page',
    body: (
      <>
        <b className="b">{first.person.name}</b>, <span className="t2">{first.step_text}</span>
        {first.round > 1 && <span className="t3">, round {first.round}</span>}
        {reasons.map((reason) => (
          <Because key={reason}>{localTimes(reason)}</Because>
        ))}
        <div className={classes.ways}>
          {group.map((item) => (
            <Way key={item.id} item={item} />
          ))}
        </div>
      </>
    ),
  };
}

/** Lines of the log that belong to the story of who was told; notifications have their own entries. */
const FROM_LOG: Record<string, { Icon: Icon; tone: Entry['tone'] }> = {
  raised: { Icon: IconBolt, tone: '' },
  acknowledged: { Icon: IconEye, tone: 'info' },
  unacknowledged: { Icon: IconBellOff, tone: 'high' },
  snoozed: { Icon: IconMoon, tone: '' },
  snooze_ended: { Icon: IconMoon, tone: '' },
  closed: { Icon: IconCheck, tone: 'ok' },
  not_notified: { Icon: IconBellOff, tone: 'critical' },
  incident_changed: { Icon: IconFlag, tone: 'info' },
  responder_added: { Icon: IconRoute, tone: '' },
  escalated: { Icon: IconArrowUp, tone: '' },
};

function logEntry(line: AlertLogEntry): Entry | undefined {
  const look = FROM_LOG[line.kind];
  if (!look) return undefined;
  return {
    key: `log ${line.id}`,
    at: line.at,
    ...look,
    ...(line.kind === 'raised' && { rank: 'raised' as const }),
    body: (
      <>
        {line.text}
        {line.actor.kind === 'person' && <span className="t3"> {line.actor.name}</span>}
        {line.because && <Because>{localTimes(line.because)}</Because>}
      </>
    ),
  };
}

/** What happens in one instant still has an order: an alert is raised, then people are told, then the rest follows. */
const RANK = { raised: 0, page: 1, other: 2 } as const;
const newestFirst = (a: Entry, b: Entry): number =>
  millis(b.at) - millis(a.at) || RANK[b.rank ?? 'other'] - RANK[a.rank ?? 'other'];

/** Everything in one order, the future on top. */
export function trailEntries(trail: AlertTrail, log: readonly AlertLogEntry[]): Entry[] {
  const future = trail.next
    .map(
      (next, index): Entry => ({
        key: `next ${index}`,
        at: next.at,
        Icon: IconArrowUp,
        tone: 'next',
        future: true,
        body: (
          <>
            <span className="t2">Next: {coming(next).text}</span>
            {coming(next).because && <Because>{localTimes(coming(next).because)}</Because>}
          </>
        ),
      }),
    )
    .sort((a, b) => millis(b.at) - millis(a.at));
  const past = [...log.map(logEntry), ...groupSteps(trail.items).map(stepEntry)]
    .filter((entry) => entry !== undefined)
    .sort(newestFirst);
  return [...future, ...past];
}

/** Who was notified, and why; what comes next; read from the top down, newest first. */
export function Trail({ alert }: { alert: Alert }) {
  const zone = usePersonZone();
  const today = formatDay(useNow(60), zone);
  const trail = useQuery(trailQuery(alert.id));
  const log = useInfiniteQuery(logQuery(alert.id));
  const lines = log.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section className="panel" aria-labelledby="alert-trail">
      <header>
        <h2 id="alert-trail">Who was notified, and why</h2>
        {alert.escalation && (
          <span className={`t3 xs cut hide-phone ${classes.policy}`}>
            {alert.escalation.policy.id === NAMED_RESPONDERS ? (
              alert.escalation.policy.name
            ) : (
              <>
                Escalation policy{' '}
                <Link to="/oncall/policies/$id" params={{ id: alert.escalation.policy.id }}>
                  {alert.escalation.policy.name}
                </Link>
                , version {alert.escalation.policy_version}
              </>
            )}
          </span>
        )}
      </header>
      <QueryState query={trail} what="the trail" rows={4}>
        {(data) => {
          const entries = trailEntries(data, lines);
          const days = entries.map(({ at }) => formatDay(at, zone));
          return (
            <>
              <ol className={classes.trail}>
                {entries.map(({ key, at, Icon, tone, future, body }, index) => (
                  <li key={key} className={future ? classes.fut : undefined}>
                    <span className={classes.when}>
                      {days[index] !== (index > 0 ? days[index - 1] : today) && <b>{days[index]}</b>}
                      <Moment at={at} as="seconds" />
                    </span>
                    <span className={`${classes.dot} ${tone ? classes[tone] : ''}`}>
                      <Icon size={13} stroke={2} aria-hidden="true" />
                    </span>
                    <div>{body}</div>
                  </li>
                ))}
                {alert.incident && !lines.some(({ kind }) => kind === 'incident_changed') && (
                  <li>
                    <span />
                    <span className={`${classes.dot} ${classes.info}`}>
                      <IconFlag size={13} stroke={2} aria-hidden="true" />
                    </span>
                    <div>
                      Incident{' '}
                      <Link to="/tickets/$key" params={{ key: alert.incident.key }}>
                        {alert.incident.key}
                      </Link>
                    </div>
                  </li>
                )}
              </ol>
              {data.items.length === 0 && (
                <p className="t3" style={{ padding: '0 14px 12px' }}>
                  Nobody was notified so far.
                </p>
              )}
            </>
          );
        }}
      </QueryState>
    </section>
  );
}
