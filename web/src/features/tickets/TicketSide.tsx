import { ActionIcon, Button, Modal, Select, TagsInput, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RecordLink, Ticket } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { serviceChoices, teamChoices } from '../../lib/choices.ts';
import { recordKey } from '../../lib/keys.ts';
import { useCan, useMe } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { byUrgency, useHours } from '../../lib/sla.ts';
import { worded } from '../../lib/text.ts';
import { formatDuration } from '../../lib/time.ts';
import { toastError } from '../../lib/toast.ts';
import { findAction } from '../../ui/ActionButton.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { SidePanel, SideSection } from '../../ui/SidePanel.tsx';
import { SlaClock } from '../../ui/SlaClock.tsx';
import { Moment } from '../../ui/Time.tsx';
import { Fields } from './Fields.tsx';
import {
  clocksQuery,
  linksQuery,
  onCallNowQuery,
  serviceOfTicketQuery,
  ticketAlertsQuery,
  useTicketChange,
  useTicketEdit,
} from './queries.ts';

/** What a link says, read from the ticket: outwards and inwards. */
const TYPES: Record<string, [string, string]> = {
  relates_to: ['relates to', 'relates to'],
  caused_by: ['caused by', 'causes'],
  duplicates: ['duplicates', 'duplicated by'],
  blocks: ['blocks', 'blocked by'],
};

function Service({ ticket }: { ticket: Ticket }) {
  const me = useMe();
  const mayRead = useCan('services:read');
  const mayOnCall = useCan('oncall:read');
  const id = ticket.service?.id;
  const service = useQuery({ ...serviceOfTicketQuery(id ?? ''), enabled: Boolean(id) && mayRead }).data;
  const onCall = useQuery({ ...onCallNowQuery, enabled: mayOnCall && Boolean(service) }).data;
  const owner = service?.owner_team;
  const schedules = new Set(service?.responders.filter(({ kind }) => kind === 'schedule').map((each) => each.id));
  const now = (onCall?.items ?? [])
    .filter(({ schedule, team }) => schedules.has(schedule.id) || (owner && team?.id === owner.id))
    .flatMap(({ on_call }) => on_call);
  const edit = useTicketEdit(ticket);
  const may = findAction(ticket.actions, 'edit')?.allowed ?? false;
  return (
    <>
      <SideSection title="Service">
        {ticket.service && (
          <div className="row">
            <Link to="/services/$id" params={{ id: ticket.service.id }} className="b">
              {ticket.service.name}
            </Link>
            <span className="tag line">Tier {ticket.service.tier}</span>
          </div>
        )}
        {service && (
          <dl className="dl" style={{ marginTop: 6 }}>
            <dt>Owner</dt>
            <dd>{owner?.name ?? <span className="t3">nobody</span>}</dd>
            {mayOnCall && (
              <>
                <dt>On call now</dt>
                <dd>
                  {now.length === 0 ? (
                    <span className="c-critical b">Nobody</span>
                  ) : (
                    now.map(({ person }) => (
                      <div key={person.id} className="row">
                        <span className="lamp" />
                        {person.name}
                        {person.id === me.id && ' (you)'}
                      </div>
                    ))
                  )}
                </dd>
              </>
            )}
          </dl>
        )}
        {may && (
          <RecordSelect
            mt={6}
            aria-label="Service"
            placeholder="Choose the service"
            source={serviceChoices}
            value={ticket.service?.id}
            current={ticket.service ?? null}
            onChange={(next) => edit.mutate({ edit: { service_id: next } })}
          />
        )}
      </SideSection>
      {service && service.responders.length > 0 && (
        <SideSection title="Responders" end={<span className="cnt">{service.responders.length}</span>}>
          <ul className="lines">
            {service.responders.map((responder) => (
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
    </>
  );
}

/** Alerts of the incident; counts rise as events come in. */
function Alerts({ ticket }: { ticket: Ticket }) {
  const may = useCan('alerts:read');
  const { data } = useQuery({ ...ticketAlertsQuery(ticket.key), enabled: may });
  if (!data || data.items.length === 0) return null;
  const open = data.items.filter(({ status }) => status === 'open').length;
  return (
    <SideSection
      title="Alerts"
      end={open > 0 ? <span className="c-critical b">{open} open</span> : <span className="c-ok">all closed</span>}
    >
      <ul className="lines">
        {data.items.map((alert) => (
          <li key={alert.id}>
            <PriorityPennant priority={alert.priority} />
            <Link to="/alerts/$id" params={{ id: alert.id }} className="cut">
              {alert.message}
            </Link>
            <span className="end t3 xs num" aria-live="polite" title={alert.status}>
              {alert.count} {alert.count === 1 ? 'event' : 'events'}
              {alert.closed_at && (
                <>
                  , closed <Moment at={alert.closed_at} as="until" />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </SideSection>
  );
}

function AddLink({ ticket, opened, onClose }: { ticket: Ticket; opened: boolean; onClose: () => void }) {
  const [type, setType] = useState('relates_to');
  const [key, setKey] = useState('');
  const wanted = key.trim().toUpperCase();
  const add = useTicketChange(async () => {
    const other = await api.get<Ticket>(`/tickets/${encodeURIComponent(wanted)}`);
    await api.post('/links', { type, from: { kind: 'ticket', id: ticket.id }, to: { kind: 'ticket', id: other.id } });
  });
  return (
    <Modal opened={opened} onClose={onClose} title="Link a ticket" centered size="sm">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(undefined, {
            onSuccess: () => {
              setKey('');
              onClose();
            },
          });
        }}
      >
        <Select
          label={`${ticket.key} …`}
          data={Object.entries(TYPES).map(([value, [label]]) => ({ value, label }))}
          value={type}
          onChange={(value) => value && setType(value)}
          allowDeselect={false}
        />
        <TextInput
          label="Ticket"
          placeholder="OPS-12"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={add.isError ? errorText(add.error) : undefined}
          required
          data-autofocus
        />
        <div>
          <Button type="submit" loading={add.isPending}>
            Link
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function LinkLine({ ticket, link }: { ticket: Ticket; link: RecordLink }) {
  const outwards = link.from.id === ticket.id;
  const other = outwards ? link.to : link.from;
  const remove = useTicketChange(() => api.delete(`/links/${link.id}`));
  const may = findAction(ticket.actions, 'link')?.allowed ?? false;
  return (
    <li>
      <span className="t3 xs nowrap">{(link.type && TYPES[link.type]?.[outwards ? 0 : 1]) ?? link.type}</span>
      {other.kind === 'ticket' ? (
        <Link to="/tickets/$key" params={{ key: other.key ?? other.id }} className="cut" title={other.title}>
          {[other.key, other.title].filter(Boolean).join(' ')}
        </Link>
      ) : (
        <span className="cut">{other.title}</span>
      )}
      {other.status && <span className="t3 xs nowrap">{worded(other.status)}</span>}
      {may && (
        <ActionIcon
          className="end"
          variant="subtle"
          size={24}
          aria-label={`Remove the link to ${other.key ?? other.title}`}
          onClick={() => remove.mutate(undefined, { onError: (error) => toastError(error, 'The link stays') })}
        >
          <IconX size={14} />
        </ActionIcon>
      )}
    </li>
  );
}

function Links({ ticket }: { ticket: Ticket }) {
  const [adding, setAdding] = useState(false);
  const mayRead = useCan('tickets:read');
  const links =
    useQuery({ ...linksQuery(ticket.id), enabled: mayRead }).data?.items.filter(({ type }) => type !== 'alert_of') ??
    [];
  const action = findAction(ticket.actions, 'link');
  useShortcut('L', 'Link', () => setAdding(true), { enabled: action?.allowed ?? false });
  if (links.length === 0 && !action?.allowed) return null;
  return (
    <SideSection
      title="Linked"
      end={
        action?.allowed && (
          <Button
            variant="transparent"
            size="compact-xs"
            px={0}
            title="Link a ticket (L)"
            aria-keyshortcuts="L"
            onClick={() => setAdding(true)}
          >
            Add
          </Button>
        )
      }
    >
      {links.length > 0 ? (
        <ul className="lines">
          {links.map((link) => (
            <LinkLine key={link.id} ticket={ticket} link={link} />
          ))}
        </ul>
      ) : (
        <p className="t3">Nothing is linked.</p>
      )}
      <AddLink ticket={ticket} opened={adding} onClose={() => setAdding(false)} />
    </SideSection>
  );
}

/** Where the service levels stand. Agents see the reason of a pause and the way to the whole story. */
function ServiceLevels({ ticket }: { ticket: Ticket }) {
  const client = useQueryClient();
  const agent = useCan('tickets:read');
  const slas = ticket.slas ?? [];
  const clocks = useQuery({ ...clocksQuery(ticket.key), enabled: agent && slas.length > 0 }).data;
  useHours(slas, () => void client.invalidateQueries({ queryKey: recordKey('ticket', ticket.key) }));
  if (slas.length === 0) return null;
  return (
    <SideSection
      title="Service levels"
      end={
        agent && (
          <Link to="/tickets/$key" params={{ key: ticket.key }} search={{ tab: 'clocks' }}>
            Why
          </Link>
        )
      }
    >
      <ul className="stack">
        {byUrgency(slas).map((sla) => {
          const whole = clocks?.find(({ key }) => key === sla.key);
          return (
            <li key={sla.key}>
              <div className="t3 xs">
                {sla.name} in {formatDuration(sla.target_s)}
              </div>
              <SlaClock clock={sla} large />
              <div className="t3 xs">
                {sla.phase === 'running' && sla.due && (
                  <>
                    due <Moment at={sla.due} as="until" />
                  </>
                )}
                {sla.phase === 'running' && !sla.within_hours && ', outside its hours now'}
                {sla.phase === 'paused' && (whole?.paused_because ?? 'paused')}
                {whole?.calendar && `, ${whole.calendar.name}`}
              </div>
            </li>
          );
        })}
      </ul>
    </SideSection>
  );
}

/** Context of a ticket. */
export function TicketSide({ ticket }: { ticket: Ticket }) {
  const edit = useTicketEdit(ticket);
  const action = findAction(ticket.actions, 'edit');
  return (
    <SidePanel label="Context">
      <ServiceLevels ticket={ticket} />
      <Alerts ticket={ticket} />
      <Service ticket={ticket} />
      <Links ticket={ticket} />
      <Fields ticket={ticket} />
      <SideSection title="Details">
        <div className="stack">
          <RecordSelect
            label="Team"
            source={teamChoices}
            value={ticket.team?.id}
            current={ticket.team ?? null}
            onChange={(id, name) =>
              edit.mutate({ edit: { team_id: id }, foreseen: { team: id ? { id, name: name ?? '' } : null } })
            }
            disabled={!action?.allowed}
          />
          <TagsInput
            label="Labels"
            value={ticket.labels}
            onChange={(labels) => edit.mutate({ edit: { labels }, foreseen: { labels } })}
            disabled={!action?.allowed}
            description={action?.allowed === false ? action.reason : undefined}
          />
          <dl className="dl">
            <dt>Reporter</dt>
            <dd>{ticket.reporter?.name ?? 'a rule'}</dd>
            <dt>Created</dt>
            <dd>
              <Moment at={ticket.created_at} />
            </dd>
            {ticket.first_response_at && (
              <>
                <dt>First reply</dt>
                <dd>
                  <Moment at={ticket.first_response_at} />
                </dd>
              </>
            )}
            {ticket.resolved_at && (
              <>
                <dt>Resolved</dt>
                <dd>
                  <Moment at={ticket.resolved_at} />
                </dd>
              </>
            )}
          </dl>
        </div>
      </SideSection>
    </SidePanel>
  );
}
