import { Button, Select, TextInput } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Organisation } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { checklistQuery } from '../../lib/setup.ts';
import { timeZones } from '../../lib/time.ts';
import { toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { QueryState } from '../../ui/QueryState.tsx';

const organisationQuery = queryOptions({
  queryKey: ['setup', 'organisation'],
  queryFn: ({ signal }) => api.get<Organisation>('/setup/organisation', { signal }),
});

const draftOf = (organisation: Organisation | undefined) => ({
  time_zone: organisation?.time_zone ?? '',
  locale: organisation?.locale ?? 'en',
});
const WORDS: FieldWords<ReturnType<typeof draftOf>> = {
  time_zone: { label: 'Time zone', text: (value) => value },
  locale: { label: 'Language', text: (value) => value },
};

function Form({ organisation }: { organisation: Organisation }) {
  const client = useQueryClient();
  const edited = useVersioned(organisation, draftOf);
  const { time_zone, locale } = edited.draft;
  const save = useMutation({
    mutationFn: () =>
      api.put<Organisation>('/setup/organisation', edited.draft, { ifMatch: edited.version ?? organisation.version }),
    onSuccess: (answer) => {
      client.setQueryData(organisationQuery.queryKey, answer);
      toastOk('The organisation is saved');
      return client.invalidateQueries({ queryKey: checklistQuery.queryKey });
    },
    onError: () => client.invalidateQueries({ queryKey: organisationQuery.queryKey }),
  });
  const errors = formErrors(save.error);
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <form
      className="pad stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <TextInput
        label="Name"
        description="It stands in the configuration, as `organisation`."
        value={organisation.name}
        readOnly
        maw={420}
      />
      <div className="row wrap" style={{ alignItems: 'flex-end' }}>
        <Select
          label="Time zone"
          description="What new people begin with; each can choose their own. Office hours are in it until somebody edits them."
          placeholder="Choose the zone"
          data={timeZones(time_zone)}
          value={time_zone || null}
          onChange={(value) => edited.set({ time_zone: value ?? '' })}
          error={errors.time_zone}
          searchable
          limit={60}
          w={420}
          maw="100%"
          required
        />
        {!time_zone && here && (
          <Button variant="default" onClick={() => edited.set({ time_zone: here })}>
            Use {here}
          </Button>
        )}
      </div>
      <TextInput
        label="Language"
        description="A language tag, such as en or nb-NO: how dates and numbers are written."
        value={locale}
        onChange={(event) => edited.set({ locale: event.currentTarget.value })}
        error={errors.locale}
        maw={420}
        required
      />
      <Conflict what="the organisation" edited={edited} words={WORDS} />
      {save.isError && edited.clashes.length === 0 && Object.keys(errors).length === 0 && (
        <p className="c-critical" role="alert">
          {errorText(save.error)}
        </p>
      )}
      <div className="row">
        <Button
          type="submit"
          loading={save.isPending}
          disabled={!time_zone || (!edited.changed && Boolean(organisation.time_zone)) || edited.clashes.length > 0}
        >
          Save
        </Button>
        <ConflictReason edited={edited} />
      </div>
    </form>
  );
}

/** What new people begin with. */
export function OrganisationPanel() {
  const organisation = useQuery(organisationQuery);
  return (
    <section className="panel" aria-labelledby="organisation">
      <header>
        <h2 id="organisation">Organisation</h2>
      </header>
      <QueryState query={organisation} what="the organisation" rows={3}>
        {(data) => <Form organisation={data} />}
      </QueryState>
    </section>
  );
}
