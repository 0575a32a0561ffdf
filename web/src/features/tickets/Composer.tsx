import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { IconLock, IconMessage, IconPaperclip } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Ticket } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { useDraft } from '../../lib/draft.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { dropUploads } from '../../lib/uploads.ts';
import { findAction } from '../../ui/ActionButton.tsx';
import { FilePick } from '../../ui/FilePick.tsx';
import { MentionField } from '../../ui/MentionField.tsx';
import { mayAttach, namedPicture, useCommentFiles } from './attachments.ts';
import { useTicketChange } from './queries.ts';
import classes from './Tickets.module.css';
import { UploadList } from './UploadList.tsx';

type Visibility = 'public' | 'internal';

function Opener({ open }: { open: () => void }) {
  useShortcut('F', 'Attach files', open);
  return (
    <ActionIcon onClick={open} aria-label="Attach files" title="Attach files (F)" aria-keyshortcuts="F" size={30}>
      <IconPaperclip size={18} />
    </ActionIcon>
  );
}

/** Writes a public reply (`R`) or an internal note (`N`). Text is kept in this browser until the server has it. */
export function Composer({ ticket }: { ticket: Ticket }) {
  const reply = findAction(ticket.actions, 'comment_public');
  const note = findAction(ticket.actions, 'comment_internal');
  const [wanted, setVisibility] = useState<Visibility>('internal');
  // Customers have no internal notes.
  const visibility: Visibility = wanted === 'internal' && !note?.allowed ? 'public' : wanted;
  const [text, setText, clear] = useDraft(`ticket-comment:${ticket.id}`);
  const field = useRef<HTMLTextAreaElement>(null);
  const files = useCommentFiles(ticket);
  const attach = mayAttach(ticket);
  const send = useTicketChange(({ body, attached }: { body: string; attached: readonly string[] }) =>
    api.post(`/tickets/${ticket.id}/comments`, {
      body,
      visibility,
      ...(attached.length > 0 && { attachment_ids: attached }),
    }),
  );
  // What stands there when the answer comes.
  const now = useRef(text);
  useEffect(() => {
    now.current = text;
  }, [text]);
  const failed = files.uploads.some(({ state }) => state === 'failed');
  // A comment never goes without a file that was meant to go with it.
  const held = files.busy
    ? 'The files are still on their way'
    : failed
      ? 'A file did not arrive: try again, or remove it'
      : files.uploads.length > 0 && !text.trim()
        ? 'Write a line that goes with the files'
        : undefined;
  const internal = visibility === 'internal';
  const action = internal ? note : reply;
  const start = (next: Visibility) => {
    setVisibility(next);
    field.current?.focus();
  };
  useShortcut('R', 'Reply to the reporter', () => start('public'), { enabled: reply?.allowed ?? false });
  useShortcut('N', 'Internal note', () => start('internal'), { enabled: note?.allowed ?? false });
  const submit = () => {
    if (!text.trim() || send.isPending || held) return;
    const body = text;
    const sent = files.uploads;
    send.mutate(
      { body, attached: sent.flatMap(({ stored }) => stored?.id ?? []) },
      {
        onSuccess: () => {
          // What was typed meanwhile stays.
          if (now.current === body) clear();
          dropUploads(sent.map(({ id }) => id));
        },
      },
    );
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
      <MentionField
        ref={field}
        aria-label={internal ? 'Internal note' : 'Reply'}
        placeholder={
          internal
            ? 'Write a note, @ to bring someone in'
            : 'Write a reply that the reporter can read, @ to bring someone in'
        }
        value={text}
        onChange={setText}
        onPaste={(event) => {
          const pasted = [...event.clipboardData.files];
          // Spreadsheets give a picture of what is a text too.
          if (!attach || pasted.length === 0 || event.clipboardData.types.includes('text/plain')) return;
          event.preventDefault();
          files.add(pasted.map((file) => namedPicture(file, new Date())));
        }}
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
      <UploadList uploads={files.uploads} label="Files of this comment" done="Goes with what you write" />
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
        {held && (
          <span id="comment-held" className="t3 xs" role="status">
            {held}
          </span>
        )}
        {attach && (
          <FilePick label="Files of the comment" multiple onFiles={files.add}>
            {(open) => <Opener open={open} />}
          </FilePick>
        )}
        <kbd className="hide-phone">{internal ? 'N' : 'R'}</kbd>
        <Button
          type="submit"
          loading={send.isPending}
          disabled={!text.trim() || held !== undefined}
          aria-describedby={held ? 'comment-held' : undefined}
          aria-keyshortcuts="Control+Enter"
        >
          {internal ? 'Add the note' : 'Send the reply'}
          <kbd style={{ marginLeft: 6 }} className="hide-phone">
            Ctrl Enter
          </kbd>
        </Button>
      </div>
    </form>
  );
}
