import { Button, Drawer, Select, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconWand } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { EscalationPolicy, Priority } from '../../api/types.ts';
import { api, errorText, serverNow } from '../../lib/api.ts';
import { usePersonZone } from '../../lib/time.ts';
import { toastError } from '../../lib/toast.ts';
import { instantOf, minuteIn } from '../../lib/zone.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Moment } from '../../ui/Time.tsx';
import { PolicyForm } from './PolicyForm.tsx';
import { policyQuery, type RehearsedStep, useOnCallChange, versionsQuery } from './queries.ts';
import { StepList } from './StepList.tsx';

const route = getRouteApi('/shell/oncall/policies/$id');

function Rehearsal({ policy }: { policy: EscalationPolicy }) {
  const zone = usePersonZone();
  const [at, setAt] = useState(minuteIn(serverNow(), zone));
  const [priority, setPriority] = useState<Priority>('P1');
  const rehearse = useMutation({
    mutationFn: () =>
      api.post<{ steps: RehearsedStep[] }>(`/escalation-policies/${policy.id}/rehearse`, {
        at: new Date(instantOf(at, zone)).toISOString(),
        priority,
      }),
  });
  return (
    <section className="panel" aria-labelledby="rehearsal">
      <header>
        <h2 id="rehearsal">Rehearsal</h2>
        <span className="t3">nothing is sent</span>
      </header>
      <form
        className="pad row wrap"
        style={{ alignItems: 'flex-end' }}
        onSubmit={(event) => {
          event.preventDefault();
          rehearse.mutate();
        }}
      >
        <TextInput
          type="datetime-local"
          label={`An alert at, in ${zone}`}
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
          required
        />
        <Select
          label="Priority"
          w={90}
          data={['P1', 'P2', 'P3', 'P4', 'P5']}
          value={priority}
          onChange={(value) => setPriority((value ?? 'P1') as Priority)}
        />
        <Button type="submit" variant="default" leftSection={<IconWand size={16} />} loading={rehearse.isPending}>
          Who is paged, if nobody acknowledges?
        </Button>
      </form>
      {rehearse.isError && (
        <p className="pad c-critical" role="alert">
          {errorText(rehearse.error)}
        </p>
      )}
      {rehearse.data && (
        <ol className="pad stack" aria-live="polite">
          {rehearse.data.steps.map((step, index) => (
            <li key={index}>
              <div className="row">
                <span className="t3">
                  <Moment at={step.at} as="until" />
                </span>
                <b className="sb">{step.text}</b>
              </div>
              {step.problem && (
                <div className="note warn" style={{ marginTop: 4 }}>
                  <IconAlertTriangle size={16} aria-hidden="true" />
                  <span>{step.problem}</span>
                </div>
              )}
              {step.people.map(({ person, contacts, because }) => (
                <div key={person.id} className="row wrap" style={{ marginTop: 4 }}>
                  <PersonName person={person} />
                  <span className="t3 xs">because {because}</span>
                  {contacts.map(({ kind, address, at: when }) => (
                    <span key={`${kind} ${address} ${when}`} className="tag">
                      {kind} {address} <Moment at={when} as="time" />
                    </span>
                  ))}
                </div>
              ))}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Versions({ id }: { id: string }) {
  const versions = useQuery(versionsQuery(id));
  return (
    <section className="panel" aria-labelledby="versions">
      <header>
        <h2 id="versions">Versions</h2>
      </header>
      <QueryState query={versions} what="the versions" rows={2}>
        {({ items }) => (
          <ul className="lines pad">
            {items.map(({ version, at, body }) => (
              <li key={version} style={{ alignItems: 'flex-start' }}>
                <details className="grow">
                  <summary>
                    Version {version}, <Moment at={at} />
                  </summary>
                  <pre className="mono" style={{ overflow: 'auto' }}>
                    {JSON.stringify(body, null, 2)}
                  </pre>
                </details>
              </li>
            ))}
          </ul>
        )}
      </QueryState>
    </section>
  );
}

function View({ policy }: { policy: EscalationPolicy }) {
  const navigate = useNavigate();
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const remove = useOnCallChange(() =>
    api.delete(`/escalation-policies/${policy.id}`, undefined, { ifMatch: policy.version }),
  );
  return (
    <>
      <PageHeader
        title={policy.name}
        crumbs={[
          <Link key="all" to="/oncall" search={{ tab: 'policies' }}>
            On-call
          </Link>,
          'Escalation policy',
        ]}
        after={
          <>
            {policy.team && <span className="tag line">{policy.team.name}</span>}
            <span className="tag line">version {policy.document_version}</span>
          </>
        }
        actions={
          <>
            <ActionButton
              action={findAction(policy.actions, 'edit')}
              shortcut="E"
              label="Edit the policy"
              onClick={() => setEditing(true)}
            >
              Edit
            </ActionButton>
            <ActionButton
              action={findAction(policy.actions, 'delete')}
              reason="tooltip"
              onClick={() => setDeleting(true)}
            >
              Delete
            </ActionButton>
          </>
        }
        meta={policy.description && <span>{policy.description}</span>}
      />
      <div className="page-body">
        <div className="columns-2">
          <section className="panel" aria-labelledby="steps">
            <header>
              <h2 id="steps">Steps</h2>
              <span className="t3 cut">each counted from the one before; people are looked up when a step is due</span>
            </header>
            <div className="pad">
              <StepList policy={policy} />
            </div>
          </section>
          <div className="stack">
            <Rehearsal policy={policy} />
            <Versions id={policy.id} />
          </div>
        </div>
      </div>
      <Drawer
        opened={editing}
        onClose={() => setEditing(false)}
        title="Edit the policy"
        size={640}
        closeOnClickOutside={false}
      >
        <PolicyForm policy={policy} onDone={() => setEditing(false)} />
      </Drawer>
      <ConfirmDialog
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${policy.name}?`}
        confirm="Delete the policy"
        loading={remove.isPending}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => void navigate({ to: '/oncall', search: { tab: 'policies' } }),
            onError: (error) => toastError(error, 'The policy is still there'),
          })
        }
      >
        New alerts no longer escalate by it. Escalations that run keep the version they started with.
      </ConfirmDialog>
    </>
  );
}

/** One escalation policy: its steps, its versions, and whom it would page. */
export function PolicyPage() {
  const { id } = route.useParams();
  const policy = useQuery(policyQuery(id));
  return (
    <QueryState query={policy} what="the escalation policy" rows={8} screen>
      {(data) => <View policy={data} />}
    </QueryState>
  );
}
