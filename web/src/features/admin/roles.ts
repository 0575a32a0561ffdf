import type { Project, Role, Team } from '../../api/types.ts';

/** What the roles mean, in a line each. The rights themselves are the server's. */
export const ROLES: Record<Role, { label: string; plural: string; text: string }> = {
  admin: { label: 'Administrator', plural: 'Administrators', text: 'Everything, people and settings too.' },
  agent: { label: 'Agent', plural: 'Agents', text: 'Works on tickets and alerts, takes part in on-call.' },
  customer: { label: 'Customer', plural: 'Customers', text: 'Raises requests and follows their own.' },
};

export const TEAM_ROLES: Record<Team['members'][number]['role'], string> = { admin: 'Team admin', member: 'Member' };

export const PROJECT_ROLES: Record<Project['members'][number]['role'], string> = {
  manager: 'Manager',
  agent: 'Agent',
  viewer: 'Viewer',
};
