import { Drawer } from '@mantine/core';
import { IconBellCheck, IconPencil, IconTrash, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Priority, Service } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { AlertState } from '../../ui/AlertState.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SidePanel, SideSection } from '../../ui/SidePanel.tsx';
import { TicketStatus } from '../../ui/StatusBadge.tsx';
import {
  incidentRulesQuery,
  openAlertsOfQuery,
  openTicketsOfQuery,
  rulesQuery,
  serviceQuery,
  useServiceChange,
} from './queries.ts';
import { ServiceForm } from './ServiceForm.tsx';

const route = getRouteApi('/shell/services/$id');
const PRIORITIES: Priority[] = ['P1', 'P2', 'P3', 'P4', 'P5'];
const CHOICES = { open: 'opens an incident', propose: 'proposes an incident', ignore: 'does neither' } as const;

function OpenAlerts({ service }: { service: Service }) {
  const alerts = useQuery(openAlertsOfQuery(service.id));
  return (
    <section className="panel" aria-labelledby="service-alerts">
      <header>
        <h2 id="service-alerts">Open alerts</h2>
        <span className="cnt">{service.open_alerts}</span>
        <Link className="end xs" to="/alerts" search={{ service: service.id }}>
          All alerts
        </Link>
      </header>
      <QueryState query={alerts} what="the alerts" rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="pad t2 icon-text">
              <IconBellCheck size={16} aria-hidden="true" /> All quiet.
            </p>
          ) : (
            <ul className="lines pad">
              {items.map((alert) => (
                <li key={alert.id}>
                  <PriorityPennant priority={alert.priority} />
                  <Link className="cut grow" to="/alerts/$id" params={{ id: alert.id }}>
                    {alert.message}
                  </Link>
                  {alert.count > 1 && <span className="cnt">{alert.count}</span>}
                  <span className="end">
                    <AlertState alert={alert} compact />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </QueryState>
    </section>
  );
}

function OpenTickets({ service }: { service: Service }) {
  const tickets = useQuery(openTicketsOfQuery(service.id));
  return (
    <section className="panel" aria-labelledby="service-tickets">
      <header>
        <h2 id="service-tickets">Open tickets</h2>
        <span className="cnt">{service.open_tickets}</span>
        <Link className="end xs" to="/tickets" search={{ service: service.id }}>
          All tickets
        </Link>
      </header>
      <QueryState query={tickets} what="the tickets" rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="pad t2">Nothing is open.</p>
          ) : (
            <ul className="lines pad">
              {items.map((ticket) => (
                <li key={ticket.id}>
                  <PriorityPennant priority={ticket.priority} />
                  <Link className="key" to="/tickets/$key" params={{ key: ticket.key }}>
                    {ticket.key}
                  </Link>
                  <span className="cut grow">{ticket.summary}</span>
                  <span className="end">
                    <TicketStatus status={ticket.status} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </QueryState>
    </section>
  );
}

function Side({ service }: { service: Service }) {
  const rules = useQuery(rulesQuery).data?.rules.filter((rule) => (rule.service?.id ?? rule.service_id) === service.id);
  const chosen = service.incident_rule?.by_priority ?? {};
  const byTier = useQuery(incidentRulesQuery).data?.by_tier[service.tier];
  return (
    <SidePanel label="Facts">
      <SideSection title="Who answers">
        <dl className="dl">
          <dt>Owner</dt>
          <dd>
            {service.owner_team ? (
              <Link to="/admin/teams" search={{ team: service.owner_team.id }}>
                {service.owner_team.name}
              </Link>
            ) : (
              <span className="c-warn">Nobody</span>
            )}
          </dd>
          <dt>Pages through</dt>
          <dd>
            {service.escalation_policy ? (
              <Link to="/oncall/policies/$id" params={{ id: service.escalation_policy.id }}>
                {service.escalation_policy.name}
              </Link>
            ) : (
              'the policy of the team'
            )}
          </dd>
        </dl>
      </SideSection>
      <SideSection title="Responders" end={<span className="cnt">{service.responders.length}</span>}>
        {service.responders.length === 0 ? (
          <p className="t3">None besides the escalation policy.</p>
        ) : (
          <ul className="lines">
            {service.responders.map((responder) => (
              <li key={`${responder.kind} ${responder.id}`}>
                {responder.kind === 'person' ? (
                  <PersonName person={responder} />
                ) : (
                  <span className="cut">{responder.name}</span>
                )}
                <span className="end t3 xs">{responder.kind}</span>
              </li>
            ))}
          </ul>
        )}
      </SideSection>
      <SideSection title="Incidents from alerts" end={<Link to="/services/incidents">All tiers</Link>}>
        <ul className="lines">
          {PRIORITIES.map((priority) => {
            const choice = chosen[priority];
            return (
              <li key={priority}>
                <PriorityPennant priority={priority} />
                {choice ? CHOICES[choice] : CHOICES[byTier?.[priority] ?? 'ignore']}
                <span className="end t3 xs">{choice ? 'set here' : `as tier ${service.tier}`}</span>
              </li>
            );
          })}
        </ul>
      </SideSection>
      <SideSection title="Found by" end={<Link to="/services/rules">All rules</Link>}>
        {rules?.length ? (
          <ul className="lines">
            {rules.map((rule) => (
              <li key={rule.id}>{rule.name}</li>
            ))}
          </ul>
        ) : (
          <p className="t3">No rule leads alerts to this service.</p>
        )}
      </SideSection>
    </SidePanel>
  );
}

function Loaded({ service }: { service: Service }) {
  const { edit } = route.useSearch();
  const navigate = useNavigate({ from: '/services/$id' });
  const [asking, setAsking] = useState(false);
  const mayAlerts = useCan('alerts:read');
  const mayTickets = useCan('tickets:read');
  const remove = useServiceChange(() => api.delete(`/services/${service.id}`, undefined, { ifMatch: service.version }));
  const setEdit = (on: boolean) => void navigate({ search: { edit: on || undefined } });
  return (
    <>
      <div className="split">
        <div>
          <PageHeader
            title={service.name}
            crumbs={[
              <Link key="services" to="/services">
                Services
              </Link>,
              <span key="key" className="mono">
                {service.key}
              </span>,
            ]}
            after={<span className="tag line">Tier {service.tier}</span>}
            actions={
              <>
                <ActionButton
                  action={findAction(service.actions, 'edit')}
                  reason="tooltip"
                  leftSection={<IconPencil size={15} />}
                  shortcut="E"
                  label="Edit"
                  onClick={() => setEdit(true)}
                >
                  Edit
                </ActionButton>
                <ActionButton
                  action={findAction(service.actions, 'delete')}
                  reason="tooltip"
                  leftSection={<IconTrash size={15} />}
                  onClick={() => setAsking(true)}
                >
                  Delete
                </ActionButton>
              </>
            }
            meta={
              service.owner_team && (
                <span>
                  <IconUsersGroup size={15} aria-hidden="true" />
                  {service.owner_team.name}
                </span>
              )
            }
          />
          <div className="page-body">
            {service.description && (
              <section className="panel" aria-label="What it does">
                <div className="pad prose">{service.description}</div>
              </section>
            )}
            {mayAlerts && <OpenAlerts service={service} />}
            {mayTickets && <OpenTickets service={service} />}
          </div>
        </div>
        <Side service={service} />
      </div>
      <Drawer
        opened={Boolean(edit)}
        onClose={() => setEdit(false)}
        title={`Edit ${service.name}`}
        size={500}
        position="right"
      >
        <ServiceForm
          service={service}
          onDone={() => {
            toastOk('Saved');
            setEdit(false);
          }}
        />
      </Drawer>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${service.name}?`}
        confirm="Delete"
        loading={remove.isPending}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => void navigate({ to: '/services' }),
            onError: (error) => toastError(error, 'The service stays'),
          })
        }
      >
        New alerts no longer find it, and rules that lead to it stop working. Its alerts, tickets and history stay.
      </ConfirmDialog>
    </>
  );
}

/** One service: who answers for it, what is open on it, how alerts find it. */
export function ServicePage() {
  const { id } = route.useParams();
  const service = useQuery(serviceQuery(id));
  return (
    <QueryState query={service} what="the service" rows={8} screen>
      {(data) => <Loaded service={data} />}
    </QueryState>
  );
}
