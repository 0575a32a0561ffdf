import { Button } from '@mantine/core';

interface Props {
  /** A list that is read page by page. */
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

/** Below a list, while the server has more of it. */
export function ShowMore({ query }: Props) {
  if (!query.hasNextPage) return null;
  return (
    <div style={{ padding: 10 }}>
      <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        Show more
      </Button>
    </div>
  );
}
