import { ActionIcon, Button, MultiSelect, NumberInput, Select, Switch } from '@mantine/core';
import { TimeInput } from '@mantine/dates';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Contact, NotificationRules, NotificationStep, Priority } from '../../api/types.ts';
import { ApiError, api, errorText } from '../../lib/api.ts';
import { toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { contactsQuery, rulesQuery } from './queries.ts';

const PRIORITIES: Priority[] = ['P1', 'P2', 'P3', 'P4', 'P5'];

interface Row extends NotificationStep {
  /** Only to tell the rows apart while they are edited. */
  rowId: number;
}

const draftOf = (rules: NotificationRules | undefined) => ({
  steps: (rules?.steps ?? []).map((step, rowId): Row => ({ ...step, rowId })),
  quiet: rules?.quiet_hours ?? null,
});

function Editor({ rules, contacts }: { rules: NotificationRules; contacts: Contact[] }) {
  const client = useQueryClient();
  const edited = useVersioned(rules, draftOf);
  const { steps, quiet } = edited.draft;
  const setSteps = (next: Row[]) => edited.set({ steps: next });
  const setQuiet = (next: NotificationRules['quiet_hours']) => edited.set({ quiet: next });
  const address = new Map(contacts.map((contact) => [contact.id, contact.address]));
  const words: FieldWords<ReturnType<typeof draftOf>> = {
    steps: {
      label: 'Steps',
      text: (value) =>
        value
          .map(
            (step) =>
              `${step.delay_min} min, ${address.get(step.contact_id) ?? 'nowhere'}, ${step.priorities.join(' ')}`,
          )
          .join('\n'),
    },
    quiet: { label: 'Quiet hours', text: (value) => value && `${value.from} to ${value.to}` },
  };
  const save = useMutation({
    mutationFn: () =>
      api.put<NotificationRules>(
        '/me/notification-rules',
        {
          version: edited.version,
          steps: steps.map(({ delay_min, contact_id, priorities }) => ({ delay_min, contact_id, priorities })),
          quiet_hours: quiet,
        },
        { ifMatch: edited.version ?? rules.version },
      ),
    onSuccess: (answer) => {
      client.setQueryData(rulesQuery.queryKey, answer);
      edited.set(draftOf(answer));
      toastOk('Your notification rules are saved');
    },
    onError: () => client.invalidateQueries({ queryKey: rulesQuery.queryKey }),
  });
  const change = (rowId: number, part: Partial<NotificationStep>) =>
    setSteps(steps.map((step) => (step.rowId === rowId ? { ...step, ...part } : step)));
  const verified = contacts.filter((contact) => contact.verified);
  const conflict = save.error instanceof ApiError && save.error.code === 'version_conflict';
  return (
    <form
      className="pad stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {steps.length === 0 && (
        <p className="t2">
          No rule: a page goes to {verified.length === 1 ? 'your one verified contact' : 'all your verified contacts'}{' '}
          at once.
        </p>
      )}
      <ol className="stack">
        {steps.map((step, index) => (
          <li key={step.rowId} className="row wrap" style={{ alignItems: 'flex-end' }}>
            <NumberInput
              label={index === 0 ? 'After minutes' : undefined}
              aria-label={`Step ${index + 1}: after minutes`}
              w={110}
              min={0}
              max={1440}
              allowDecimal={false}
              clampBehavior="strict"
              value={step.delay_min}
              onChange={(value) => change(step.rowId, { delay_min: Number(value) || 0 })}
            />
            <Select
              label={index === 0 ? 'Send to' : undefined}
              aria-label={`Step ${index + 1}: contact`}
              w={260}
              data={contacts
                .filter(({ id, verified: usable }) => usable || id === step.contact_id)
                .map(({ id, address, verified: usable }) => ({
                  value: id,
                  label: usable ? address : `${address} (not verified)`,
                }))}
              value={step.contact_id}
              onChange={(value) => change(step.rowId, { contact_id: value ?? '' })}
            />
            <MultiSelect
              label={index === 0 ? 'For alerts of' : undefined}
              aria-label={`Step ${index + 1}: priorities`}
              w={240}
              data={PRIORITIES}
              value={step.priorities}
              placeholder={step.priorities.length ? undefined : 'every priority'}
              onChange={(value) => change(step.rowId, { priorities: value as Priority[] })}
            />
            <ActionIcon
              aria-label={`Remove step ${index + 1}`}
              onClick={() => setSteps(steps.filter(({ rowId }) => rowId !== step.rowId))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </li>
        ))}
      </ol>
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          disabled={verified.length === 0}
          onClick={() =>
            setSteps([
              ...steps,
              {
                rowId: Math.max(0, ...steps.map(({ rowId }) => rowId)) + 1,
                delay_min: steps.length ? (steps[steps.length - 1]?.delay_min ?? 0) + 5 : 0,
                contact_id: verified[0]?.id ?? '',
                priorities: [...PRIORITIES],
              },
            ])
          }
        >
          Add a step
        </Button>
      </div>
      <div className="stack" style={{ borderTop: '1px solid var(--bw-line)', paddingTop: 12 }}>
        <Switch
          label="Quiet hours"
          description="In your own time zone. P1 and P2 come through; the rest waits until the end."
          checked={quiet !== null}
          onChange={(event) => setQuiet(event.currentTarget.checked ? { from: '22:00', to: '07:00' } : null)}
        />
        {quiet && (
          <div className="row">
            <TimeInput
              label="From"
              value={quiet.from}
              onChange={(event) => setQuiet({ ...quiet, from: event.currentTarget.value })}
              required
            />
            <TimeInput
              label="To"
              value={quiet.to}
              onChange={(event) => setQuiet({ ...quiet, to: event.currentTarget.value })}
              required
            />
          </div>
        )}
      </div>
      {save.isError && (
        <div className="note critical" role="alert">
          {conflict
            ? 'The rules were changed elsewhere meanwhile. Nothing you typed is lost: look through them and save again.'
            : errorText(save.error)}
        </div>
      )}
      <Conflict what="the rules" edited={edited} words={words} />
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={!edited.changed || edited.clashes.length > 0}>
          Save the rules
        </Button>
        {!edited.changed && <span className="t3 xs">Nothing is changed.</span>}
        <ConflictReason edited={edited} />
      </div>
    </form>
  );
}

/** In which order and how fast a page walks through one's own contacts. */
export function NotificationRulesPanel() {
  const rules = useQuery(rulesQuery);
  const contacts = useQuery(contactsQuery);
  return (
    <section className="panel" aria-labelledby="rules">
      <header>
        <h2 id="rules">When you are paged</h2>
        <span className="t3 cut">steps run until you acknowledge</span>
      </header>
      <QueryState query={rules} what="your notification rules" rows={3}>
        {(data) => (
          <QueryState query={contacts} what="your contacts" rows={3}>
            {({ items }) => <Editor rules={data} contacts={items} />}
          </QueryState>
        )}
      </QueryState>
    </section>
  );
}
