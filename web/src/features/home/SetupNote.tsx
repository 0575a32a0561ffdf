import { Button } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { checklistQuery, useDismiss } from '../../lib/setup.ts';

/** For administrators, until everything is set up or the list is put away: how far it is, and what comes next. */
export function SetupNote() {
  const { data } = useQuery(checklistQuery);
  const dismiss = useDismiss();
  if (!data || data.dismissed || data.done === data.total) return null;
  const next = data.steps.find(({ state }) => state !== 'done');
  return (
    <div className="note">
      <IconListCheck size={16} aria-hidden="true" />
      <span className="grow">
        <b>
          {data.done} of {data.total} steps of the set-up are done.
        </b>{' '}
        {next && <>Next: {next.title}. </>}
        <Link to="/admin/setup" style={{ textDecoration: 'underline' }}>
          Go on with the set-up
        </Link>
      </span>
      <Button size="compact-sm" variant="default" loading={dismiss.isPending} onClick={() => dismiss.mutate(true)}>
        Put it away
      </Button>
    </div>
  );
}
