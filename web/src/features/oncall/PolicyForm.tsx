import { ActionIcon, Button, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { EscalationPolicy, EscalationStep } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { toastOk } from '../../lib/toast.ts';
import classes from './OnCall.module.css';
import { choicesQuery, options, schedulesQuery, useOnCallChange } from './queries.ts';
import { CONDITIONS } from './StepList.tsx';

interface Draft extends Omit<EscalationStep, 'notify'> {
  rowId: number;
  /** `schedule id`, `person id` or `team id` in one value, as the list of choices has it. */
  target: string | null;
}

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
  const [name, setName] = useState(policy?.name ?? '');
  const [description, setDescription] = useState(policy?.description ?? '');
  const [team, setTeam] = useState<string | null>(policy?.team?.id ?? null);
  const [repeat, setRepeat] = useState(policy?.repeat ?? null);
  const [timeout, setTimeoutMin] = useState<number | null>(policy?.ack_timeout_min ?? null);
  const [steps, setSteps] = useState<Draft[]>(() =>
    policy
      ? policy.steps.map(({ delay_min, condition, notify }, rowId) => ({
          rowId,
          delay_min,
          condition,
          target: `${notify.kind} ${notify.id}`,
        }))
      : [{ rowId: 0, delay_min: 0, condition: 'if_not_acked', target: null }],
  );
  const targets = [
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
        return { delay_min, condition, notify: { kind, id } };
      }),
    };
    return policy
      ? api.put<EscalationPolicy>(`/escalation-policies/${policy.id}`, body, { ifMatch: policy.version })
      : api.post<EscalationPolicy>('/escalation-policies', body);
  });
  const errors = formErrors(save.error);
  const change = (rowId: number, part: Partial<Draft>) =>
    setSteps(steps.map((step) => (step.rowId === rowId ? { ...step, ...part } : step)));
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
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.name}
        data-autofocus
        required
      />
      <Textarea
        label="What it is for"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        minRows={1}
        error={errors.description}
      />
      <Select
        label="Team"
        data={options(choices.data?.teams ?? [])}
        value={team}
        onChange={setTeam}
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
        onChange={(event) => setRepeat(event.currentTarget.checked ? { wait_min: 10, count: 3 } : null)}
      />
      {repeat && (
        <div className="row wrap">
          <NumberInput
            label="Wait, minutes"
            w={140}
            min={1}
            allowDecimal={false}
            value={repeat.wait_min}
            onChange={(value) => setRepeat({ ...repeat, wait_min: Number(value) || 1 })}
            error={errors['repeat.wait_min']}
          />
          <NumberInput
            label="Times"
            w={140}
            min={1}
            allowDecimal={false}
            value={repeat.count}
            onChange={(value) => setRepeat({ ...repeat, count: Number(value) || 1 })}
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
          onChange={(value) => setTimeoutMin(value === 'never' ? 0 : value === 'after' ? 60 : null)}
        />
        {timeout !== null && timeout > 0 && (
          <NumberInput
            label="Minutes"
            w={110}
            min={1}
            allowDecimal={false}
            value={timeout}
            onChange={(value) => setTimeoutMin(Number(value) || 1)}
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
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={!ready}>
          {policy ? 'Save as a new version' : 'Create the policy'}
        </Button>
        {!ready && <span className="t3 xs">Every step needs somebody to page.</span>}
      </div>
    </form>
  );
}
