import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Ticket } from '../../api/types.ts';
import { ApiError, api, errorText } from '../../lib/api.ts';
import { shownText } from '../../lib/mentions.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { MentionField } from '../../ui/MentionField.tsx';
import { RichText } from '../../ui/RichText.tsx';
import { useTicketChange } from './queries.ts';

const textOf = (ticket: Ticket | undefined) => ({
  summary: ticket?.summary ?? '',
  description: ticket?.description ?? '',
});
const TEXT_WORDS: FieldWords<ReturnType<typeof textOf>> = {
  summary: { label: 'Summary', text: (value) => value },
  description: { label: 'Description', text: (value) => shownText(value).text },
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
        <MentionField
          label="Description"
          value={description}
          onChange={(next) => edited.set({ description: next })}
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
export function Description({ ticket }: { ticket: Ticket }) {
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
      <div className="pad">
        {ticket.description ? (
          <RichText text={ticket.description} />
        ) : (
          <span className="t3">There is no description.</span>
        )}
      </div>
    </section>
  );
}
