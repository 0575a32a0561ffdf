import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ActivityEntry, Ticket } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { useMe } from '../../lib/session.ts';
import { actorName } from '../../lib/text.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { MentionField } from '../../ui/MentionField.tsx';
import { PersonAvatar } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RichText } from '../../ui/RichText.tsx';
import { Moment, RelativeTime } from '../../ui/Time.tsx';
import { useShowPicture } from './Attachments.tsx';
import type { Attachment } from './attachments.ts';
import { FileList } from './FileList.tsx';
import { activityQuery, useTicketChange } from './queries.ts';
import classes from './Tickets.module.css';

type Comment = Extract<ActivityEntry, { type: 'comment' }> & { attachments?: Attachment[] };
type Event = Extract<ActivityEntry, { type: 'event' }>;
const FOLD = 3;

/** Neighbouring system events become one block, so that what people said stands out. */
export function foldEvents(entries: readonly ActivityEntry[]): (Comment | Event[])[] {
  const blocks: (Comment | Event[])[] = [];
  for (const entry of entries) {
    const last = blocks[blocks.length - 1];
    if (entry.type === 'comment') blocks.push(entry);
    else if (Array.isArray(last)) last.push(entry);
    else blocks.push([entry]);
  }
  return blocks;
}

function CommentEntry({ ticket, comment }: { ticket: Ticket; comment: Comment }) {
  const me = useMe();
  const [draft, setDraft] = useState<string>();
  const show = useShowPicture();
  const save = useTicketChange((body: string) => api.patch(`/tickets/${ticket.id}/comments/${comment.id}`, { body }));
  const internal = comment.visibility === 'internal';
  return (
    <article className={`${classes.entry}${internal ? ` ${classes.internal}` : ''}`}>
      <div className="row">
        <PersonAvatar name={actorName(comment.author)} />
        <b className="b">{actorName(comment.author)}</b>
        {internal && (
          <span className={classes.word}>
            <IconLock size={13} aria-hidden="true" />
            Internal note
          </span>
        )}
        <span className="t3 xs">
          <RelativeTime at={comment.at} />
          {comment.edited_at && ', edited'}
        </span>
        {comment.author.id === me.id && draft === undefined && (
          <Button className="end" variant="subtle" size="compact-xs" onClick={() => setDraft(comment.body)}>
            Edit
          </Button>
        )}
      </div>
      {draft === undefined ? (
        <RichText className={classes.text} text={comment.body} />
      ) : (
        <form
          className={`stack ${classes.text}`}
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(draft, { onSuccess: () => setDraft(undefined) });
          }}
        >
          <MentionField
            aria-label="Text"
            value={draft}
            onChange={setDraft}
            error={save.isError ? errorText(save.error) : undefined}
            autosize
            minRows={2}
          />
          <div className="row">
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
            <Button variant="default" onClick={() => setDraft(undefined)}>
              Cancel
            </Button>
          </div>
        </form>
      )}
      {comment.attachments && comment.attachments.length > 0 && (
        <FileList files={comment.attachments} label={`Files of ${actorName(comment.author)}`} onShow={show} plain />
      )}
    </article>
  );
}

function Events({ events }: { events: Event[] }) {
  const lines = (
    <ul>
      {events.map((event) => (
        <li key={event.id}>
          <span>
            <b className="b">{actorName(event.actor)}</b> {event.text}
          </span>
          <span className="t3">
            <Moment at={event.at} />
          </span>
        </li>
      ))}
    </ul>
  );
  if (events.length < FOLD) return <div className={classes.events}>{lines}</div>;
  return (
    <details className={classes.events}>
      <summary>
        {events.length} changes, the last: {events[events.length - 1]?.text}
      </summary>
      {lines}
    </details>
  );
}

/** What was said and what happened, newest last. */
export function Activity({ ticket }: { ticket: Ticket }) {
  const activity = useQuery(activityQuery(ticket.key));
  return (
    <section className="panel" aria-labelledby="ticket-activity">
      <header>
        <h2 id="ticket-activity">Activity</h2>
      </header>
      <QueryState query={activity} what="the activity" rows={5}>
        {(entries) =>
          entries.length === 0 ? (
            <EmptyState title="Nothing was said yet">Write the first reply or note below.</EmptyState>
          ) : (
            foldEvents(entries).map((block) =>
              Array.isArray(block) ? (
                <Events key={block[0]?.id} events={block} />
              ) : (
                <CommentEntry key={block.id} ticket={ticket} comment={block} />
              ),
            )
          )
        }
      </QueryState>
    </section>
  );
}
