import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconSend, IconTestPipe } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { SetupStep, SetupTest } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { checklistQuery } from '../../lib/setup.ts';
import { sentence } from '../../lib/text.ts';
import { localTimes } from '../../lib/time.ts';
import classes from './Setup.module.css';

const STATES = {
  done: { Icon: IconCircleCheck, word: 'Done', tone: 'ok' },
  todo: { Icon: IconCircleDashed, word: 'To do', tone: 'neutral' },
  failing: { Icon: IconAlertTriangle, word: 'Fails', tone: 'critical' },
} as const;

function Test({ step }: { step: SetupStep }) {
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () => api.post<SetupTest>(`/setup/steps/${step.key}/test`),
    onSettled: () => client.invalidateQueries({ queryKey: checklistQuery.queryKey }),
  });
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconTestPipe size={16} />}
        loading={test.isPending}
        onClick={() => test.mutate()}
        aria-label={`Test: ${step.title}`}
      >
        Test
      </Button>
      <span className="vh" role="status">
        {test.data && `${step.title}: ${test.data.ok ? 'works' : 'does not work'}. ${sentence(test.data.detail)}`}
      </span>
      {test.data && (
        <span className={`xs ${test.data.ok ? 'c-ok' : 'c-critical'}`} aria-hidden="true">
          {test.data.ok ? 'works' : 'does not work'}, {test.data.took_ms} ms
        </span>
      )}
      {test.isError && (
        <span className="xs c-critical" role="alert">
          {errorText(test.error)}
        </span>
      )}
    </>
  );
}

/** How long a page may take before one looks at its alert, and how often is looked. */
const PATIENCE_MS = 90_000;
const LOOK_MS = 2_000;

/** Pages oneself the way that every page goes, and looks until it was delivered. */
function TestPage({ done }: { done: boolean }) {
  const client = useQueryClient();
  const [until, setUntil] = useState(0);
  const page = useMutation({
    mutationFn: () => api.post<{ alert_id: string }>('/setup/test-page'),
    onSuccess: () => setUntil(Date.now() + PATIENCE_MS),
    onSettled: () => client.invalidateQueries({ queryKey: checklistQuery.queryKey }),
  });
  const waiting = until > 0 && !done;
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => {
      if (Date.now() > until) setUntil(0);
      else void client.invalidateQueries({ queryKey: checklistQuery.queryKey });
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [client, waiting, until]);
  return (
    <>
      <Button
        variant={done ? 'default' : 'filled'}
        leftSection={<IconSend size={16} />}
        loading={page.isPending}
        onClick={() => page.mutate()}
      >
        Send a test page to me
      </Button>
      <span className="xs" role="status">
        {waiting && 'It is on its way …'}
        {page.data && (
          <>
            {' '}
            <Link to="/alerts/$id" params={{ id: page.data.alert_id }}>
              Follow it
            </Link>
          </>
        )}
      </span>
      {page.isError && (
        <span className="xs c-critical" role="alert">
          {errorText(page.error)}
        </span>
      )}
    </>
  );
}

/** Addresses of the server may carry a query, which a typed link does not take. */
function Mend({ step }: { step: SetupStep }) {
  const router = useRouter();
  const { address } = step;
  // What is done on this very screen stands below.
  if (!address || address === '/admin/setup') return null;
  return (
    <Button
      variant={step.state === 'done' ? 'subtle' : 'default'}
      renderRoot={(props) => (
        <a
          {...props}
          href={address}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            router.history.push(address);
          }}
        />
      )}
      aria-label={`Open: ${step.title}`}
    >
      Open
    </Button>
  );
}

/** Settings and commands stand between backquotes. */
function WithCode({ text }: { text: string }) {
  return text.split('`').map((part, index) =>
    index % 2 ? (
      <code key={index} className="mono">
        {part}
      </code>
    ) : (
      part
    ),
  );
}

export function Steps({ steps }: { steps: readonly SetupStep[] }) {
  return (
    <section className="panel" aria-label="Steps">
      <ol className={classes.steps}>
        {steps.map((step) => {
          const { Icon, word, tone } = STATES[step.state];
          return (
            <li key={step.key}>
              <Icon size={20} className={`c-${tone}`} aria-hidden="true" />
              <div>
                <h2>
                  {step.title}
                  <span className={`tag ${tone}`}>{word}</span>
                </h2>
                <p className="t2">
                  <WithCode text={step.explanation} />
                </p>
                {step.detail && (
                  <p className={step.state === 'failing' ? 'c-critical' : 't3'}>{sentence(localTimes(step.detail))}</p>
                )}
              </div>
              <div className={classes.acts}>
                {step.testable && <Test step={step} />}
                {step.key === 'test_page' ? <TestPage done={step.state === 'done'} /> : <Mend step={step} />}
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
