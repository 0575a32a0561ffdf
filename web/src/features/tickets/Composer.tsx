import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { IconLock, IconMessage } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { Ticket } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { useDraft } from '../../lib/draft.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { findAction } from '../../ui/ActionButton.tsx';
import { useTicketChange } from './queries.ts';
import classes from './Tickets.module.css';

type Visibility = 'public' | 'internal';

/** Writes a public reply (`R`) or an internal note (`N`). Text is kept in this browser until the server has it. */
export function Composer({ ticket }: { ticket: Ticket }) {
  const reply = findAction(ticket.actions, 'comment_public');
  const note = findAction(ticket.actions, 'comment_internal');
  const [wanted, setVisibility] = useState<Visibility>('internal');
  // Customers have no internal notes.
  const visibility: Visibility = wanted === 'internal' && !note?.allowed ? 'public' : wanted;
  const [text, setText, clear] = useDraft(`ticket-comment:${ticket.id}`);
  const field = useRef<HTMLTextAreaElement>(null);
  const send = useTicketChange((body: string) => api.post(`/tickets/${ticket.id}/comments`, { body, visibility }));
  const internal = visibility === 'internal';
  const action = internal ? note : reply;
  const start = (next: Visibility) => {
    setVisibility(next);
    field.current?.focus();
  };
  useShortcut('R', 'Reply to the reporter', () => start('public'), { enabled: reply?.allowed ?? false });
  useShortcut('N', 'Internal note', () => start('internal'), { enabled: note?.allowed ?? false });
  const submit = () => {
    if (!text.trim() || send.isPending) return;
    const sent = text;
    send.mutate(sent, {
      // What was typed meanwhile stays.
      onSuccess: () => field.current?.value === sent && clear(),
    });
  };
  if (!reply?.allowed && !note?.allowed) {
    return <p className={`t3 ${classes.compose}`}>{reply?.reason ?? note?.reason ?? 'You may not comment here.'}</p>;
  }
  return (
    <form
      className={`${classes.compose}${internal ? ` ${classes.internal}` : ''}`}
      aria-label="Comment"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Textarea
        ref={field}
        aria-label={internal ? 'Internal note' : 'Reply'}
        placeholder={internal ? 'Write a note for the team' : 'Write a reply that the reporter can read'}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        error={send.isError ? errorText(send.error) : undefined}
        disabled={action?.allowed === false}
        autosize
        minRows={1}
        maxRows={12}
      />
      <div className="row wrap">
        {note?.allowed && reply?.allowed && (
          <SegmentedControl
            aria-label="Who can read it"
            value={visibility}
            onChange={(value) => setVisibility(value as Visibility)}
            data={[
              {
                value: 'internal',
                label: (
                  <span className="icon-text" title="Internal note (N)">
                    <IconLock size={14} aria-hidden="true" />
                    Internal note
                  </span>
                ),
              },
              {
                value: 'public',
                label: (
                  <span className="icon-text" title="Reply (R)">
                    <IconMessage size={14} aria-hidden="true" />
                    Reply
                  </span>
                ),
              },
            ]}
          />
        )}
        <span className="t2 xs">{internal ? 'Not visible to customers' : 'The reporter can read it'}</span>
        <span className="grow" />
        <kbd className="hide-phone">{internal ? 'N' : 'R'}</kbd>
        <Button type="submit" loading={send.isPending} disabled={!text.trim()} aria-keyshortcuts="Control+Enter">
          {internal ? 'Add the note' : 'Send the reply'}
          <kbd style={{ marginLeft: 6 }} className="hide-phone">
            Ctrl Enter
          </kbd>
        </Button>
      </div>
    </form>
  );
}
