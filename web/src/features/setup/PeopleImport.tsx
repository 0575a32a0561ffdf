import { Button, Checkbox } from '@mantine/core';
import { IconFileSpreadsheet, IconUpload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ImportedPeople, ImportOutcome } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { checklistQuery } from '../../lib/setup.ts';
import { sentence, sizeText } from '../../lib/text.ts';
import { toastOk } from '../../lib/toast.ts';
import { DropZone } from '../../ui/DropZone.tsx';
import { FilePick } from '../../ui/FilePick.tsx';
import { StatusBadge, type Tone } from '../../ui/StatusBadge.tsx';
import classes from './Setup.module.css';

const OUTCOMES: Record<ImportOutcome, { tone: Tone; before: string; after: string }> = {
  create: { tone: 'info', before: 'is invited', after: 'invited' },
  update: { tone: 'info', before: 'changes', after: 'changed' },
  same: { tone: 'neutral', before: 'stays', after: 'as it was' },
  error: { tone: 'critical', before: 'cannot be read', after: 'left out' },
};

function Rows({ answer }: { answer: ImportedPeople }) {
  // What needs a look first.
  const rows = answer.rows.toSorted((a, b) => Number(b.outcome === 'error') - Number(a.outcome === 'error'));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard
    <div className={classes.rows} role="region" aria-label="Lines of the file" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Mail address</th>
            <th scope="col">Outcome</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ line, email, outcome, message, changes }) => {
            const { tone, before, after } = OUTCOMES[outcome];
            return (
              <tr key={line}>
                <td className="num t3">{line}</td>
                <td>{email}</td>
                <td>
                  <StatusBadge tone={tone}>{answer.applied ? after : before}</StatusBadge>
                </td>
                <td className={outcome === 'error' ? 'c-critical' : 't2'}>
                  {message ? sentence(message) : changes?.join(', ')}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const counted = ({ created, updated, unchanged, failed }: ImportedPeople): string =>
  [
    `${created} new`,
    `${updated} changed`,
    `${unchanged} as they are`,
    ...(failed > 0 ? [`${failed} that cannot be read`] : []),
  ].join(', ');

/** People from a file: first what would happen, line by line, then the import, all or nothing. */
export function PeopleImport() {
  const client = useQueryClient();
  const [file, setFile] = useState<{ name: string; size: number; text: string }>();
  const [skip, setSkip] = useState(false);
  const send = useMutation({
    mutationFn: ({ text, dry, skipErrors }: { text: string; dry: boolean; skipErrors: boolean }) =>
      api.post<ImportedPeople>('/people/import', text, {
        type: 'text/csv',
        query: { ...(dry && { dry_run: true }), ...(skipErrors && { skip_errors: true }) },
      }),
    onSuccess: async (answer) => {
      if (!answer.applied) return;
      toastOk(`${answer.created} invited, ${answer.updated} changed`);
      await Promise.all([
        client.invalidateQueries({ queryKey: ['person'] }),
        client.invalidateQueries({ queryKey: ['team'] }),
        client.invalidateQueries({ queryKey: checklistQuery.queryKey }),
      ]);
    },
  });
  const choose = async ([chosen]: File[]) => {
    if (!chosen) return;
    const text = await chosen.text();
    setFile({ name: chosen.name, size: chosen.size, text });
    setSkip(false);
    send.mutate({ text, dry: true, skipErrors: false });
  };
  const answer = send.data;
  const changing = answer ? answer.created + answer.updated : 0;
  const held = answer && answer.failed > 0 && !skip;
  return (
    <section className="panel" aria-labelledby="import">
      <header>
        <h2 id="import">People from a file</h2>
        <span className="t3 cut hide-phone">nothing is changed before you have seen what would</span>
      </header>
      <div className="pad stack">
        <DropZone onFiles={(files) => void choose(files)} hint="Let go to look at the file">
          <FilePick label="File with people" accept=".csv,text/csv" onFiles={(files) => void choose(files)}>
            {(open) => (
              <div className={classes.drop}>
                <IconFileSpreadsheet size={24} stroke={1.5} aria-hidden="true" />
                {file ? (
                  <span>
                    <b className="b">{file.name}</b> <span className="t3 xs">{sizeText(file.size)}</span>
                  </span>
                ) : (
                  <span className="t2">
                    A CSV file whose first line names its columns: <code className="mono">email</code>,{' '}
                    <code className="mono">name</code>, and if you like <code className="mono">role</code> (agent or
                    customer), <code className="mono">teams</code> (several with “;” between),{' '}
                    <code className="mono">time_zone</code>.
                  </span>
                )}
                <Button variant="default" leftSection={<IconUpload size={16} />} onClick={open}>
                  {file ? 'Choose another file' : 'Choose the file'}
                </Button>
              </div>
            )}
          </FilePick>
        </DropZone>
        {send.isPending && <p className="t2">{answer ? 'Importing …' : 'Reading the file …'}</p>}
        {send.isError && (
          <p className="note critical" role="alert">
            {errorText(send.error)}
          </p>
        )}
        {answer && file && (
          <>
            <p role="status">
              <b className="b">{answer.applied ? 'Imported: ' : 'This would be: '}</b>
              {counted(answer)}.
              {answer.ignored_columns.length > 0 && (
                <span className="t3"> Not used: the columns {answer.ignored_columns.join(', ')}.</span>
              )}
            </p>
            {answer.rows.length > 0 && <Rows answer={answer} />}
            {answer.applied ? (
              <p>
                <Link to="/admin/people">Look at the people</Link>
              </p>
            ) : (
              <>
                {answer.failed > 0 && (
                  <Checkbox
                    label="Leave out the lines that cannot be read"
                    checked={skip}
                    onChange={(event) => setSkip(event.currentTarget.checked)}
                  />
                )}
                <div className="row wrap">
                  <Button
                    loading={send.isPending}
                    disabled={held || changing === 0}
                    aria-describedby={held || changing === 0 ? 'import-held' : undefined}
                    onClick={() => send.mutate({ text: file.text, dry: false, skipErrors: skip })}
                  >
                    Import {changing === 1 ? 'one person' : `${changing} people`}
                  </Button>
                  {(held || changing === 0) && (
                    <span id="import-held" className="t3 xs">
                      {held ? 'Mend the lines in the file, or leave them out.' : 'Nothing in the file is new.'}
                    </span>
                  )}
                </div>
              </>
            )}
          </>
        )}
      </div>
    </section>
  );
}
