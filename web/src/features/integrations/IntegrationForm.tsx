import { Button, JsonInput, Radio, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Integration } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { CopyField } from '../../ui/CopyField.tsx';
import { FIRST_MAPPING, KINDS, snippets } from './kinds.ts';
import { teamChoicesQuery, useIntegrationChange } from './queries.ts';

const pretty = (value: unknown) => JSON.stringify(value ?? {}, null, 2);

function parsed(text: string): { value?: unknown; error?: string } {
  try {
    return { value: JSON.parse(text || '{}') as unknown };
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'This is not JSON.' };
  }
}

/** The key is shown here and nowhere else. */
export function KeyOnce({
  integration,
  secret,
  onDone,
}: {
  integration: Integration;
  secret: string;
  onDone: () => void;
}) {
  return (
    <div className="stack">
      <div className="note warn" role="status">
        Copy the key or a snippet now: only its hash is stored, so it is never shown again. You can make a new key at
        any time.
      </div>
      <CopyField value={secret} label="key" />
      {snippets(integration.kind, integration.url, secret).map(({ title, text }) => (
        <section key={title}>
          <h3 style={{ marginBottom: 4 }}>{title}</h3>
          <CopyField value={text} label={title} block />
        </section>
      ))}
      <div>
        <Button onClick={onDone}>I have copied it</Button>
      </div>
    </div>
  );
}

const draftOf = (integration: Integration | undefined) => ({
  name: integration?.name ?? '',
  team: integration?.team?.id ?? null,
  settings: pretty(integration?.settings),
  mapping: pretty(integration?.mapping ?? FIRST_MAPPING),
});

/** Makes an alert source or changes the one given. */
export function IntegrationForm({
  integration,
  onDone,
}: {
  integration?: Integration;
  onDone: (integration: Integration) => void;
}) {
  const teams = useQuery(teamChoicesQuery);
  const edited = useVersioned(integration, draftOf);
  const { name, team, settings, mapping } = edited.draft;
  const [kind, setKind] = useState<Integration['kind']>(integration?.kind ?? 'alertmanager');
  const words: FieldWords<ReturnType<typeof draftOf>> = {
    name: { label: 'Name', text: (value) => value },
    team: { label: 'Team', text: (value) => teams.data?.items.find(({ id }) => id === value)?.name ?? value },
    settings: { label: 'Settings', text: (value) => value },
    mapping: { label: 'Mapping', text: (value) => value },
  };
  const readSettings = parsed(settings);
  const readMapping = parsed(mapping);
  const save = useIntegrationChange(async () => {
    const body = {
      name,
      team_id: team,
      settings: readSettings.value,
      ...(kind === 'generic' && { mapping: readMapping.value }),
    };
    return integration
      ? {
          ...(await api.patch<Integration>(`/integrations/${integration.id}`, body, {
            ifMatch: edited.version ?? integration.version,
          })),
          key: undefined,
        }
      : await api.post<Integration & { key?: string }>('/integrations', {
          ...body,
          kind,
          ...(!team && { team_id: undefined }),
        });
  });
  const made = save.data;
  if (made?.key) return <KeyOnce integration={made} secret={made.key} onDone={() => onDone(made)} />;
  const errors = formErrors(save.error);
  const invalid = readSettings.error ?? (kind === 'generic' ? readMapping.error : undefined);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, { onSuccess: (saved) => !saved.key && onDone(saved) });
      }}
    >
      <TextInput
        label="Name"
        description="Such as Prometheus prod-eu."
        value={name}
        onChange={(event) => edited.set({ name: event.currentTarget.value })}
        error={errors.name}
        data-autofocus
        required
      />
      {!integration && (
        <Radio.Group
          label="What sends"
          value={kind}
          onChange={(value) => setKind(value as Integration['kind'])}
          error={errors.kind}
        >
          <div className="stack" style={{ gap: 8, marginTop: 4 }}>
            {Object.entries(KINDS).map(([value, { label, text }]) => (
              <Radio key={value} value={value} label={label} description={text} />
            ))}
          </div>
        </Radio.Group>
      )}
      <Select
        label="Team"
        description="Its alerts belong to this team when no service names another."
        data={teams.data?.items.map(({ id, name: label }) => ({ value: id, label })) ?? []}
        value={team}
        onChange={(value) => edited.set({ team: value })}
        placeholder="none"
        error={errors.team_id}
        clearable
        searchable
      />
      {kind === 'generic' && (
        <JsonInput
          label="Mapping"
          description="Conditions are CEL, texts are templates. Both know payload, item and index."
          value={mapping}
          onChange={(value) => edited.set({ mapping: value })}
          error={readMapping.error ?? errors.mapping}
          autosize
          minRows={8}
          maxRows={24}
        />
      )}
      {kind === 'alertmanager' && (
        <JsonInput
          label="Settings"
          description="severity_label, priorities, default_priority, tag_labels. Empty for the usual ones."
          value={settings}
          onChange={(value) => edited.set({ settings: value })}
          error={readSettings.error ?? errors.settings}
          autosize
          minRows={3}
          maxRows={16}
        />
      )}
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
      <Conflict what="the alert source" edited={edited} words={words} />
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={Boolean(invalid) || edited.clashes.length > 0}>
          {integration ? 'Save' : 'Create the alert source'}
        </Button>
        {invalid && <span className="t3 xs">The JSON cannot be read yet.</span>}
        <ConflictReason edited={edited} />
      </div>
    </form>
  );
}
