import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { checklistQuery, useDismiss } from '../../lib/setup.ts';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { DemoEnd } from './DemoEnd.tsx';
import { OrganisationPanel } from './Organisation.tsx';
import { PeopleImport } from './PeopleImport.tsx';
import classes from './Setup.module.css';
import { Steps } from './Steps.tsx';

/** From the binary to a received page: what is done, what is left, and tests that say why something does not work. */
export function SetupPage() {
  const list = useQuery(checklistQuery);
  const dismiss = useDismiss();
  return (
    <>
      <PageHeader
        title="Set-up"
        after={
          list.data && (
            <span className="cnt">
              {list.data.done} of {list.data.total} done
            </span>
          )
        }
        actions={
          list.data && (
            <Button variant="subtle" loading={dismiss.isPending} onClick={() => dismiss.mutate(!list.data.dismissed)}>
              {list.data.dismissed ? 'Show it on the home screen again' : 'Put it away from the home screen'}
            </Button>
          )
        }
      />
      <div className="page-body" style={{ maxWidth: 860 }}>
        <QueryState query={list} what="the set-up" rows={8}>
          {(data) => (
            <>
              {data.demo && <DemoEnd company={data.demo} />}
              <div
                className={classes.meter}
                role="progressbar"
                aria-label="Steps that are done"
                aria-valuemin={0}
                aria-valuemax={data.total}
                aria-valuenow={data.done}
              >
                <i style={{ width: `${(100 * data.done) / Math.max(1, data.total)}%` }} />
              </div>
              <Steps steps={data.steps} />
              <OrganisationPanel />
              <PeopleImport />
            </>
          )}
        </QueryState>
      </div>
    </>
  );
}
