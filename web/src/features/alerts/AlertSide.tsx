import { Button, Modal, TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Alert } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { useCan, useMe } from '../../lib/session.ts';
import { sentence, worded } from '../../lib/text.ts';
import { localTimes } from '../../lib/time.ts';
import { toastError } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { PersonAvatar, PersonName } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SidePanel, SideSection } from '../../ui/SidePanel.tsx';
import { Moment } from '../../ui/Time.tsx';
import { Why } from '../../ui/Why.tsx';
import classes from './Alerts.module.css';
import { useCommands } from './PagePanel.tsx';
import { onCallNowQuery, payloadsQuery, trailQuery, useAlertChange } from './queries.ts';

const HOW = {
  none: '',
  opened: 'Opened by this alert',
  proposed: 'Proposed, waits for a person',
  folded: 'Folded into it: too many incidents at once',
  joined: 'Joined: the service had an open incident',
} as const;

function OnCall({ alert }: { alert: Alert }) {
  const me = useMe();
  const may = useCan('oncall:read');
  const { data } = useQuery({ ...onCallNowQuery, enabled: may });
  const team = alert.team;
  const schedules = (data?.items ?? []).filter((entry) => !team || entry.team?.id === team.id);
  if (!may || !data) return null;
  return (
    <SideSection title={team ? `On call now, ${team.name}` : 'On call now'}>
      {schedules.length === 0 || schedules.every(({ on_call }) => on_call.length === 0) ? (
        <p className="c-critical b">Nobody is on call{team && ` in ${team.name}`}.</p>
      ) : (
        <ul className="lines">
          {schedules.flatMap(({ schedule, on_call }) =>
            on_call.map(({ person, because, rotation }) => (
              <li key={`${schedule.id} ${rotation} ${person.id}`}>
                <PersonName person={person} you={me.id} />
                <span className="end t3 xs">
                  {rotation || schedule.name}
                  {because === 'override' && ', override'}
                </span>
              </li>
            )),
          )}
        </ul>
      )}
    </SideSection>
  );
}

/** Stands where a step led to no person at all. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

function NotNotified({ alert }: { alert: Alert }) {
  const { data } = useQuery(trailQuery(alert.id));
  if (!data || data.not_notified.length === 0) return null;
  return (
    <SideSection title="Not notified">
      <ul className="lines" style={{ display: 'grid', gap: 2 }}>
        {data.not_notified.map(({ person, because }) => (
          <li key={`${person.id} ${because}`} style={{ alignItems: 'flex-start' }}>
            <PersonAvatar name={person.id === NOBODY ? undefined : person.name} />
            <span>
              {person.name}
              <span className="xs t3" style={{ display: 'block' }}>
                {localTimes(because)}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </SideSection>
  );
}

function Incident({ alert }: { alert: Alert }) {
  const commands = useCommands(alert);
  const { incident, incident_state: state } = alert;
  if (!incident && state === 'none') return null;
  return (
    <SideSection title="Incident">
      {incident ? (
        <>
          <div className="row">
            <Link className="key" to="/tickets/$key" params={{ key: incident.key }}>
              {incident.key}
            </Link>
            <span className="cut">{incident.summary}</span>
            <span className="end t3 xs nowrap">{worded(incident.status)}</span>
          </div>
          <p className="xs t3">{HOW[state]}</p>
        </>
      ) : (
        <div className="stack">
          <p className="t2">
            {state === 'proposed'
              ? 'The rule of the service proposes an incident for this alert and leaves the choice to a person.'
              : HOW[state]}
          </p>
          {state === 'proposed' && (
            <div>
              <ActionButton
                variant="filled"
                action={findAction(alert.actions, 'open_incident')}
                loading={commands.pending === 'incident'}
                onClick={() => commands.run({ action: 'incident' }, 'The incident opens')}
              >
                Open the incident
              </ActionButton>
            </div>
          )}
        </div>
      )}
    </SideSection>
  );
}

function Tags({ alert }: { alert: Alert }) {
  const action = findAction(alert.actions, 'change');
  const change = useAlertChange(async (tags: string[]) => {
    const added = tags.filter((tag) => !alert.tags.includes(tag));
    const gone = alert.tags.filter((tag) => !tags.includes(tag));
    if (added.length > 0) await api.post(`/alerts/${alert.id}/tags`, { tags: added });
    if (gone.length > 0) await api.delete(`/alerts/${alert.id}/tags`, { tags: gone });
  });
  return (
    <SideSection title="Tags">
      <TagsInput
        aria-label="Tags"
        placeholder={alert.tags.length === 0 ? 'Add a tag' : undefined}
        value={change.isPending ? change.variables : alert.tags}
        onChange={(tags) => change.mutate(tags, { onError: (error) => toastError(error, 'The tags are unchanged') })}
        disabled={!action?.allowed}
        description={action?.allowed === false ? localTimes(sentence(action.reason ?? '')) : undefined}
        maxTags={20}
      />
    </SideSection>
  );
}

/** What the sender wrote, as the integration kept it. */
function RawPayload({ alert, integration }: { alert: Alert; integration: string }) {
  const [opened, setOpened] = useState(false);
  const events = useQuery({ ...payloadsQuery(integration), enabled: opened });
  return (
    <>
      <Button variant="transparent" size="compact-xs" px={0} onClick={() => setOpened(true)}>
        Raw payload
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title="What the sender wrote" size="lg">
        <QueryState query={events} what="the received events" rows={6}>
          {({ items }) => {
            const own = items.filter(({ alerts }) => alerts.some(({ id }) => id === alert.id));
            if (own.length === 0) {
              return <p className="t2">It is no longer among the last 50 events of {alert.integration?.name}.</p>;
            }
            return (
              <div className="stack">
                {own.map((event) => (
                  <div key={event.id}>
                    <p className="t3 xs">
                      Received <Moment at={event.received_at} />
                      {event.truncated && ', cut to its first part'}
                    </p>
                    <pre className={classes.payload}>{event.payload}</pre>
                  </div>
                ))}
              </div>
            );
          }}
        </QueryState>
      </Modal>
    </>
  );
}

/** Context of an alert. */
export function AlertSide({ alert }: { alert: Alert }) {
  const me = useMe();
  const mayPayload = useCan('integrations:read');
  const details = Object.entries(alert.details);
  return (
    <SidePanel label="Context">
      <OnCall alert={alert} />
      <Incident alert={alert} />
      <NotNotified alert={alert} />
      <SideSection title="Service" end={alert.service_reason && <Why>{alert.service_reason}</Why>}>
        {alert.service ? (
          <div className="row">
            <Link to="/services/$id" params={{ id: alert.service.id }}>
              {alert.service.name}
            </Link>
            <span className="tag line">Tier {alert.service.tier}</span>
          </div>
        ) : (
          <p className="t3">No service was found for it.</p>
        )}
      </SideSection>
      {(alert.owner || alert.responders.length > 0) && (
        <SideSection
          title="Responders"
          end={<span className="cnt">{alert.responders.length + (alert.owner ? 1 : 0)}</span>}
        >
          <ul className="lines">
            {alert.owner && (
              <li>
                <PersonName person={alert.owner} you={me.id} />
                <span className="end t3 xs">assigned</span>
              </li>
            )}
            {alert.responders.map((responder) => (
              <li key={`${responder.kind} ${responder.id}`}>
                {responder.kind === 'person' ? (
                  <PersonName person={responder} you={me.id} />
                ) : (
                  <span className="cut">{responder.name}</span>
                )}
                <span className="end t3 xs">{responder.kind}</span>
              </li>
            ))}
          </ul>
        </SideSection>
      )}
      <Tags alert={alert} />
      <SideSection
        title="Details"
        end={mayPayload && alert.integration && <RawPayload alert={alert} integration={alert.integration.id} />}
      >
        <dl className="dl">
          {details.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt className="cut" title={name}>
                {name}
              </dt>
              <dd className="mono">{/^https?:\/\//.test(value) ? <SafeLink url={value} /> : value}</dd>
            </div>
          ))}
          {alert.entity && (
            <>
              <dt>About</dt>
              <dd>{alert.entity}</dd>
            </>
          )}
          {alert.source && (
            <>
              <dt>Source</dt>
              <dd>{alert.source}</dd>
            </>
          )}
          <dt>Alias</dt>
          <dd className="mono">{alert.alias}</dd>
        </dl>
      </SideSection>
    </SidePanel>
  );
}

/** A link from a sender: opens apart, and tells the other side nothing. */
function SafeLink({ url }: { url: string }) {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {url}
    </a>
  );
}
