/** What is left to do until the first page arrives; for administrators. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { SetupChecklist } from '../api/types.ts';
import { api } from './api.ts';
import { toastError } from './toast.ts';

export const checklistQuery = queryOptions({
  queryKey: ['setup', 'checklist'],
  queryFn: ({ signal }) => api.get<SetupChecklist>('/setup/checklist', { signal }),
  // Most steps are done on other screens.
  staleTime: 0,
});

/** Puts the list away, or takes it out again. */
export function useDismiss() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (dismissed: boolean) => api.put<SetupChecklist>('/setup/checklist', { dismissed }),
    onSuccess: (list) => client.setQueryData(checklistQuery.queryKey, list),
    onError: (error) => toastError(error, 'The list stays as it was'),
  });
}
