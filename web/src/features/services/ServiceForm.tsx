import { ActionIcon, Button, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { IncidentChoice, Priority, Responder, Service } from '../../api/types.ts';
import { ApiError, api, errorText, formErrors } from '../../lib/api.ts';
import { peopleChoices, policyChoices, scheduleChoices, teamChoices } from '../../lib/choices.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { useServiceChange } from './queries.ts';
import classes from './Services.module.css';

const PRIORITIES: Priority[] = ['P1', 'P2', 'P3', 'P4', 'P5'];
const SOURCES = {
  person: { label: 'Person', source: peopleChoices },
  team: { label: 'Team', source: teamChoices },
  schedule: { label: 'Schedule', source: scheduleChoices },
  policy: { label: 'Escalation policy', source: policyChoices },
} as const;

/** Who is called for the service besides its policy. */
function Responders({ value, onChange }: { value: Responder[]; onChange: (next: Responder[]) => void }) {
  const [kind, setKind] = useState<Responder['kind']>('schedule');
  return (
    <fieldset className="stack" style={{ gap: 6 }}>
      <legend className="b">Responders</legend>
      <ul className="lines">
        {value.map((responder) => (
          <li key={`${responder.kind} ${responder.id}`}>
            <span className="cut">{responder.name}</span>
            <span className="end t3 xs">{SOURCES[responder.kind].label}</span>
            <ActionIcon
              variant="subtle"
              size={26}
              aria-label={`Remove ${responder.name}`}
              onClick={() => onChange(value.filter((each) => each !== responder))}
            >
              <IconX size={14} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <div className="row">
        <Select
          aria-label="Kind of responder"
          data={Object.entries(SOURCES).map(([id, { label }]) => ({ value: id, label }))}
          value={kind}
          onChange={(next) => next && setKind(next as Responder['kind'])}
          allowDeselect={false}
          w={150}
        />
        <RecordSelect
          key={`${kind} ${value.length}`}
          aria-label={`Add a ${SOURCES[kind].label.toLowerCase()}`}
          placeholder="Add …"
          source={SOURCES[kind].source}
          value={null}
          onChange={(id, name) => {
            if (id && !value.some((each) => each.kind === kind && each.id === id)) {
              onChange([...value, { kind, id, name: name ?? '' }]);
            }
          }}
          className="grow"
        />
      </div>
    </fieldset>
  );
}

const draftOf = (service: Service | undefined) => ({
  name: service?.name ?? '',
  description: service?.description ?? '',
  tier: String(service?.tier ?? 3),
  owner: service?.owner_team ?? null,
  policy: service?.escalation_policy ?? null,
  responders: service?.responders ?? [],
  rule: service?.incident_rule.by_priority ?? {},
});
const WORDS: FieldWords<ReturnType<typeof draftOf>> = {
  name: { label: 'Name', text: (value) => value },
  description: { label: 'What it does', text: (value) => value },
  tier: { label: 'Tier', text: (value) => value },
  owner: { label: 'Owner', text: (value) => value?.name },
  policy: { label: 'Escalation policy', text: (value) => value?.name },
  responders: { label: 'Responders', text: (value) => value.map(({ name }) => name).join(', ') },
  rule: {
    label: 'What an alert does about an incident',
    text: (value) =>
      PRIORITIES.filter((priority) => value[priority])
        .map((priority) => `${priority}: ${value[priority]}`)
        .join(', ') || 'as the tier',
  },
};

/** Makes a service, or changes the one given. What was typed stays when the server refuses. */
export function ServiceForm({ service, onDone }: { service?: Service; onDone: (service: Service) => void }) {
  const edited = useVersioned(service, draftOf);
  const { name, description, tier, owner, policy, responders, rule } = edited.draft;
  const save = useServiceChange(() => {
    const body = {
      name,
      description,
      tier: Number(tier),
      owner_team_id: owner?.id ?? null,
      escalation_policy_id: policy?.id ?? null,
      responders: responders.map(({ kind, id }) => ({ kind, id })),
      incident_rule: { by_priority: rule },
    };
    return service
      ? api.patch<Service>(`/services/${service.id}`, body, { ifMatch: edited.version ?? service.version })
      : api.post<Service>('/services', body);
  });
  const errors = formErrors(save.error);
  const stale = save.error instanceof ApiError && save.error.code === 'version_conflict';
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, { onSuccess: onDone });
      }}
    >
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => edited.set({ name: event.currentTarget.value })}
        error={errors.name ?? errors.key}
        required
        data-autofocus
      />
      <Textarea
        label="What it does"
        value={description}
        onChange={(event) => edited.set({ description: event.currentTarget.value })}
        error={errors.description}
        autosize
        minRows={2}
      />
      <div>
        <div className="b" id="service-tier">
          Tier
        </div>
        <SegmentedControl
          aria-labelledby="service-tier"
          data={['1', '2', '3', '4']}
          value={tier}
          onChange={(value) => edited.set({ tier: value })}
          fullWidth
        />
        <p className="t3 xs">1: the business stands still without it. 4: it can wait.</p>
      </div>
      <RecordSelect
        label="Owner"
        source={teamChoices}
        value={owner?.id}
        current={owner}
        onChange={(id, label) => edited.set({ owner: id ? { id, name: label ?? '' } : null })}
        error={errors.owner_team_id}
      />
      <RecordSelect
        label="Escalation policy"
        description="Without one, the policy of the owning team is used."
        source={policyChoices}
        value={policy?.id}
        current={policy}
        onChange={(id, label) => edited.set({ policy: id ? { id, name: label ?? '' } : null })}
        error={errors.escalation_policy_id}
      />
      <Responders value={responders} onChange={(next) => edited.set({ responders: next })} />
      {errors.responders && <p className="c-critical">{errors.responders}</p>}
      <fieldset>
        <legend className="b">What an alert does about an incident</legend>
        <div className={classes.matrix}>
          {PRIORITIES.map((priority) => (
            <div key={priority} style={{ display: 'contents' }}>
              <PriorityPennant priority={priority} />
              <SegmentedControl
                aria-label={`Alerts of ${priority}`}
                value={rule[priority] ?? 'tier'}
                onChange={(value) => {
                  const { [priority]: _, ...others } = rule;
                  edited.set({ rule: value === 'tier' ? others : { ...others, [priority]: value as IncidentChoice } });
                }}
                data={[
                  { value: 'tier', label: 'As the tier' },
                  { value: 'open', label: 'Open' },
                  { value: 'propose', label: 'Propose' },
                  { value: 'ignore', label: 'Ignore' },
                ]}
              />
            </div>
          ))}
        </div>
      </fieldset>
      {save.isError && Object.keys(errors).length === 0 && (
        <p className="c-critical" role="alert">
          {stale
            ? 'Somebody else changed the service meanwhile. Nothing you typed is lost: look through the form and save again.'
            : errorText(save.error)}
        </p>
      )}
      <Conflict what="the service" edited={edited} words={WORDS} />
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={edited.clashes.length > 0}>
          {service ? 'Save' : 'Create the service'}
        </Button>
        <ConflictReason edited={edited} />
      </div>
    </form>
  );
}
