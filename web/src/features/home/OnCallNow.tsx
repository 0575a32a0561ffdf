import { IconAlertTriangle, IconCalendarOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Moment } from '../../ui/Time.tsx';
import { onCallNowQuery } from './queries.ts';

/** Who would be paged now, per schedule, and whether the next two weeks have a hole. */
export function OnCallNow({ meId }: { meId: string }) {
  const onCall = useQuery(onCallNowQuery);
  return (
    <section className="panel" aria-labelledby="on-call-now">
      <header>
        <h2 id="on-call-now">On call now</h2>
        <Link className="end xs" style={{ paddingRight: 6 }} to={'/oncall' as '/home'}>
          Schedules
        </Link>
      </header>
      <QueryState query={onCall} what="who is on call" rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="Nobody can be paged" alarm icon={IconCalendarOff}>
              There is no schedule yet. Alerts reach only the people that a policy names.
            </EmptyState>
          ) : (
            <ul className="lines pad">
              {items.map(({ schedule, on_call, gaps }) => (
                <li key={schedule.id} className="row wrap">
                  <Link to={`/oncall/${schedule.id}` as '/home'} style={{ minWidth: 150 }}>
                    {schedule.name}
                  </Link>
                  {on_call.map(({ person, rotation, until }) => (
                    <span key={`${person.id} ${rotation}`} className="icon-text" style={{ marginRight: 12 }}>
                      {person.id === meId && <span className="lamp" title="You are on watch" />}
                      <PersonName person={person} you={meId} />
                      <span className="t3 xs nowrap">
                        {rotation}
                        {until && (
                          <>
                            , until <Moment at={until} as="until" />
                          </>
                        )}
                      </span>
                    </span>
                  ))}
                  {on_call.length === 0 && (
                    <span className="icon-text c-critical b">
                      <IconAlertTriangle size={15} aria-hidden="true" /> Nobody
                    </span>
                  )}
                  {gaps[0] && (
                    <span className="end icon-text c-warn xs">
                      <IconAlertTriangle size={14} aria-hidden="true" />
                      {gaps.length === 1 ? 'gap' : `${gaps.length} gaps`}, first <Moment at={gaps[0].from} />
                    </span>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </QueryState>
    </section>
  );
}
