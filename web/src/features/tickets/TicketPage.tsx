import { Button, Menu, Modal, Select, Tabs, Textarea, TextInput } from '@mantine/core';
import { IconChevronDown, IconClock, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Priority, Ticket, Transition } from '../../api/types.ts';
import { ApiError, api, errorText } from '../../lib/api.ts';
import { peopleChoices } from '../../lib/choices.ts';
import { useDraft } from '../../lib/draft.ts';
import { useCan, useMe } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { worded } from '../../lib/text.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { PriorityPennant } from '../../ui/PriorityPennant.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { TicketStatus } from '../../ui/StatusBadge.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { offerUndo } from '../../ui/undo.tsx';
import { Why } from '../../ui/Why.tsx';
import { Activity } from './Activity.tsx';
import { Clocks } from './Clocks.tsx';
import { Composer } from './Composer.tsx';
import { KindIcon } from './columns.tsx';
import { History } from './History.tsx';
import { ticketQuery, useTicketChange, useTicketEdit } from './queries.ts';
import { TicketSide } from './TicketSide.tsx';
import classes from './Tickets.module.css';
import { IMPACTS, PRIORITIES, URGENCIES } from './words.ts';

const route = getRouteApi('/shell/tickets/$key');

/** The step to another status; where a resolution is asked for, it is chosen first. */
function StatusMenu({ ticket }: { ticket: Ticket }) {
  const [opened, setOpened] = useState(false);
  const [asking, setAsking] = useState<Transition>();
  const [resolution, setResolution] = useState<string | null>(null);
  const [comment, setComment, clearComment] = useDraft(`ticket-resolve:${ticket.id}`);
  const move = useTicketChange((body: { to: string; resolution?: string; comment?: string }) =>
    api.post<Ticket>(`/tickets/${ticket.id}/transition`, body),
  );
  const take = (transition: Transition) => {
    setOpened(false);
    if (transition.requires_resolution) {
      setResolution(transition.resolutions?.[0] ?? null);
      setAsking(transition);
    } else {
      move.mutate(
        { to: transition.to },
        { onError: (error) => toastError(error, `${ticket.key} stays ${ticket.status.name}`) },
      );
    }
  };
  const right = findAction(ticket.actions, 'transition');
  useShortcut('S', 'Status', () => setOpened(true), { enabled: ticket.transitions.length > 0 });
  return (
    <>
      <Menu opened={opened} onChange={setOpened} position="bottom-start" withinPortal>
        <Menu.Target>
          <Button
            variant="default"
            rightSection={<IconChevronDown size={14} />}
            loading={move.isPending && !asking}
            aria-label={`Status: ${ticket.status.name}`}
            aria-keyshortcuts="S"
            title={right?.allowed === false ? (right.reason ?? undefined) : 'Change the status (S)'}
          >
            <TicketStatus status={ticket.status} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {ticket.transitions.map((transition) => (
            <Menu.Item key={transition.to} disabled={!transition.allowed} onClick={() => take(transition)}>
              {transition.name}
              {!transition.allowed && <span className="xs t3"> {transition.reason}</span>}
            </Menu.Item>
          ))}
          {ticket.transitions.length === 0 && <Menu.Label>{ticket.status.name} is an end</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking !== undefined} onClose={() => setAsking(undefined)} title={asking?.name} centered size="sm">
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (!asking || !resolution) return;
            move.mutate(
              { to: asking.to, resolution, ...(comment.trim() && { comment }) },
              {
                onSuccess: () => {
                  clearComment();
                  setAsking(undefined);
                },
              },
            );
          }}
        >
          {asking?.resolutions?.length ? (
            <Select
              label="Resolution"
              data={asking.resolutions.map((value) => ({ value, label: worded(value) }))}
              value={resolution}
              onChange={setResolution}
              allowDeselect={false}
              required
            />
          ) : (
            <TextInput
              label="Resolution"
              value={resolution ?? ''}
              onChange={(event) => setResolution(event.currentTarget.value)}
              required
            />
          )}
          <Textarea
            label="Comment"
            description="Public: the reporter can read it."
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
            autosize
            minRows={3}
            data-autofocus
          />
          {move.isError && (
            <p className="c-critical" role="alert">
              {errorText(move.error)}
            </p>
          )}
          <div>
            <Button type="submit" loading={move.isPending} disabled={!resolution}>
              {asking?.name}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}

/** Who works on it: a click or `A` chooses, `I` takes it. */
function Assignee({ ticket }: { ticket: Ticket }) {
  const me = useMe();
  const edit = useTicketEdit(ticket);
  const [choosing, setChoosing] = useState(false);
  const action = findAction(ticket.actions, 'assign');
  const allowed = action?.allowed ?? false;
  const assign = (id: string | null, name: string | undefined) => {
    setChoosing(false);
    const before = ticket.assignee ?? null;
    if (id === (before?.id ?? null)) return;
    edit.mutate(
      { edit: { assignee_id: id }, foreseen: { assignee: id ? { id, name: name ?? '' } : null } },
      {
        onSuccess: () =>
          offerUndo(id ? `Assigned to ${name}` : 'Assigned to nobody', () =>
            edit.mutate({ edit: { assignee_id: before?.id ?? null }, foreseen: { assignee: before } }),
          ),
      },
    );
  };
  useShortcut('A', 'Assign', () => setChoosing(true), { enabled: allowed });
  useShortcut('I', 'Assign to me', () => assign(me.id, me.name), { enabled: allowed && ticket.assignee?.id !== me.id });
  if (!allowed) {
    return (
      <span title={action?.reason ?? undefined}>
        <PersonName person={ticket.assignee} you={me.id} />
      </span>
    );
  }
  return (
    <>
      <button
        type="button"
        className={classes.edit}
        onClick={() => setChoosing(true)}
        title="Assign (A)"
        aria-keyshortcuts="A"
      >
        <span className="vh">Change the assignee: </span>
        <PersonName person={ticket.assignee} you={me.id} />
      </button>
      {ticket.assignee?.id !== me.id && (
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => assign(me.id, me.name)}
          title="Assign to me (I)"
          aria-keyshortcuts="I"
        >
          Take it
        </Button>
      )}
      <Modal opened={choosing} onClose={() => setChoosing(false)} title="Assign" centered size="sm">
        <RecordSelect
          label="Assignee"
          source={peopleChoices}
          value={ticket.assignee?.id}
          current={ticket.assignee ?? null}
          onChange={assign}
          data-autofocus
        />
      </Modal>
    </>
  );
}

/** Why the priority is what it is, with what makes it, and the override with its reason. */
function PriorityWhy({ ticket }: { ticket: Ticket }) {
  const edit = useTicketEdit(ticket);
  const [setting, setSetting] = useState(false);
  const [priority, setPriority] = useState<Priority>(ticket.priority);
  const [reason, setReason] = useState('');
  const override = useTicketChange(() => api.post<Ticket>(`/tickets/${ticket.id}/priority`, { priority, reason }));
  const drop = useTicketChange(() => api.delete<Ticket>(`/tickets/${ticket.id}/priority`));
  const mayEdit = findAction(ticket.actions, 'edit');
  useShortcut('P', 'Priority', () => setSetting(true), {
    enabled: findAction(ticket.actions, 'override_priority')?.allowed ?? false,
  });
  return (
    <>
      <Why label={`Why ${ticket.priority}`}>
        <div className="stack">
          <p>{ticket.priority_reason.text}</p>
          <div className="columns-2">
            <Select
              label="Impact"
              data={IMPACTS.map(({ value }) => ({ value, label: worded(value) }))}
              value={ticket.impact}
              onChange={(value) => {
                const impact = value as Ticket['impact'] | null;
                if (impact) edit.mutate({ edit: { impact }, foreseen: { impact } });
              }}
              disabled={!mayEdit?.allowed}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
            />
            <Select
              label="Urgency"
              data={URGENCIES.map(({ value }) => ({ value, label: worded(value) }))}
              value={ticket.urgency}
              onChange={(value) => {
                const urgency = value as Ticket['urgency'] | null;
                if (urgency) edit.mutate({ edit: { urgency }, foreseen: { urgency } });
              }}
              disabled={!mayEdit?.allowed}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
            />
          </div>
          <div className="row wrap">
            <ActionButton
              action={findAction(ticket.actions, 'override_priority')}
              onClick={() => {
                setPriority(ticket.priority);
                setSetting(true);
              }}
            >
              Set it by hand
            </ActionButton>
            {ticket.priority_reason.overridden && (
              <ActionButton
                action={findAction(ticket.actions, 'drop_priority')}
                loading={drop.isPending}
                onClick={() =>
                  drop.mutate(undefined, {
                    onSuccess: () => toastOk('The priority follows impact and urgency again'),
                    onError: (error) => toastError(error, 'The priority is unchanged'),
                  })
                }
              >
                Follow the matrix again
              </ActionButton>
            )}
          </div>
        </div>
      </Why>
      <Modal opened={setting} onClose={() => setSetting(false)} title="Set the priority by hand" centered size="sm">
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            override.mutate(undefined, {
              onSuccess: () => {
                setSetting(false);
                setReason('');
              },
            });
          }}
        >
          <div className="row" role="radiogroup" aria-label="Priority">
            {PRIORITIES.map((each) => (
              <Button
                key={each}
                role="radio"
                aria-checked={priority === each}
                variant={priority === each ? 'light' : 'default'}
                px={8}
                onClick={() => setPriority(each)}
              >
                <PriorityPennant priority={each} />
              </Button>
            ))}
          </div>
          <Textarea
            label="Reason"
            description="Stands beside the priority for everybody who asks why."
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            autosize
            minRows={2}
            required
            data-autofocus
          />
          {override.isError && (
            <p className="c-critical" role="alert">
              {errorText(override.error)}
            </p>
          )}
          <div>
            <Button type="submit" loading={override.isPending} disabled={!reason.trim()}>
              Set {priority}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}

const textOf = (ticket: Ticket | undefined) => ({
  summary: ticket?.summary ?? '',
  description: ticket?.description ?? '',
});
const TEXT_WORDS: FieldWords<ReturnType<typeof textOf>> = {
  summary: { label: 'Summary', text: (value) => value },
  description: { label: 'Description', text: (value) => value },
};

/** Summary and description while they are edited. What was typed survives a refusal and a change by others. */
function TextForm({ ticket, onDone }: { ticket: Ticket; onDone: () => void }) {
  const edited = useVersioned(ticket, textOf);
  const { summary, description } = edited.draft;
  const edit = useTicketChange(async () => {
    const send = (version: number) => api.patch<Ticket>(`/tickets/${ticket.id}`, edited.draft, { ifMatch: version });
    try {
      return await send(edited.version ?? ticket.version);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'version_conflict') throw error;
      // Every comment raises the version too: only another text is a conflict.
      const fresh = await api.get<Ticket>(`/tickets/${ticket.id}`);
      if (fresh.summary !== ticket.summary || fresh.description !== ticket.description) throw error;
      return send(fresh.version);
    }
  });
  return (
    <section className="panel" aria-label="Edit">
      <form
        className="pad stack"
        onSubmit={(event) => {
          event.preventDefault();
          edit.mutate(undefined, { onSuccess: onDone });
        }}
      >
        <TextInput
          label="Summary"
          value={summary}
          onChange={(event) => edited.set({ summary: event.currentTarget.value })}
          required
          data-autofocus
        />
        <Textarea
          label="Description"
          value={description}
          onChange={(event) => edited.set({ description: event.currentTarget.value })}
          autosize
          minRows={4}
        />
        <Conflict what="the ticket" edited={edited} words={TEXT_WORDS} />
        {edit.isError && edited.clashes.length === 0 && (
          <p className="c-critical" role="alert">
            {errorText(edit.error)}
          </p>
        )}
        <div className="row">
          <Button type="submit" loading={edit.isPending} disabled={edited.clashes.length > 0}>
            Save
          </Button>
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <ConflictReason edited={edited} />
        </div>
      </form>
    </section>
  );
}

/** The description, and the form that changes it together with the summary. */
function Description({ ticket }: { ticket: Ticket }) {
  const action = findAction(ticket.actions, 'edit');
  const [editing, setEditing] = useState(false);
  const start = () => setEditing(true);
  useShortcut('E', 'Edit summary and description', start, { enabled: (action?.allowed ?? false) && !editing });
  if (editing) return <TextForm ticket={ticket} onDone={() => setEditing(false)} />;
  return (
    <section className="panel" aria-labelledby="ticket-description">
      <header>
        <h2 id="ticket-description">Description</h2>
        <span className="grow" />
        <ActionButton action={action} reason="tooltip" variant="subtle" onClick={start}>
          Edit <kbd style={{ marginLeft: 6 }}>E</kbd>
        </ActionButton>
      </header>
      <div className="pad prose">{ticket.description || <span className="t3">There is no description.</span>}</div>
    </section>
  );
}

function Loaded({ ticket }: { ticket: Ticket }) {
  const { tab } = route.useSearch();
  const mayHistory = useCan('tickets:read');
  const navigate = useNavigate({ from: '/tickets/$key' });
  return (
    <div className="split">
      <div className={classes.column}>
        <PageHeader
          title={ticket.summary}
          documentTitle={`${ticket.key} ${ticket.summary}`}
          crumbs={[
            <Link key="tickets" to="/tickets">
              Tickets
            </Link>,
            <Link key="project" to="/tickets" search={{ project: ticket.project.id }}>
              {ticket.project.name}
            </Link>,
            <span key="key" className="num">
              {ticket.key}
            </span>,
          ]}
          before={<PriorityPennant priority={ticket.priority} />}
          after={ticket.resolution ? <span className="tag ok">{worded(ticket.resolution)}</span> : undefined}
          meta={
            <>
              <StatusMenu ticket={ticket} />
              <span>
                <Assignee ticket={ticket} />
              </span>
              {ticket.team && (
                <span>
                  <IconUsersGroup size={15} aria-hidden="true" />
                  {ticket.team.name}
                </span>
              )}
              <span>
                <KindIcon kind={ticket.kind} />
                {ticket.reporter ? `by ${ticket.reporter.name}` : 'opened by a rule'}
              </span>
              <span className="t3">
                <IconClock size={15} aria-hidden="true" />
                <RelativeTime at={ticket.created_at} />
              </span>
              <PriorityWhy ticket={ticket} />
            </>
          }
          tabs={
            <Tabs
              value={tab ?? 'activity'}
              onChange={(next) =>
                void navigate({ search: { tab: next === 'history' || next === 'clocks' ? next : undefined } })
              }
            >
              <Tabs.List aria-label="Ticket">
                <Tabs.Tab value="activity">Activity</Tabs.Tab>
                {mayHistory && ticket.slas?.length > 0 && <Tabs.Tab value="clocks">Clocks</Tabs.Tab>}
                {mayHistory && <Tabs.Tab value="history">History</Tabs.Tab>}
              </Tabs.List>
            </Tabs>
          }
        />
        {tab === 'history' || tab === 'clocks' ? (
          <div className="page-body">
            {tab === 'history' ? <History id={ticket.id} /> : <Clocks ticketKey={ticket.key} />}
          </div>
        ) : (
          <>
            <div className={`page-body ${classes.body}`}>
              <Description ticket={ticket} />
              <Activity ticket={ticket} />
            </div>
            <Composer ticket={ticket} />
          </>
        )}
      </div>
      <TicketSide ticket={ticket} />
    </div>
  );
}

/** One ticket: where it stands, what was said, and what hangs together with it. */
export function TicketPage() {
  const { key } = route.useParams();
  const ticket = useQuery(ticketQuery(key));
  return (
    <QueryState query={ticket} what="the ticket" rows={10} screen>
      {(data) => <Loaded key={data.id} ticket={data} />}
    </QueryState>
  );
}
