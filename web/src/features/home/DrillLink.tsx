import { Link } from '@tanstack/react-router';
import { type Drill, type ReportsSearch, USUAL_DAYS } from './drill.ts';

interface Props {
  drill: Drill;
  days: number;
  /** One day of the report. */
  at?: string;
  /** One service level. */
  of?: string;
  /** What is counted, read out with the number: `alerts raised on 21 May`. */
  what: string;
  count: number;
  /** Instead of the number, such as a mean. */
  children?: React.ReactNode;
}

/** The parts of the address that a number sets; the filters stay. */
export const drillSearch =
  ({ drill, days, at, of }: Pick<Props, 'drill' | 'days' | 'at' | 'of'>) =>
  (old: ReportsSearch): ReportsSearch => ({
    project: old.project,
    sla: old.sla,
    days: days === USUAL_DAYS ? undefined : (days as 7),
    drill,
    at,
    of,
  });

/** A number that leads to the records behind it; nought leads nowhere. */
export function DrillLink({ what, count, children, ...to }: Props) {
  if (count === 0) return <span className={children ? undefined : 't3 num'}>{children ?? 0}</span>;
  return (
    <Link
      to="/reports"
      search={(old) => drillSearch(to)(old as ReportsSearch)}
      className="num"
      aria-label={children ? undefined : `${count} ${what}`}
      title={`Show the ${count} ${what}`}
    >
      {children ?? count}
    </Link>
  );
}
