import { Checkbox } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { NoticeChoice } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { noticeChoicesQuery } from '../../lib/notifications.ts';
import { toastError } from '../../lib/toast.ts';
import { QueryState } from '../../ui/QueryState.tsx';
import classes from './NotificationChoices.module.css';

/** Of what one is told, and how. Each choice is kept at once. */
export function NotificationChoicesPanel() {
  const client = useQueryClient();
  const choices = useQuery(noticeChoicesQuery);
  const save = useMutation({
    mutationFn: ({ event, app, mail }: NoticeChoice) =>
      api.put<typeof choices.data>('/me/notification-choices', { choices: { [event]: { app, mail } } }),
    onMutate: async (next) => {
      await client.cancelQueries({ queryKey: noticeChoicesQuery.queryKey });
      client.setQueryData(
        noticeChoicesQuery.queryKey,
        (old) => old && { ...old, events: old.events.map((each) => (each.event === next.event ? next : each)) },
      );
    },
    onError: (error, { name }) => toastError(error, `${name}: your choice is unchanged`),
    onSettled: () => client.invalidateQueries({ queryKey: noticeChoicesQuery.queryKey }),
  });
  return (
    <section className="panel" aria-labelledby="choices">
      <header>
        <h2 id="choices">What you are told</h2>
        <span className="t3 cut hide-phone">of tickets; your own doings are never told to you</span>
        <span className="grow" />
        <Link to="/me/notifications">Your notifications</Link>
      </header>
      <QueryState query={choices} what="your choices" rows={5}>
        {({ events }) => (
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Event</th>
                <th scope="col">In the app</th>
                <th scope="col">By mail</th>
              </tr>
            </thead>
            <tbody>
              {events.map((choice) => (
                <tr key={choice.event}>
                  <th scope="row">
                    <span className="b">{choice.name}</span>
                    <span className="t3 xs">{choice.explanation}</span>
                  </th>
                  {(['app', 'mail'] as const).map((way) => (
                    <td key={way}>
                      <Checkbox
                        aria-label={`${choice.name} ${way === 'app' ? 'in the app' : 'by mail'}`}
                        checked={choice[way]}
                        onChange={(event) => save.mutate({ ...choice, [way]: event.currentTarget.checked })}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </QueryState>
    </section>
  );
}
