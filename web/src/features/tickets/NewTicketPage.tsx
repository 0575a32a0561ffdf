import { Button, SegmentedControl, Select, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Ticket, TicketKind } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { peopleChoices, projectChoices, serviceChoices, teamChoices } from '../../lib/choices.ts';
import { useDraft } from '../../lib/draft.ts';
import { fieldsQuery, filledIn, isFor } from '../../lib/fields.ts';
import { useCan } from '../../lib/session.ts';
import { FieldInput } from '../../ui/FieldInput.tsx';
import { MentionField } from '../../ui/MentionField.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { projectKindsQuery, useTicketChange } from './queries.ts';
import classes from './Tickets.module.css';
import { IMPACTS, KINDS, URGENCIES } from './words.ts';

const route = getRouteApi('/shell/tickets/new');

/** Raises an incident or a request. Summary and description survive a reload until they are sent. */
export function NewTicketPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const agent = useCan('tickets:write');
  const mayServices = useCan('services:read');
  const projects = useQuery(projectKindsQuery);
  const [project, setProject] = useState<string | null>(search.project ?? null);
  const [kind, setKind] = useState<TicketKind>(search.kind ?? (agent ? 'incident' : 'request'));
  const [summary, setSummary, clearSummary] = useDraft('new-ticket:summary');
  const [description, setDescription, clearDescription] = useDraft('new-ticket:description');
  const [service, setService] = useState<string | null>(search.service ?? null);
  const [impact, setImpact] = useState<string | null>(null);
  const [urgency, setUrgency] = useState<string | null>(null);
  const [team, setTeam] = useState<string | null>(null);
  const [assignee, setAssignee] = useState<string | null>(null);
  const [labels, setLabels] = useState<string[]>([]);
  // Until one is chosen: the project whose tickets are of this kind, or the only one.
  const all = projects.data?.items ?? [];
  const usual = all.length === 1 ? all[0] : all.toReversed().find(({ default_kind }) => default_kind === kind);
  const chosen = project ?? usual?.id ?? null;
  const [values, setValues] = useState<Record<string, unknown>>({});
  const fields = (useQuery(fieldsQuery).data?.items ?? []).filter(
    ({ definition }) => isFor(definition, chosen, kind) && (agent || definition.customers === 'write'),
  );
  const filled = filledIn(fields, values);
  const create = useTicketChange(() =>
    api.post<Ticket>('/tickets', {
      project_id: chosen,
      kind,
      summary,
      ...(description && { description }),
      ...(impact && { impact }),
      ...(urgency && { urgency }),
      ...(service && { service_id: service }),
      ...(team && { team_id: team }),
      ...(assignee && { assignee_id: assignee }),
      ...(labels.length > 0 && { labels }),
      ...(Object.keys(filled).length > 0 && { fields: filled }),
    }),
  );
  const errors = formErrors(create.error);
  return (
    <>
      <PageHeader
        title={agent ? 'New ticket' : 'New request'}
        crumbs={[
          <Link key="tickets" to="/tickets">
            Tickets
          </Link>,
          'New',
        ]}
      />
      <div className="page-body">
        <section className={`panel ${classes.form}`} aria-label="New ticket">
          <form
            className="pad stack"
            onSubmit={(event) => {
              event.preventDefault();
              create.mutate(undefined, {
                onSuccess: ({ key }) => {
                  clearSummary();
                  clearDescription();
                  void navigate({ to: '/tickets/$key', params: { key } });
                },
              });
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
            }}
          >
            {agent && (
              <SegmentedControl
                aria-label="Kind"
                value={kind}
                onChange={(value) => setKind(value as TicketKind)}
                data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
              />
            )}
            <RecordSelect
              label="Project"
              source={projectChoices}
              current={all.find(({ id }) => id === chosen) ?? null}
              value={chosen}
              onChange={setProject}
              error={errors.project_id ?? errors.project_key}
              clearable={false}
              required
            />
            <TextInput
              label="Summary"
              value={summary}
              onChange={(event) => setSummary(event.currentTarget.value)}
              error={errors.summary}
              required
              data-autofocus
            />
            <MentionField
              label="Description"
              value={description}
              onChange={setDescription}
              error={errors.description}
              autosize
              minRows={4}
            />
            {mayServices && (
              <RecordSelect
                label="Service"
                description="Its tier decides the impact, unless you say otherwise."
                source={serviceChoices}
                value={service}
                onChange={setService}
                error={errors.service_id}
              />
            )}
            {agent && (
              <>
                <div className="columns-2">
                  <Select
                    label="Impact"
                    placeholder="From the service"
                    data={IMPACTS}
                    value={impact}
                    onChange={setImpact}
                    error={errors.impact}
                    clearable
                  />
                  <Select
                    label="Urgency"
                    placeholder="Medium"
                    data={URGENCIES}
                    value={urgency}
                    onChange={setUrgency}
                    error={errors.urgency}
                    clearable
                  />
                </div>
                <div className="columns-2">
                  <RecordSelect
                    label="Team"
                    source={teamChoices}
                    value={team}
                    onChange={setTeam}
                    error={errors.team_id}
                  />
                  <RecordSelect
                    label="Assignee"
                    source={peopleChoices}
                    value={assignee}
                    onChange={setAssignee}
                    error={errors.assignee_id}
                  />
                </div>
                <TagsInput label="Labels" value={labels} onChange={setLabels} error={errors.labels} />
              </>
            )}
            {fields.map(({ key, definition }) => (
              <FieldInput
                key={key}
                field={definition}
                value={key in values ? values[key] : definition.default}
                onChange={(value) => setValues((old) => ({ ...old, [key]: value }))}
                error={errors[`fields.${key}`]}
              />
            ))}
            {create.isError && Object.keys(errors).length === 0 && (
              <p className="c-critical" role="alert">
                {errorText(create.error)}
              </p>
            )}
            <div className="row">
              <Button type="submit" loading={create.isPending} disabled={!chosen}>
                Create the {kind}
                <kbd className="hide-phone" style={{ marginLeft: 6 }}>
                  Ctrl Enter
                </kbd>
              </Button>
              {!chosen && <span className="t3 xs">Choose a project first.</span>}
            </div>
          </form>
        </section>
      </div>
    </>
  );
}
