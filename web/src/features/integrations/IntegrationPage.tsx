import { Button, Drawer, JsonInput, Modal } from '@mantine/core';
import { IconInbox, IconKey, IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Integration, IntegrationEvent } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { CopyField } from '../../ui/CopyField.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { IntegrationForm, KeyOnce } from './IntegrationForm.tsx';
import { KEY_PLACEHOLDER, KINDS, snippets } from './kinds.ts';
import { eventsQuery, integrationQuery, useIntegrationChange } from './queries.ts';

const route = getRouteApi('/shell/integrations/$id');

function prettyPayload(event: IntegrationEvent): string {
  if (event.truncated) return event.payload;
  try {
    return JSON.stringify(JSON.parse(event.payload), null, 2);
  } catch {
    return event.payload;
  }
}

function EventRow({ event, integration }: { event: IntegrationEvent; integration: Integration }) {
  const replay = useIntegrationChange(() =>
    api.post<IntegrationEvent>(`/integrations/${integration.id}/events/${event.id}/replay`),
  );
  return (
    <li style={{ borderBottom: '1px solid var(--bw-line)', padding: '6px 0' }}>
      <details>
        <summary className="row wrap" style={{ cursor: 'pointer', minHeight: 28 }}>
          {event.state === 'accepted' ? (
            <StatusBadge tone="ok">Accepted</StatusBadge>
          ) : (
            <StatusBadge tone="critical">Rejected</StatusBadge>
          )}
          <span className="t3">
            <RelativeTime at={event.received_at} />
          </span>
          {event.reason && <span className="grow">{event.reason}</span>}
          {event.place && <span className="mono t2">{event.place}</span>}
          {event.alerts.length > 0 && (
            <span className="cnt">{event.alerts.length === 1 ? '1 alert' : `${event.alerts.length} alerts`}</span>
          )}
        </summary>
        <div className="stack" style={{ padding: '8px 0' }}>
          {event.alerts.length > 0 && (
            <ul className="lines">
              {event.alerts.map((alert) => (
                <li key={alert.id}>
                  <PriorityPennant priority={alert.priority} />
                  <Link to="/alerts/$id" params={{ id: alert.id }}>
                    {alert.message}
                  </Link>
                  <span className="t3">{alert.status}</span>
                </li>
              ))}
            </ul>
          )}
          <CopyField value={prettyPayload(event)} label="payload" block />
          {event.truncated && <p className="t3 xs">The payload was longer; its beginning is kept.</p>}
          <div>
            <ActionButton
              action={findAction(integration.actions, 'replay')}
              leftSection={<IconRefresh size={16} />}
              loading={replay.isPending}
              onClick={() =>
                replay.mutate(undefined, {
                  onSuccess: (again) =>
                    again.state === 'accepted'
                      ? toastOk('The event was accepted this time')
                      : toastError(again.reason ?? 'It was rejected again', 'Rejected again'),
                  onError: (error) => toastError(error),
                })
              }
            >
              Run again
            </ActionButton>
          </div>
        </div>
      </details>
    </li>
  );
}

/** The last 50 events as they came, with why one was rejected. */
function Inspector({ integration }: { integration: Integration }) {
  const events = useQuery(eventsQuery(integration.id));
  return (
    <section className="panel" aria-labelledby="events">
      <header>
        <h2 id="events">Last events</h2>
        <span className="t3 cut">the last 50 are kept</span>
      </header>
      <QueryState query={events} what="the events" rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="No event arrived yet" icon={IconInbox}>
              {integration.last_event_at
                ? 'Older events are no longer kept.'
                : 'Paste a snippet into the sender, or try the curl line.'}
            </EmptyState>
          ) : (
            <ul className="pad">
              {items.map((event) => (
                <EventRow key={event.id} event={event} integration={integration} />
              ))}
            </ul>
          )
        }
      </QueryState>
    </section>
  );
}

function DryRun({ integration }: { integration: Integration }) {
  const [text, setText] = useState('{}');
  const test = useIntegrationChange((payload: unknown) =>
    api.post<{ commands: unknown[]; errors: { place: string; message: string }[] }>(
      `/integrations/${integration.id}/test`,
      { payload },
    ),
  );
  const [broken, setBroken] = useState<string>();
  return (
    <section className="panel" aria-labelledby="dry-run">
      <header>
        <h2 id="dry-run">Dry run</h2>
        <span className="t3">nothing is raised</span>
      </header>
      <form
        className="pad stack"
        onSubmit={(event) => {
          event.preventDefault();
          try {
            const payload: unknown = JSON.parse(text);
            setBroken(undefined);
            test.mutate(payload);
          } catch (error) {
            setBroken(error instanceof Error ? error.message : 'This is not JSON.');
          }
        }}
      >
        <JsonInput
          aria-label="Payload"
          value={text}
          onChange={setText}
          error={broken}
          autosize
          minRows={4}
          maxRows={16}
        />
        <div>
          <Button type="submit" variant="default" loading={test.isPending}>
            Show what it would do
          </Button>
        </div>
        {test.isError && (
          <p className="c-critical" role="alert">
            {errorText(test.error)}
          </p>
        )}
        {test.data && (
          <div className="stack" aria-live="polite">
            {test.data.errors.map(({ place, message }) => (
              <div className="note critical" key={`${place} ${message}`}>
                <span>
                  <span className="mono">{place || 'payload'}</span>: {message}
                </span>
              </div>
            ))}
            {test.data.commands.length > 0 && (
              <CopyField value={JSON.stringify(test.data.commands, null, 2)} label="what it would do" block />
            )}
            {test.data.commands.length === 0 && test.data.errors.length === 0 && (
              <p className="t2">It would do nothing.</p>
            )}
          </div>
        )}
      </form>
    </section>
  );
}

function View({ integration }: { integration: Integration }) {
  const navigate = useNavigate();
  const [editing, setEditing] = useState(false);
  const [rotating, setRotating] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const rotate = useIntegrationChange(() => api.post<{ key: string }>(`/integrations/${integration.id}/rotate-key`));
  const change = useIntegrationChange((enabled: boolean) =>
    api.patch<Integration>(`/integrations/${integration.id}`, { enabled }, { ifMatch: integration.version }),
  );
  const remove = useIntegrationChange(() => api.delete(`/integrations/${integration.id}`));
  const edit = findAction(integration.actions, 'edit');
  return (
    <>
      <PageHeader
        title={integration.name}
        crumbs={[
          <Link key="all" to="/integrations">
            Alert sources
          </Link>,
          KINDS[integration.kind].label,
        ]}
        after={
          integration.enabled ? <StatusBadge tone="ok">On</StatusBadge> : <StatusBadge tone="hold">Paused</StatusBadge>
        }
        actions={
          <>
            <ActionButton
              action={edit}
              leftSection={integration.enabled ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
              loading={change.isPending}
              onClick={() => change.mutate(!integration.enabled, { onError: (error) => toastError(error) })}
            >
              {integration.enabled ? 'Pause' : 'Go on'}
            </ActionButton>
            <ActionButton
              action={findAction(integration.actions, 'rotate_key')}
              reason="tooltip"
              leftSection={<IconKey size={16} />}
              onClick={() => setRotating(true)}
            >
              New key
            </ActionButton>
            <ActionButton
              action={edit}
              reason="tooltip"
              shortcut="E"
              label="Edit the alert source"
              onClick={() => setEditing(true)}
            >
              Edit
            </ActionButton>
            <ActionButton
              action={findAction(integration.actions, 'delete')}
              reason="tooltip"
              onClick={() => setDeleting(true)}
            >
              Delete
            </ActionButton>
          </>
        }
        meta={
          <>
            <span>{integration.team?.name ?? 'no team'}</span>
            <span>
              key <span className="mono">{integration.key_prefix}…</span>
            </span>
            <span className="num">
              {integration.event_counts.accepted} accepted, {integration.event_counts.rejected} rejected
            </span>
            {integration.event_counts.waiting > 0 && (
              <span className="num c-warn" title="More came at once than can be done at once; nothing is lost">
                {integration.event_counts.waiting} waiting
              </span>
            )}
            <span>{integration.last_event_at ? <RelativeTime at={integration.last_event_at} /> : 'never heard'}</span>
          </>
        }
      />
      <div className="page-body">
        <div className="columns-2">
          <div className="stack">
            <section className="panel" aria-labelledby="connect">
              <header>
                <h2 id="connect">Connect the sender</h2>
                <span className="t3 cut">put your key in place of {KEY_PLACEHOLDER}</span>
              </header>
              <div className="pad stack">
                {snippets(integration.kind, integration.url, KEY_PLACEHOLDER).map(({ title, text }) => (
                  <div key={title}>
                    <h3 style={{ marginBottom: 4 }}>{title}</h3>
                    <CopyField value={text} label={title} block />
                  </div>
                ))}
              </div>
            </section>
            {integration.kind !== 'opsgenie' && <DryRun integration={integration} />}
          </div>
          <Inspector integration={integration} />
        </div>
      </div>
      <Drawer
        opened={editing}
        onClose={() => setEditing(false)}
        title="Edit the alert source"
        size={620}
        closeOnClickOutside={false}
      >
        <IntegrationForm integration={integration} onDone={() => setEditing(false)} />
      </Drawer>
      <ConfirmDialog
        opened={rotating && !rotate.data}
        onClose={() => setRotating(false)}
        title="Make a new key?"
        confirm="Make a new key"
        loading={rotate.isPending}
        onConfirm={() => rotate.mutate(undefined, { onError: (error) => toastError(error, 'The old key still holds') })}
      >
        The present key is refused from now on: the sender's alerts are lost until it has the new one.
      </ConfirmDialog>
      <Modal
        opened={rotating && Boolean(rotate.data)}
        onClose={() => setRotating(false)}
        title="The new key"
        size="lg"
        closeOnClickOutside={false}
      >
        {rotate.data && (
          <KeyOnce
            integration={integration}
            secret={rotate.data.key}
            onDone={() => {
              setRotating(false);
              rotate.reset();
            }}
          />
        )}
      </Modal>
      <ConfirmDialog
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${integration.name}?`}
        confirm="Delete the alert source"
        loading={remove.isPending}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => void navigate({ to: '/integrations' }),
            onError: (error) => toastError(error, 'The alert source is still there'),
          })
        }
      >
        Its key is refused from now on, and its kept events go. Alerts that it raised stay.
      </ConfirmDialog>
    </>
  );
}

/** One alert source: how to connect it, what it would do, what arrived. */
export function IntegrationPage() {
  const { id } = route.useParams();
  const integration = useQuery(integrationQuery(id));
  return (
    <QueryState query={integration} what="the alert source" rows={8} screen>
      {(data) => <View integration={data} />}
    </QueryState>
  );
}
