/** A service level as its form edits it, in words, and as the server takes it. */
import type { Sla, SlaBody } from '../../api/types.ts';

export type Trigger = SlaBody['start'][number];
export type StateMatch = NonNullable<SlaBody['pause']>[number];
export type Threshold = NonNullable<SlaBody['thresholds']>[number];
export type Agreement = NonNullable<SlaBody['agreement']>;
export interface Status {
  key: string;
  name: string;
}

export const TRIGGERS: Record<Trigger['event'], string> = {
  created: 'The ticket is created',
  assignee_from_unassigned: 'It gets an assignee',
  assignee_to_unassigned: 'It loses its assignee',
  assignee_changed: 'Its assignee changes',
  comment_by_customer: 'A customer comments',
  comment_for_customers: 'Somebody answers the customer',
  due_date_set: 'It gets a due date',
  due_date_cleared: 'It loses its due date',
  due_date_changed: 'Its due date changes',
  resolution_set: 'It is resolved',
  resolution_cleared: 'It is reopened',
  status_entered: 'It enters the status',
};

export const STATES: Record<StateMatch['state'], string> = {
  category: 'Its kind of status is',
  status: 'Its status is',
  assigned: 'Somebody is assigned',
  unassigned: 'Nobody is assigned',
  due_date_set: 'It has a due date',
  due_date_unset: 'It has no due date',
  resolved: 'It is resolved',
  unresolved: 'It is not resolved',
  team_is_not: 'It is not with the team',
};

export const CATEGORIES = [
  { value: 'todo', label: 'To do' },
  { value: 'doing', label: 'In progress' },
  { value: 'waiting', label: 'Waiting' },
  { value: 'done', label: 'Done' },
] as const;

export const AGREEMENTS: Record<Agreement['kind'], { short: string; label: string; explains: string }> = {
  service_level: {
    short: 'SLA',
    label: 'With customers',
    explains: 'Service level agreement: customers see its clock.',
  },
  operational_level: {
    short: 'OLA',
    label: 'Between teams',
    explains: 'Operational level agreement: what one team promises the others.',
  },
  underpinning_contract: { short: 'Contract', label: 'With a vendor', explains: 'What a vendor promises.' },
};

/** `90` as `1h 30m`. Minutes and hours only: a day of business time is as long as its calendar says. */
export function writeMinutes(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours > 0 && `${hours}h`, (rest > 0 || hours === 0) && `${rest}m`].filter(Boolean).join(' ');
}

/** What `writeMinutes` writes, also with blanks and whole words; undefined for anything else. */
export function readMinutes(text: string): number | undefined {
  const found = /^(?:(\d{1,6})\s*(?:h|hours?))?\s*(?:(\d{1,7})\s*(?:m|min|minutes?)?)?$/i.exec(text.trim());
  if (!found || (found[1] === undefined && found[2] === undefined)) return undefined;
  return Number(found[1] ?? 0) * 60 + Number(found[2] ?? 0);
}

export interface GoalDraft {
  key: string;
  query: string;
  target: string;
  calendar: string | null;
  from: 'cycle_start' | 'change';
}
export interface ThresholdDraft {
  kind: Threshold['kind'];
  /** Percent, or a span as `readMinutes` reads it. */
  amount: string;
}

export const draftOf = (sla: Sla | undefined) => {
  const body = sla?.definition;
  return {
    name: body?.name ?? '',
    agreement: body?.agreement ?? ({ kind: 'service_level' } as Agreement),
    projects: sla?.projects ?? [],
    start: body?.start ?? ([{ event: 'created' }] as Trigger[]),
    pause: body ? (body.pause ?? []) : ([{ state: 'category', category: 'waiting' }] as StateMatch[]),
    stop: body?.stop ?? ([{ event: 'resolution_set' }] as Trigger[]),
    reopen: body?.on_reopen ?? ('continue' as const),
    goals: (body?.goals ?? [{ key: 'all', query: '', target_min: 480 }]).map(
      ({ key, query, target_min, calendar, counts_from }): GoalDraft => ({
        key,
        query: query ?? '',
        target: writeMinutes(target_min),
        calendar: calendar ?? null,
        from: counts_from ?? 'cycle_start',
      }),
    ),
    thresholds: (body ? (body.thresholds ?? []) : [{ kind: 'percent' as const, percent: 75 }]).map(
      (each): ThresholdDraft =>
        each.kind === 'percent'
          ? { kind: 'percent', amount: String(each.percent) }
          : { kind: 'remaining', amount: writeMinutes(each.remaining_min) },
    ),
  };
};
export type SlaDraft = ReturnType<typeof draftOf>;

/** The service level as the server takes it. What is no number becomes 0, which the server refuses at its place. */
export function bodyOf(draft: SlaDraft): { projects: string[]; definition: SlaBody } {
  return {
    projects: draft.projects.map(({ id }) => id),
    definition: {
      name: draft.name.trim(),
      agreement: draft.agreement,
      start: draft.start,
      pause: draft.pause,
      stop: draft.stop,
      on_reopen: draft.reopen,
      goals: draft.goals.map(({ key, query, target, calendar, from }) => ({
        key: key.trim(),
        query: query.trim(),
        target_min: readMinutes(target) ?? 0,
        ...(calendar && { calendar }),
        counts_from: from,
      })),
      thresholds: draft.thresholds.map(({ kind, amount }) =>
        kind === 'percent'
          ? { kind, percent: Math.trunc(Number(amount)) || 0 }
          : { kind, remaining_min: readMinutes(amount) ?? 0 },
      ),
    },
  };
}

/** What the browser itself can see to be wrong: spans that are none. By the places that the server names. */
export function unreadable(draft: SlaDraft): Record<string, string> {
  const wrong: Record<string, string> = {};
  const message = 'Write it in minutes and hours, such as 30m, 4h or 1h 30m.';
  draft.goals.forEach(({ target }, index) => {
    if (readMinutes(target) === undefined) wrong[`definition.goals[${index}].target_min`] = message;
  });
  draft.thresholds.forEach(({ kind, amount }, index) => {
    if (kind === 'remaining' && readMinutes(amount) === undefined)
      wrong[`definition.thresholds[${index}].remaining_min`] = message;
  });
  return wrong;
}

/** The places of a form that show their own refusal; any other is said below the form. */
export const isPlaced = (path: string): boolean =>
  /^(projects|definition\.(name|agreement(\.(vendor|team))?|start|pause|stop|goals|thresholds)(\[\d+\](\.\w+)?)?)$/.test(
    path,
  );

const statusName = (key: string, statuses: readonly Status[]) => statuses.find((each) => each.key === key)?.name ?? key;

export const triggerText = (trigger: Trigger, statuses: readonly Status[]): string =>
  trigger.event === 'status_entered'
    ? `${TRIGGERS.status_entered} ${statusName(trigger.status, statuses)}`
    : TRIGGERS[trigger.event];

export function stateText(match: StateMatch, statuses: readonly Status[], team: (id: string) => string): string {
  if (match.state === 'status') return `${STATES.status} ${statusName(match.status, statuses)}`;
  if (match.state === 'category')
    return `${STATES.category} ${CATEGORIES.find(({ value }) => value === match.category)?.label ?? match.category}`;
  if (match.state === 'team_is_not') return `${STATES.team_is_not} ${team(match.team)}`;
  return STATES[match.state];
}

/** A name that no goal has yet. */
export function freshKey(goals: readonly GoalDraft[]): string {
  let number = goals.length + 1;
  while (goals.some(({ key }) => key === `goal-${number}`)) number += 1;
  return `goal-${number}`;
}
