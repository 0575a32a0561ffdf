import { ActionIcon, Button, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { EscalationPolicy, EscalationStep } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import classes from './OnCall.module.css';
import { choicesQuery, options, schedulesQuery, useOnCallChange } from './queries.ts';
import { CONDITIONS } from './StepList.tsx';

interface Draft extends Omit<EscalationStep, 'notify'> {
  rowId: number;
  /** `schedule id`, `person id` or `team id` in one value, as the list of choices has it. */
  target: string | null;
}

const SERVICE_RESPONDERS = 'service_responders';
const draftOf = (policy: EscalationPolicy | undefined) => ({
  name: policy?.name ?? '',
  description: policy?.description ?? '',
  team: policy?.team?.id ?? null,
  repeat: policy?.repeat ?? null,
  timeout: policy?.ack_timeout_min ?? null,
  steps: policy
    ? policy.steps.map(
        ({ delay_min, condition, notify }, rowId): Draft => ({
          rowId,
          delay_min,
          condition,
          target: notify.kind === SERVICE_RESPONDERS ? SERVICE_RESPONDERS : `${notify.kind} ${notify.id}`,
        }),
      )
    : [{ rowId: 0, delay_min: 0, condition: 'if_not_acked', target: null } satisfies Draft as Draft],
});
type PolicyDraft = ReturnType<typeof draftOf>;

/** Makes a policy or changes the one given. A running escalation keeps the version that it started with. */
export function PolicyForm({
  policy,
  onDone,
}: {
  policy?: EscalationPolicy;
  onDone: (policy: EscalationPolicy) => void;
}) {
  const choices = useQuery(choicesQuery);
  const schedules = useQuery(schedulesQuery);
  const edited = useVersioned(policy, draftOf);
  const { name, description, team, repeat, timeout, steps } = edited.draft;
  const setSteps = (next: Draft[]) => edited.set({ steps: next });
  const targets = [
    { group: 'Of the alert', items: [{ value: SERVICE_RESPONDERS, label: 'Responders of the service' }] },
    {
      group: 'Schedules',
      items: options(schedules.data?.items ?? []).map(({ value, label }) => ({ value: `schedule ${value}`, label })),
    },
    {
      group: 'People',
      items: options(choices.data?.people ?? []).map(({ value, label }) => ({ value: `person ${value}`, label })),
    },
    {
      group: 'Teams',
      items: options(choices.data?.teams ?? []).map(({ value, label }) => ({ value: `team ${value}`, label })),
    },
  ];
  const save = useOnCallChange(() => {
    const body = {
      name,
      description,
      team_id: team,
      repeat,
      ack_timeout_min: timeout,
      steps: steps.map(({ delay_min, condition, target }) => {
        const [kind, id] = (target ?? '').split(' ');
        return { delay_min, condition, notify: target === SERVICE_RESPONDERS ? { kind: target } : { kind, id } };
      }),
    };
    return policy
      ? api.put<EscalationPolicy>(`/escalation-policies/${policy.id}`, body, {
          ifMatch: edited.version ?? policy.version,
        })
      : api.post<EscalationPolicy>('/escalation-policies', body);
  });
  const errors = formErrors(save.error);
  const change = (rowId: number, part: Partial<Draft>) =>
    setSteps(steps.map((step) => (step.rowId === rowId ? { ...step, ...part } : step)));
  const named = new Map(targets.flatMap(({ items }) => items).map(({ value, label }) => [value, label]));
  const words: FieldWords<PolicyDraft> = {
    name: { label: 'Name', text: (value) => value },
    description: { label: 'What it is for', text: (value) => value },
    team: { label: 'Team', text: (value) => choices.data?.teams.find(({ id }) => id === value)?.name ?? value },
    repeat: {
      label: 'Start again after the last step',
      text: (value) => (value ? `after ${value.wait_min} min, ${value.count} times` : 'no'),
    },
    timeout: {
      label: 'An acknowledgement runs out',
      text: (value) => (value === null ? 'after 30 min for P1' : value === 0 ? 'never' : `after ${value} min`),
    },
    steps: {
      label: 'Steps',
      text: (value) =>
        value
          .map(({ delay_min, target, condition }) =>
            [`${delay_min} min`, named.get(target ?? '') ?? 'nobody', CONDITIONS[condition]].join(', '),
          )
          .join('\n'),
    },
  };
  const ready = steps.every(({ target }) => target);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, {
          onSuccess: (saved) => {
            toastOk(`${saved.name} is saved as version ${saved.document_version}`);
            onDone(saved);
          },
        });
      }}
    >
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => edited.set({ name: event.currentTarget.value })}
        error={errors.name}
        data-autofocus
        required
      />
      <Textarea
        label="What it is for"
        value={description}
        onChange={(event) => edited.set({ description: event.currentTarget.value })}
        minRows={1}
        error={errors.description}
      />
      <Select
        label="Team"
        data={options(choices.data?.teams ?? [])}
        value={team}
        onChange={(value) => edited.set({ team: value })}
        placeholder="none"
        error={errors.team_id}
        clearable
        searchable
      />
      <fieldset className={classes.rotation}>
        <legend className="vh">Steps</legend>
        {steps.map((step, index) => (
          <div className="row wrap" key={step.rowId} style={{ alignItems: 'flex-end' }}>
            <NumberInput
              label={index === 0 ? 'Minutes after' : undefined}
              aria-label={`Step ${index + 1}: minutes after the one before`}
              w={110}
              min={0}
              allowDecimal={false}
              value={step.delay_min}
              onChange={(value) => change(step.rowId, { delay_min: Number(value) || 0 })}
            />
            <Select
              style={{ flex: 1, minWidth: 180 }}
              label={index === 0 ? 'Page' : undefined}
              aria-label={`Step ${index + 1}: whom`}
              data={targets}
              value={step.target}
              onChange={(target) => change(step.rowId, { target })}
              placeholder="Choose"
              searchable
            />
            <Select
              w={170}
              label={index === 0 ? 'Condition' : undefined}
              aria-label={`Step ${index + 1}: condition`}
              data={Object.entries(CONDITIONS).map(([value, label]) => ({ value, label }))}
              value={step.condition}
              onChange={(condition) =>
                change(step.rowId, { condition: (condition ?? 'if_not_acked') as Draft['condition'] })
              }
            />
            <ActionIcon
              aria-label={`Remove step ${index + 1}`}
              onClick={() => setSteps(steps.filter(({ rowId }) => rowId !== step.rowId))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </div>
        ))}
        <div>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() =>
              setSteps([
                ...steps,
                {
                  rowId: Math.max(-1, ...steps.map(({ rowId }) => rowId)) + 1,
                  delay_min: steps.length ? 5 : 0,
                  condition: 'if_not_acked',
                  target: null,
                },
              ])
            }
          >
            Add a step
          </Button>
        </div>
      </fieldset>
      <Switch
        label="Start again after the last step"
        checked={repeat !== null}
        onChange={(event) => edited.set({ repeat: event.currentTarget.checked ? { wait_min: 10, count: 3 } : null })}
      />
      {repeat && (
        <div className="row wrap">
          <NumberInput
            label="Wait, minutes"
            w={140}
            min={1}
            allowDecimal={false}
            value={repeat.wait_min}
            onChange={(value) => edited.set({ repeat: { ...repeat, wait_min: Number(value) || 1 } })}
            error={errors['repeat.wait_min']}
          />
          <NumberInput
            label="Times"
            w={140}
            min={1}
            allowDecimal={false}
            value={repeat.count}
            onChange={(value) => edited.set({ repeat: { ...repeat, count: Number(value) || 1 } })}
            error={errors['repeat.count']}
          />
        </div>
      )}
      <div className="row wrap" style={{ alignItems: 'flex-end' }}>
        <Select
          label="An acknowledgement runs out"
          description="An alert acknowledged but not closed by then is paged again."
          w={300}
          data={[
            { value: 'default', label: 'after 30 minutes for P1, else never' },
            { value: 'never', label: 'never' },
            { value: 'after', label: 'after so many minutes' },
          ]}
          value={timeout === null ? 'default' : timeout === 0 ? 'never' : 'after'}
          onChange={(value) => edited.set({ timeout: value === 'never' ? 0 : value === 'after' ? 60 : null })}
        />
        {timeout !== null && timeout > 0 && (
          <NumberInput
            label="Minutes"
            w={110}
            min={1}
            allowDecimal={false}
            value={timeout}
            onChange={(value) => edited.set({ timeout: Number(value) || 1 })}
            error={errors.ack_timeout_min}
          />
        )}
      </div>
      {save.isError && (
        <div className="note critical" role="alert">
          <div>
            {errorText(save.error)}
            <ul>
              {Object.entries(errors).map(([field, message]) => (
                <li key={field}>
                  <span className="mono">{field}</span>: {message}
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
      <Conflict what="the policy" edited={edited} words={words} />
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={!ready || edited.clashes.length > 0}>
          {policy ? 'Save as a new version' : 'Create the policy'}
        </Button>
        {!ready && <span className="t3 xs">Every step needs somebody to page.</span>}
        <ConflictReason edited={edited} />
      </div>
    </form>
  );
}
