import { Button, Menu, Modal } from '@mantine/core';
import {
  IconClock,
  IconDots,
  IconFlag,
  IconHeartbeat,
  IconLayoutGrid,
  IconMessage,
  IconUserPlus,
  IconUsersGroup,
  IconX,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Alert, Priority } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { peopleChoices, policyChoices, scheduleChoices, teamChoices } from '../../lib/choices.ts';
import { useMe } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { localTimes } from '../../lib/time.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { AlertState } from '../../ui/AlertState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { Elapsed, Moment, RelativeTime } from '../../ui/Time.tsx';
import { Why } from '../../ui/Why.tsx';
import { AlertSide } from './AlertSide.tsx';
import classes from './Alerts.module.css';
import { Log } from './Log.tsx';
import { Notes } from './Notes.tsx';
import { PageActions, PagePanel, useCommands } from './PagePanel.tsx';
import { alertQuery, useAlertChange } from './queries.ts';
import { Trail } from './Trail.tsx';

const route = getRouteApi('/shell/alerts/$id');

const RESPONDERS = {
  person: { label: 'Person', source: peopleChoices },
  team: { label: 'Team', source: teamChoices },
  schedule: { label: 'Schedule', source: scheduleChoices },
  policy: { label: 'Escalation policy', source: policyChoices },
} as const;

/** Who else to page: a person, a team, whoever is on call in a schedule, or a whole policy. */
function AddResponder({ alert, opened, onClose }: { alert: Alert; opened: boolean; onClose: () => void }) {
  const [kind, setKind] = useState<keyof typeof RESPONDERS>('person');
  const [id, setId] = useState<string | null>(null);
  const add = useAlertChange(() => api.post<Alert>(`/alerts/${alert.id}/responders`, { kind, id }));
  return (
    <Modal opened={opened} onClose={onClose} title="Add a responder" centered size="sm">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!id) return;
          add.mutate(undefined, {
            onSuccess: () => {
              toastOk('Added; the trail shows who is told');
              onClose();
            },
            onError: (error) => toastError(error, 'Nobody was added'),
          });
        }}
      >
        <div className="row wrap" role="radiogroup" aria-label="Kind of responder">
          {Object.entries(RESPONDERS).map(([value, { label }]) => (
            <Button
              key={value}
              role="radio"
              aria-checked={kind === value}
              variant={kind === value ? 'light' : 'default'}
              onClick={() => {
                setKind(value as keyof typeof RESPONDERS);
                setId(null);
              }}
            >
              {label}
            </Button>
          ))}
        </div>
        <RecordSelect
          key={kind}
          label={RESPONDERS[kind].label}
          source={RESPONDERS[kind].source}
          value={id}
          onChange={setId}
          data-autofocus
        />
        <div>
          <Button type="submit" loading={add.isPending} disabled={!id}>
            Add and page
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Hands the alert to one person. */
function Assign({ alert, opened, onClose }: { alert: Alert; opened: boolean; onClose: () => void }) {
  const commands = useCommands(alert);
  return (
    <Modal opened={opened} onClose={onClose} title="Assign the alert" centered size="sm">
      <RecordSelect
        label="Person"
        source={peopleChoices}
        value={alert.owner?.id}
        current={alert.owner ?? null}
        onChange={(id, name) => {
          if (!id) return;
          commands.run({ action: 'assign', person_id: id }, `Assigned to ${name}`);
          onClose();
        }}
        clearable={false}
        data-autofocus
      />
    </Modal>
  );
}

function MoreMenu({ alert, onAssign }: { alert: Alert; onAssign: () => void }) {
  const commands = useCommands(alert);
  const change = useAlertChange((priority: Priority) => api.patch<Alert>(`/alerts/${alert.id}`, { priority }));
  const may = (name: string) => findAction(alert.actions, name);
  const item = (name: string, label: string, onClick: () => void) => {
    const action = may(name);
    if (!action) return null;
    return (
      <Menu.Item disabled={!action.allowed} onClick={onClick}>
        {label}
        {!action.allowed && <span className="xs t3"> {localTimes(action.reason ?? '')}</span>}
      </Menu.Item>
    );
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="subtle" color="gray" px={6} aria-label="More actions">
          <IconDots size={16} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {item('unacknowledge', 'Give it back: page again', () =>
          commands.run({ action: 'unacknowledge' }, 'Given back'),
        )}
        {item('unsnooze', 'End the snooze', () => commands.run({ action: 'unsnooze' }, 'The snooze has ended'))}
        {item('assign', 'Assign …', onAssign)}
        {alert.incident_state === 'none' &&
          item('open_incident', 'Open an incident', () => commands.run({ action: 'incident' }, 'An incident opens'))}
        {may('change') && <Menu.Label>Priority</Menu.Label>}
        {may('change')?.allowed &&
          (['P1', 'P2', 'P3', 'P4', 'P5'] as const)
            .filter((priority) => priority !== alert.priority)
            .map((priority) => (
              <Menu.Item
                key={priority}
                onClick={() =>
                  change.mutate(priority, { onError: (error) => toastError(error, 'The priority is unchanged') })
                }
              >
                <PriorityPennant priority={priority} />
              </Menu.Item>
            ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** How many events were merged, from first to last. */
function Signal({ alert }: { alert: Alert }) {
  return (
    <section className="panel" aria-label="Signal">
      <div className={classes.sig}>
        <span>
          <span className={classes.big}>{alert.count}</span>
          <span className="t2">{alert.count === 1 ? 'event' : 'events, one alert'}</span>
        </span>
        <span>
          <span className="t3">First</span> <Moment at={alert.created_at} as="log" />
        </span>
        <span>
          <span className="t3">Last</span> <Moment at={alert.last_occurred_at} as="log" />,{' '}
          <RelativeTime at={alert.last_occurred_at} />
        </span>
        <Why label="Why they are merged">
          <p>
            All of them carry the alias <span className="mono">{alert.alias}</span>. While an alert is open, another
            event with its alias raises its count instead of paging again.
          </p>
        </Why>
      </div>
      {alert.description && <div className={`prose ${classes.desc}`}>{alert.description}</div>}
    </section>
  );
}

function Loaded({ alert }: { alert: Alert }) {
  const commands = useCommands(alert);
  const [adding, setAdding] = useState(false);
  const [assigning, setAssigning] = useState(false);
  const note = useRef<HTMLTextAreaElement>(null);
  const mayNote = findAction(alert.actions, 'add_note');
  useShortcut('N', 'Note', () => note.current?.focus(), { enabled: mayNote?.allowed ?? false });
  return (
    <>
      <div className="split">
        <div>
          <PageHeader
            title={alert.message}
            documentTitle={`#${alert.tiny_id} ${alert.message}`}
            crumbs={[
              <Link key="alerts" to="/alerts">
                Alerts
              </Link>,
              <span key="id" className="num">
                #{alert.tiny_id}
              </span>,
            ]}
            before={<PriorityPennant priority={alert.priority} />}
            after={<AlertState alert={alert} />}
            actions={
              <>
                <ActionButton
                  action={findAction(alert.actions, 'add_responder')}
                  reason="tooltip"
                  leftSection={<IconUserPlus size={15} />}
                  shortcut="R"
                  label="Add a responder"
                  onClick={() => setAdding(true)}
                >
                  Add responder
                </ActionButton>
                {mayNote && (
                  <Button
                    variant="default"
                    className="hide-phone"
                    leftSection={<IconMessage size={15} />}
                    onClick={() => note.current?.focus()}
                    aria-keyshortcuts="N"
                  >
                    Note <kbd style={{ marginLeft: 6 }}>N</kbd>
                  </Button>
                )}
                <ActionButton
                  action={findAction(alert.actions, 'close')}
                  reason="tooltip"
                  leftSection={<IconX size={15} />}
                  loading={commands.pending === 'close'}
                  onClick={() => commands.run({ action: 'close' }, 'Closed')}
                >
                  Close
                </ActionButton>
                <MoreMenu alert={alert} onAssign={() => setAssigning(true)} />
              </>
            }
            meta={
              <>
                {alert.service && (
                  <span>
                    <IconLayoutGrid size={15} aria-hidden="true" />
                    <span>
                      <Link to="/services/$id" params={{ id: alert.service.id }}>
                        {alert.service.name}
                      </Link>
                      , tier {alert.service.tier}
                    </span>
                  </span>
                )}
                {alert.team && (
                  <span>
                    <IconUsersGroup size={15} aria-hidden="true" />
                    {alert.team.name}
                  </span>
                )}
                {(alert.integration || alert.source) && (
                  <span>
                    <IconHeartbeat size={15} aria-hidden="true" />
                    {alert.integration?.name ?? alert.source}
                  </span>
                )}
                <span>
                  <IconClock size={15} aria-hidden="true" />
                  {alert.status === 'open' ? 'open' : 'was open'}{' '}
                  <b className="b">
                    <Elapsed from={alert.created_at} until={alert.status === 'closed' ? alert.closed_at : null} />
                  </b>
                </span>
                {alert.incident && (
                  <span>
                    <IconFlag size={15} aria-hidden="true" />
                    <Link className="key" to="/tickets/$key" params={{ key: alert.incident.key }}>
                      {alert.incident.key}
                    </Link>
                  </span>
                )}
              </>
            }
          />
          <div className="page-body">
            <PagePanel alert={alert} />
            <Signal alert={alert} />
            <Trail alert={alert} />
            <Notes alert={alert} field={note} />
            <Log alert={alert} />
          </div>
        </div>
        <AlertSide alert={alert} />
      </div>
      {alert.status === 'open' && (
        <div className="bottom-actions only-phone">
          <PageActions alert={alert} />
        </div>
      )}
      <AddResponder alert={alert} opened={adding} onClose={() => setAdding(false)} />
      <Assign alert={alert} opened={assigning} onClose={() => setAssigning(false)} />
    </>
  );
}

/** One alert: what is wrong, who is paged next, who was told and why. */
export function AlertPage() {
  const { id } = route.useParams();
  const alert = useQuery(alertQuery(id));
  useMe();
  return (
    <QueryState query={alert} what="the alert" rows={10} screen>
      {(data) => <Loaded alert={data} />}
    </QueryState>
  );
}
