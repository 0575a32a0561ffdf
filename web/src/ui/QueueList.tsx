import { Select } from '@mantine/core';
import { IconAlertTriangle, IconUser, IconUsersGroup } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Queue } from '../api/types.ts';
import { countText, type QueueOver } from '../lib/queues.ts';
import { useMe } from '../lib/session.ts';
import { worded } from '../lib/text.ts';
import classes from './Queues.module.css';

interface Props {
  over: QueueOver;
  queues: readonly Queue[];
  chosen: Queue | undefined;
  onChoose: (queue: Queue | undefined) => void;
}

function Group({ title, over, queues, chosen }: Omit<Props, 'onChoose'> & { title: string }) {
  if (queues.length === 0) return null;
  return (
    <>
      <h2>{title}</h2>
      <ul>
        {queues.map((queue) => (
          <li key={queue.id}>
            <Link
              to={`/${over}`}
              search={{ queue: queue.id }}
              activeOptions={{ exact: true }}
              aria-current={queue.id === chosen?.id ? 'page' : undefined}
            >
              <span className="cut">{queue.name}</span>
              {queue.broken ? (
                <span className="end c-critical" title={queue.broken}>
                  <IconAlertTriangle size={14} aria-hidden="true" />
                  <span className="vh">cannot be shown</span>
                </span>
              ) : (
                queue.count && <span className="end xs t3 num">{countText(queue.count)}</span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The saved queries with their counts: a list at the left, and a choice where there is no room for it. */
export function QueueList({ over, queues, chosen, onChoose }: Props) {
  const me = useMe();
  const mine = queues.filter(({ owner, visibility }) => owner?.id === me.id && visibility === 'private');
  const shared = queues.filter((queue) => !mine.includes(queue));
  return (
    <>
      <nav className={classes.rail} aria-label="Queues">
        <h2>{worded(over)}</h2>
        <ul>
          <li>
            <Link to={`/${over}`} activeOptions={{ exact: true }} aria-current={chosen ? undefined : 'page'}>
              All {over}
            </Link>
          </li>
        </ul>
        <Group title="Shared" over={over} queues={shared} chosen={chosen} />
        <Group title="Mine" over={over} queues={mine} chosen={chosen} />
      </nav>
      <div className={classes.railSelect}>
        <Select
          aria-label="Queue"
          leftSection={chosen?.visibility === 'private' ? <IconUser size={15} /> : <IconUsersGroup size={15} />}
          data={[
            { value: 'none', label: `All ${over}` },
            ...queues.map((queue) => ({
              value: queue.id,
              label: `${queue.name}${queue.broken ? ' (cannot be shown)' : queue.count ? ` (${countText(queue.count)})` : ''}`,
            })),
          ]}
          value={chosen?.id ?? 'none'}
          onChange={(id) => onChoose(queues.find((queue) => queue.id === id))}
          allowDeselect={false}
        />
      </div>
    </>
  );
}
