import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Action, DocumentVersion, StoredDocument } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { actorName } from '../../lib/text.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { Changes } from '../../ui/Changes.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Moment } from '../../ui/Time.tsx';
import { differences } from './differences.ts';
import { type DocumentKind, documentVersionQuery, documentVersionsQuery, useChange } from './queries.ts';

interface Props {
  kind: DocumentKind;
  /** Which one of its kind. */
  of: string;
  /** What it is called, such as `the service level`. */
  what: string;
  /** The right to change it, which is also the right to restore. */
  action: Action | undefined;
  onRestored?: () => void;
}

/** What a version says otherwise than the one in force. */
function Compared({
  kind,
  of,
  version,
  current,
}: {
  kind: DocumentKind;
  of: string;
  version: number;
  current: number;
}) {
  const old = useQuery(documentVersionQuery(kind, of, version));
  const now = useQuery(documentVersionQuery(kind, of, current));
  return (
    <QueryState query={old} what="the version" rows={2}>
      {(then: StoredDocument) => (
        <QueryState query={now} what="the version in force" rows={2}>
          {(inForce: StoredDocument) => {
            const changes = differences(then.body, inForce.body);
            return changes.length === 0 ? (
              <p className="t3 xs">It says the same as the version in force.</p>
            ) : (
              <div className="xs" style={{ overflowWrap: 'anywhere' }}>
                <p className="t3">What it says, and what is in force:</p>
                <Changes changes={changes} />
              </div>
            );
          }}
        </QueryState>
      )}
    </QueryState>
  );
}

function Line({
  kind,
  of,
  what,
  action,
  onRestored,
  version,
  current,
}: Props & { version: DocumentVersion; current: number }) {
  const [opened, setOpened] = useState(false);
  const restore = useChange(kind, () => api.post(`/documents/${kind}/${of}/versions/${version.version}/restore`));
  const inForce = version.version === current;
  return (
    <li style={{ alignItems: 'flex-start' }}>
      <details className="grow" onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary>
          Version {version.version}
          {inForce && ', in force'}
          <div className="t3 xs">
            <Moment at={version.at} />, {actorName(version.actor)}
          </div>
        </summary>
        {opened && (
          <div className="stack" style={{ gap: 6, padding: '4px 0 8px' }}>
            {inForce ? (
              <p className="t3 xs">This is the version in force.</p>
            ) : (
              <>
                <Compared kind={kind} of={of} version={version.version} current={current} />
                <div>
                  <ActionButton
                    action={action}
                    size="compact-xs"
                    loading={restore.isPending}
                    onClick={() =>
                      restore.mutate(undefined, {
                        onSuccess: () => {
                          toastOk(`Version ${version.version} is in force again, as the newest version`);
                          onRestored?.();
                        },
                        onError: (error) => toastError(error, `Version ${version.version} is not restored`),
                      })
                    }
                  >
                    Restore {what}
                  </ActionButton>
                </div>
              </>
            )}
          </div>
        )}
      </details>
    </li>
  );
}

/** All versions of a document, newest first; an old one is compared with the one in force, and can be restored. */
export function Versions(props: Props) {
  const versions = useInfiniteQuery(documentVersionsQuery(props.kind, props.of));
  return (
    <section className="panel" aria-label="Versions">
      <header>
        <h2>Versions</h2>
      </header>
      <div className="pad">
        <QueryState query={versions} what="the versions" rows={2}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items);
            return (
              <ul className="lines">
                {items.map((version) => (
                  <Line key={version.version} {...props} version={version} current={items[0]?.version ?? 0} />
                ))}
              </ul>
            );
          }}
        </QueryState>
        {versions.hasNextPage && (
          <Button
            variant="default"
            size="compact-xs"
            loading={versions.isFetchingNextPage}
            onClick={() => void versions.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </div>
    </section>
  );
}
