import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import type { Ticket } from '../../api/types.ts';
import { peopleChoices } from '../../lib/choices.ts';
import { useMe } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { findAction } from '../../ui/ActionButton.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { offerUndo } from '../../ui/undo.tsx';
import { useTicketEdit } from './queries.ts';
import classes from './Tickets.module.css';

/** Who works on it: a click or `A` chooses, `I` takes it. */
export function Assignee({ ticket }: { ticket: Ticket }) {
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
