import { ActionIcon, Button, MultiSelect, NumberInput, Radio, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Sla } from '../../api/types.ts';
import { ApiError, api, errorText, formErrors } from '../../lib/api.ts';
import { projectChoices, teamChoices } from '../../lib/choices.ts';
import { sentence } from '../../lib/text.ts';
import { toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { findAction } from '../../ui/ActionButton.tsx';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { keyFrom } from './hours.ts';
import { calendarsQuery, useChange, workflowQuery } from './queries.ts';
import classes from './Sla.module.css';
import { States, Triggers } from './SlaConditions.tsx';
import { SlaGoals } from './SlaGoals.tsx';
import {
  AGREEMENTS,
  type Agreement,
  bodyOf,
  draftOf,
  isPlaced,
  type SlaDraft,
  type Status,
  stateText,
  type ThresholdDraft,
  triggerText,
  unreadable,
} from './slas.ts';

/** The service level in force, or a new one. */
export function SlaForm({ sla, onSaved }: { sla?: Sla; onSaved: (sla: Sla) => void }) {
  const edited = useVersioned(sla, draftOf);
  const { draft } = edited;
  const teams = useQuery(teamChoices('')).data ?? [];
  const projects = useQuery(projectChoices('')).data ?? [];
  const calendars = useQuery(calendarsQuery).data?.items ?? [];
  const statuses: readonly Status[] = useQuery(workflowQuery).data?.statuses ?? [];
  const may = sla ? findAction(sla.actions, 'edit') : undefined;
  const locked = may ? !may.allowed : false;
  const save = useChange('sla', () =>
    api.put<Sla>(`/slas/${sla?.key ?? keyFrom(draft.name)}`, bodyOf(draft), { ifMatch: edited.version ?? 0 }),
  );
  const stale = save.error instanceof ApiError && save.error.code === 'version_conflict';
  const wrong = unreadable(draft);
  const errors: Record<string, string> = {
    ...formErrors(save.error),
    ...(save.isError ? wrong : {}),
    ...(stale &&
      !sla && { 'definition.name': 'There is a service level of this name. Open that one, or choose another name.' }),
  };
  const elsewhere = Object.entries(errors).filter(([path]) => !isPlaced(path));
  // Refusals name conditions and goals by their place: once one comes or goes, they would stand at others.
  const set = (part: Partial<SlaDraft>) => {
    const lists = ['start', 'pause', 'stop', 'goals', 'thresholds'] as const;
    if (save.isError && lists.some((list) => part[list] && part[list].length !== draft[list].length)) save.reset();
    edited.set(part);
  };
  const team = (id: string) => teams.find(({ value }) => value === id)?.label ?? id;
  const words: FieldWords<SlaDraft> = {
    name: { label: 'Name', text: (value) => value },
    agreement: {
      label: 'Agreement',
      text: (value) =>
        [
          AGREEMENTS[value.kind].label,
          value.kind === 'operational_level' && team(value.team),
          value.kind === 'underpinning_contract' && value.vendor,
        ]
          .filter(Boolean)
          .join(': '),
    },
    projects: { label: 'Projects', text: (value) => value.map(({ name }) => name).join(', ') || 'all' },
    start: { label: 'Start', text: (value) => value.map((each) => triggerText(each, statuses)).join('\n') },
    pause: { label: 'Pause', text: (value) => value.map((each) => stateText(each, statuses, team)).join('\n') },
    stop: { label: 'Stop', text: (value) => value.map((each) => triggerText(each, statuses)).join('\n') },
    reopen: { label: 'When reopened', text: (value) => (value === 'continue' ? 'it goes on' : 'only Start begins it') },
    goals: {
      label: 'Goals',
      text: (value) =>
        value
          .map(({ key, query, target, calendar }) => `${key}: ${query || 'all'}, ${target}, ${calendar ?? 'always'}`)
          .join('\n'),
    },
    thresholds: {
      label: 'Warnings',
      text: (value) =>
        value.map(({ kind, amount }) => (kind === 'percent' ? `${amount} % used` : `${amount} left`)).join('\n'),
    },
  };
  const changeThreshold = (index: number, part: Partial<ThresholdDraft>) =>
    set({ thresholds: draft.thresholds.map((each, at) => (at === index ? { ...each, ...part } : each)) });
  const shared = { errors, disabled: locked, statuses };
  const { agreement } = draft;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, {
          onSuccess: (saved) => {
            toastOk(`${saved.name} is saved; the clocks of open tickets are worked out anew`);
            onSaved(saved);
          },
        });
      }}
    >
      <section className="panel" aria-labelledby="sla-what">
        <header>
          <h2 id="sla-what">What it promises</h2>
        </header>
        <div className={`pad ${classes.fields}`}>
          <TextInput
            label="Name"
            description="Queries know it by this name."
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={errors['definition.name']}
            disabled={locked}
            required
            {...(!sla && { 'data-autofocus': true, autoFocus: true })}
          />
          <MultiSelect
            label="Projects"
            description="Whose tickets it is for; all, if none is chosen."
            placeholder={draft.projects.length === 0 ? 'All projects' : ''}
            data={[
              ...projects,
              ...draft.projects
                .filter(({ id }) => !projects.some(({ value }) => value === id))
                .map(({ id, name }) => ({ value: id, label: name })),
            ]}
            value={draft.projects.map(({ id }) => id)}
            onChange={(ids) =>
              set({
                projects: ids.map(
                  (id) =>
                    draft.projects.find((each) => each.id === id) ?? {
                      id,
                      name: projects.find(({ value }) => value === id)?.label ?? id,
                    },
                ),
              })
            }
            error={errors.projects}
            disabled={locked}
            searchable
            clearable
          />
          <Select
            label="Agreement"
            description={AGREEMENTS[agreement.kind].explains}
            data={Object.entries(AGREEMENTS).map(([value, { label }]) => ({ value, label }))}
            value={agreement.kind}
            onChange={(kind) => {
              if (kind === 'operational_level') set({ agreement: { kind, team: teams[0]?.value ?? '' } });
              else if (kind === 'underpinning_contract') set({ agreement: { kind, vendor: '' } });
              else if (kind) set({ agreement: { kind: kind as 'service_level' } as Agreement });
            }}
            error={errors['definition.agreement']}
            disabled={locked}
            allowDeselect={false}
          />
          {agreement.kind === 'operational_level' && (
            <Select
              label="Team"
              description="The one that promises."
              data={teams}
              value={agreement.team}
              onChange={(id) => id && set({ agreement: { kind: 'operational_level', team: id } })}
              error={errors['definition.agreement.team']}
              disabled={locked}
              allowDeselect={false}
              searchable
            />
          )}
          {agreement.kind === 'underpinning_contract' && (
            <TextInput
              label="Vendor"
              description="The one that promises."
              value={agreement.vendor}
              onChange={(event) =>
                set({ agreement: { kind: 'underpinning_contract', vendor: event.currentTarget.value } })
              }
              error={errors['definition.agreement.vendor']}
              disabled={locked}
              required
            />
          )}
        </div>
      </section>

      <section className="panel" aria-labelledby="sla-when">
        <header>
          <h2 id="sla-when">When the clock runs</h2>
        </header>
        <div className="pad stack">
          <div className={classes.conditions}>
            <Triggers
              {...shared}
              title="Start"
              explains="Any of these starts it."
              path="definition.start"
              items={draft.start}
              onChange={(start) => set({ start })}
            />
            <States
              {...shared}
              path="definition.pause"
              items={draft.pause}
              onChange={(pause) => set({ pause })}
              teams={teams}
            />
            <Triggers
              {...shared}
              title="Stop"
              explains="Any of these stops it, before it starts anew."
              path="definition.stop"
              items={draft.stop}
              onChange={(stop) => set({ stop })}
            />
          </div>
          <Radio.Group
            label="When a resolved ticket is reopened"
            value={draft.reopen}
            onChange={(reopen) => set({ reopen: reopen as SlaDraft['reopen'] })}
          >
            <div className="row wrap" style={{ gap: 14, marginTop: 4 }}>
              <Radio value="continue" label="the clock goes on where it stopped" disabled={locked} />
              <Radio value="start_condition" label="only a start condition begins it anew" disabled={locked} />
            </div>
          </Radio.Group>
        </div>
      </section>

      <section className="panel" aria-labelledby="sla-goals">
        <header>
          <h2 id="sla-goals">Goals</h2>
          <span className="t3 cut">tried from the top; the first that matches a ticket is its goal</span>
        </header>
        <div className="pad">
          <SlaGoals
            goals={draft.goals}
            onChange={(goals) => set({ goals })}
            calendars={calendars}
            errors={errors}
            disabled={locked}
          />
        </div>
      </section>

      <section className="panel" aria-labelledby="sla-warn">
        <header>
          <h2 id="sla-warn">Warnings</h2>
          <span className="t3 cut">a breach is always noted</span>
        </header>
        <div className="pad stack" style={{ gap: 6 }}>
          {draft.thresholds.map(({ kind, amount }, index) => {
            const path = `definition.thresholds[${index}]`;
            const error = errors[`${path}.percent`] ?? errors[`${path}.remaining_min`] ?? errors[path];
            return (
              <div key={index} className={classes.threshold}>
                {kind === 'percent' ? (
                  <NumberInput
                    aria-label={`Warning ${index + 1}, percent`}
                    value={amount}
                    onChange={(value) => changeThreshold(index, { amount: String(value) })}
                    min={1}
                    max={1000}
                    allowDecimal={false}
                    error={error}
                    disabled={locked}
                  />
                ) : (
                  <TextInput
                    aria-label={`Warning ${index + 1}, time left`}
                    placeholder="30m"
                    value={amount}
                    onChange={(event) => changeThreshold(index, { amount: event.currentTarget.value })}
                    error={error}
                    disabled={locked}
                  />
                )}
                <Select
                  aria-label={`Warning ${index + 1}, of what`}
                  data={[
                    { value: 'percent', label: '% of the target used' },
                    { value: 'remaining', label: 'left of the target' },
                  ]}
                  value={kind}
                  onChange={(next) =>
                    next &&
                    next !== kind &&
                    changeThreshold(index, {
                      kind: next as ThresholdDraft['kind'],
                      amount: next === 'percent' ? '75' : '30m',
                    })
                  }
                  disabled={locked}
                  allowDeselect={false}
                />
                <ActionIcon
                  variant="subtle"
                  aria-label={`Remove warning ${index + 1}`}
                  disabled={locked}
                  onClick={() => set({ thresholds: draft.thresholds.filter((_, at) => at !== index) })}
                >
                  <IconX size={14} />
                </ActionIcon>
              </div>
            );
          })}
          {errors['definition.thresholds'] && <p className="c-critical xs">{errors['definition.thresholds']}</p>}
          <div>
            <Button
              variant="default"
              size="compact-xs"
              leftSection={<IconPlus size={13} />}
              disabled={locked}
              onClick={() => set({ thresholds: [...draft.thresholds, { kind: 'percent', amount: '90' }] })}
            >
              Add a warning
            </Button>
          </div>
        </div>
      </section>

      <Conflict what="the service level" edited={edited} words={words} />
      <div className={classes.save}>
        <Button type="submit" loading={save.isPending} disabled={locked || edited.clashes.length > 0}>
          {sla ? 'Save' : 'Create the service level'}
        </Button>
        {sla && edited.changed && !locked && (
          <Button
            variant="default"
            onClick={() => {
              save.reset();
              edited.discard();
            }}
          >
            Discard
          </Button>
        )}
        {locked && <span className="t3 xs">{sentence(may?.reason ?? '')}</span>}
        <ConflictReason edited={edited} />
        {save.isError && (
          <span className="c-critical" role="alert">
            {stale
              ? sla && edited.clashes.length === 0
                ? 'Somebody else changed it meanwhile. Their changes are in the form now; save again.'
                : ''
              : [
                  elsewhere.length < Object.keys(errors).length
                    ? 'Not saved: see what is marked above.'
                    : errorText(save.error),
                  ...elsewhere.map(([path, message]) => `${path}: ${message}`),
                ].join(' ')}
          </span>
        )}
      </div>
    </form>
  );
}
