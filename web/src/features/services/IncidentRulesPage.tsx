import { NumberInput, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { IncidentChoice, IncidentRules, Priority } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { projectChoices } from '../../lib/choices.ts';
import { useCan } from '../../lib/session.ts';
import { toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { Conflict, type FieldWords } from '../../ui/Conflict.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { incidentRulesQuery, useServiceChange } from './queries.ts';
import classes from './Services.module.css';

const TIERS = ['1', '2', '3', '4'] as const;
const PRIORITIES: Priority[] = ['P1', 'P2', 'P3', 'P4', 'P5'];

const draftOf = (rules: IncidentRules | undefined) => ({
  '1': rules?.by_tier['1'] ?? {},
  '2': rules?.by_tier['2'] ?? {},
  '3': rules?.by_tier['3'] ?? {},
  '4': rules?.by_tier['4'] ?? {},
  most: rules?.storm_cap.max_incidents ?? 0,
  within: rules?.storm_cap.window_min ?? 0,
  project: rules?.project_id ?? null,
});
type Draft = ReturnType<typeof draftOf>;
const choices = (value: Draft['1']) =>
  PRIORITIES.map((priority) => `${priority}: ${value[priority] ?? 'ignore'}`).join(', ');
const WORDS: FieldWords<Draft> = {
  '1': { label: 'Tier 1', text: choices },
  '2': { label: 'Tier 2', text: choices },
  '3': { label: 'Tier 3', text: choices },
  '4': { label: 'Tier 4', text: choices },
  most: { label: 'Incidents at most', text: String },
  within: { label: 'Within minutes', text: String },
  project: { label: 'Project', text: (value) => value },
};

function Editor({ saved }: { saved: IncidentRules }) {
  const may = useCan('services:manage');
  const edited = useVersioned(saved, draftOf);
  const { draft } = edited;
  const save = useServiceChange(() =>
    api.put<IncidentRules>(
      '/incident-rules',
      {
        by_tier: Object.fromEntries(TIERS.map((tier) => [tier, draft[tier]])),
        storm_cap: { max_incidents: draft.most, window_min: draft.within },
        project_id: draft.project,
      },
      // Rules that were never saved have no version to quote.
      edited.version ? { ifMatch: edited.version } : {},
    ),
  );
  const refused = !may
    ? 'You miss the permission services:manage'
    : edited.clashes.length > 0
      ? 'First choose what stays'
      : edited.changed
        ? undefined
        : 'Nothing is changed';
  return (
    <>
      <PageHeader
        title="Incidents from alerts"
        crumbs={[
          <Link key="services" to="/services">
            Services
          </Link>,
          'Incidents from alerts',
        ]}
        actions={
          <ActionButton
            variant="filled"
            action={{ name: 'save', allowed: refused === undefined, ...(refused && { reason: refused }) }}
            loading={save.isPending}
            onClick={() =>
              save.mutate(undefined, {
                onSuccess: (answer) => {
                  edited.set(draftOf(answer));
                  toastOk('Saved; new alerts follow these rules');
                },
              })
            }
          >
            Save
          </ActionButton>
        }
        meta={
          <span>What an alert does, by the tier of its service and its priority. A service may say otherwise.</span>
        }
      />
      <div className="page-body">
        <Conflict what="the rules" edited={edited} words={WORDS} />
        {save.isError && edited.clashes.length === 0 && (
          <p className="note critical" role="alert">
            {errorText(save.error)}
          </p>
        )}
        <div className="columns-2">
          {TIERS.map((tier) => (
            <section key={tier} className="panel" aria-labelledby={`tier-${tier}`}>
              <header>
                <h2 id={`tier-${tier}`}>Tier {tier}</h2>
              </header>
              <div className={`pad ${classes.matrix}`}>
                {PRIORITIES.map((priority) => (
                  <div key={priority} style={{ display: 'contents' }}>
                    <PriorityPennant priority={priority} />
                    <SegmentedControl
                      aria-label={`Tier ${tier}, alerts of ${priority}`}
                      disabled={!may}
                      value={draft[tier][priority] ?? 'ignore'}
                      onChange={(value) => {
                        const { [priority]: _, ...others } = draft[tier];
                        const next = value === 'ignore' ? others : { ...others, [priority]: value as IncidentChoice };
                        edited.set({ [tier]: next });
                      }}
                      data={[
                        { value: 'open', label: 'Open one' },
                        { value: 'propose', label: 'Propose' },
                        { value: 'ignore', label: 'Neither' },
                      ]}
                    />
                  </div>
                ))}
              </div>
            </section>
          ))}
        </div>
        <section className="panel" aria-labelledby="storm">
          <header>
            <h2 id="storm">Storms and project</h2>
          </header>
          <div className="pad stack">
            <div className="row wrap" style={{ alignItems: 'flex-end' }}>
              <NumberInput
                label="Incidents at most"
                w={150}
                min={1}
                allowDecimal={false}
                disabled={!may}
                value={draft.most}
                onChange={(value) => edited.set({ most: Number(value) || 1 })}
              />
              <NumberInput
                label="Within minutes"
                w={150}
                min={1}
                allowDecimal={false}
                disabled={!may}
                value={draft.within}
                onChange={(value) => edited.set({ within: Number(value) || 1 })}
              />
            </div>
            <p className="t3 xs">Alerts beyond that fold into the last incident instead of opening more.</p>
            <RecordSelect
              label="Project"
              description="Where incidents open; the oldest project unless one is chosen."
              placeholder="the oldest"
              source={projectChoices}
              value={draft.project}
              onChange={(id) => edited.set({ project: id })}
              disabled={!may}
              maw={340}
            />
          </div>
        </section>
      </div>
    </>
  );
}

/** When alerts open incidents by themselves. */
export function IncidentRulesPage() {
  const rules = useQuery(incidentRulesQuery);
  return (
    <QueryState query={rules} what="the incident rules" rows={8} screen>
      {(data) => <Editor saved={data} />}
    </QueryState>
  );
}
