/** Where two stored documents differ, by path: `goals[0].target_min`. */
import type { FieldChange } from '../../api/types.ts';

const isGroup = (value: unknown): value is Record<string, unknown> | unknown[] =>
  typeof value === 'object' && value !== null;
const isEmpty = (value: unknown) => isGroup(value) && Object.keys(value).length === 0;
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Lists and groups are gone into; what one side does not have at all is one difference. */
export function differences(before: unknown, after: unknown, path = ''): FieldChange[] {
  if (same(before, after) || (isEmpty(before) && after === undefined) || (isEmpty(after) && before === undefined))
    return [];
  if (!isGroup(before) || !isGroup(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ field: path, before: before ?? null, after: after ?? null }];
  const lists = Array.isArray(before);
  const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((name) =>
    differences(a[name], b[name], lists ? `${path}[${name}]` : path ? `${path}.${name}` : name),
  );
}
