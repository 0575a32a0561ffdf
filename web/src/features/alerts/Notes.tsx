import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Alert, AlertNote } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { useDraft } from '../../lib/draft.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { PersonAvatar } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RichText } from '../../ui/RichText.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import classes from './Alerts.module.css';
import { notesQuery, useAlertChange } from './queries.ts';

/** Notes of responders, with a field for the next one. What is typed survives a reload. */
export function Notes({ alert, field }: { alert: Alert; field: React.RefObject<HTMLTextAreaElement | null> }) {
  const notes = useQuery(notesQuery(alert.id));
  const [text, setText, clear] = useDraft(`alert-note:${alert.id}`);
  const add = useAlertChange((body: string) => api.post<AlertNote>(`/alerts/${alert.id}/notes`, { text: body }));
  const action = findAction(alert.actions, 'add_note');
  const send = () => {
    if (!text.trim() || add.isPending) return;
    add.mutate(text, { onSuccess: clear });
  };
  return (
    <section className="panel" aria-labelledby="alert-notes">
      <header>
        <h2 id="alert-notes">Notes</h2>
        {notes.data && notes.data.items.length > 0 && <span className="cnt">{notes.data.items.length}</span>}
      </header>
      <QueryState query={notes} what="the notes" rows={2}>
        {({ items }) => (
          <ul className={classes.notes}>
            {items.map((note) => (
              <li key={note.id}>
                <div className="row">
                  <PersonAvatar name={note.author.name} />
                  <b className="b">{note.author.name}</b>
                  <span className="t3 xs">
                    <RelativeTime at={note.at} />
                  </span>
                </div>
                <RichText className={classes.noteText} text={note.text} />
              </li>
            ))}
          </ul>
        )}
      </QueryState>
      <form
        className="pad stack"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Textarea
          ref={field}
          aria-label="New note"
          placeholder="What did you find, what did you do?"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
          error={add.isError ? errorText(add.error) : undefined}
          disabled={action?.allowed === false}
          autosize
          minRows={1}
        />
        {action?.allowed === false ? (
          <ActionButton action={action} onClick={send}>
            Add the note
          </ActionButton>
        ) : (
          text && (
            <div>
              <Button type="submit" loading={add.isPending} aria-keyshortcuts="Control+Enter">
                Add the note <kbd style={{ marginLeft: 6 }}>Ctrl Enter</kbd>
              </Button>
            </div>
          )
        )}
      </form>
    </section>
  );
}
