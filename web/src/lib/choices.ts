/** What one can choose from in forms and filters: people, teams, services, projects, schedules and policies. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { EscalationPolicy, Person, Project, Schedule, Service, Team } from '../api/types.ts';
import { api, type Page } from './api.ts';
import { type LiveKind, listKey } from './keys.ts';

export interface Choice {
  value: string;
  label: string;
}
/** The choices that match what is typed; lists of few records ignore the term and are filtered in the browser. */
export type ChoiceSource = (term: string) => ReturnType<typeof choices<{ id: string; name: string }>>;

function choices<T extends { id: string }>(
  kind: LiveKind,
  path: string,
  query: Record<string, string | number>,
  label: (record: T) => string,
) {
  return queryOptions({
    queryKey: listKey(kind, 'choice', query),
    queryFn: async ({ signal }): Promise<Choice[]> =>
      (await api.get<Page<T>>(path, { query, signal })).items.map((record) => ({
        value: record.id,
        label: label(record),
      })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

const byName = ({ name }: { name: string }) => name;
export const peopleChoices: ChoiceSource = (term) =>
  choices<Person>('person', '/people', { ...(term && { query: term }), limit: 50 }, byName);
export const serviceChoices: ChoiceSource = (term) =>
  choices<Service>('service', '/services', { ...(term && { query: term }), limit: 50 }, byName);
export const teamChoices: ChoiceSource = () => choices<Team>('team', '/teams', { limit: 200 }, byName);
export const scheduleChoices: ChoiceSource = () => choices<Schedule>('schedule', '/schedules', { limit: 200 }, byName);
export const policyChoices: ChoiceSource = () =>
  choices<EscalationPolicy>('escalation_policy', '/escalation-policies', { limit: 200 }, byName);
export const projectChoices: ChoiceSource = () =>
  choices<Project>('project', '/projects', { limit: 200 }, ({ key, name }) => `${name} (${key})`);
