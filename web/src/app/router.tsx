import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
} from '@tanstack/react-router';
import type { Role } from '../api/types.ts';
import type { AuditFilter } from '../features/admin/queries.ts';
import { readReportsSearch } from '../features/home/drill.ts';
import { api } from '../lib/api.ts';
import { sessionQuery } from '../lib/session.ts';
import { LoadingSkeleton } from '../ui/LoadingSkeleton.tsx';
import { NotFound, RouteError } from './RouteStates.tsx';
import { Shell } from './Shell.tsx';

/**
 * Every screen and its address. Each feature is one lazy chunk; the URL holds filters and tabs.
 *
 * A `validateSearch` names every parameter, with `undefined` for what it refuses: the router lays its
 * answer over the raw parameters, so one that is merely left out would reach the page unchecked.
 */

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  errorComponent: RouteError,
  notFoundComponent: NotFound,
});

const isRole = (value: unknown): value is Role => value === 'admin' || value === 'agent' || value === 'customer';
const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined);

// ---------- Before sign-in: features/door ----------
const setupPage = lazyRouteComponent(() => import('../features/door/SetupPage.tsx'), 'SetupPage');
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  beforeLoad: async ({ context }) => {
    // Whoever is signed in means the list of what is left to do.
    if (await context.client.ensureQueryData(sessionQuery)) throw redirect({ to: '/admin/setup' });
  },
  component: setupPage,
});
// The link that the server prints when nobody exists yet.
const setupLink = createRoute({ getParentRoute: () => root, path: '/setup/$token', component: setupPage });
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string | undefined } => {
    const next = text(search.next);
    // Only paths of our own: never a way to another site.
    return { next: next?.startsWith('/') && !next.startsWith('//') && !next.includes('\\') ? next : undefined };
  },
  beforeLoad: async ({ context }) => {
    if (await context.client.ensureQueryData(sessionQuery)) throw redirect({ to: '/home' });
    if ((await api.get<{ needed: boolean }>('/setup')).needed) throw redirect({ to: '/setup' });
  },
  component: lazyRouteComponent(() => import('../features/door/SignInPage.tsx'), 'SignInPage'),
});
const forgot = createRoute({
  getParentRoute: () => root,
  path: '/forgot',
  component: lazyRouteComponent(() => import('../features/door/ForgotPage.tsx'), 'ForgotPage'),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset/$token',
  component: lazyRouteComponent(() => import('../features/door/ResetPage.tsx'), 'ResetPage'),
});
const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite/$token',
  component: lazyRouteComponent(() => import('../features/door/InvitePage.tsx'), 'InvitePage'),
});

// ---------- Inside: everything below needs a session ----------
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } });
  },
  component: Shell,
});
const index = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/home' });
  },
});

// ---------- features/home ----------
const home = createRoute({
  getParentRoute: () => shell,
  path: '/home',
  validateSearch: (
    search: Record<string, unknown>,
  ): {
    days?: number | undefined;
  } => {
    const days = Number(search.days);
    return {
      days: days === 7 || days === 30 ? days : undefined,
    };
  },
  component: lazyRouteComponent(() => import('../features/home/HomePage.tsx'), 'HomePage'),
});

const reports = createRoute({
  getParentRoute: () => shell,
  path: '/reports',
  validateSearch: readReportsSearch,
  component: lazyRouteComponent(() => import('../features/home/ReportsPage.tsx'), 'ReportsPage'),
});

// ---------- features/me ----------
const me = createRoute({
  getParentRoute: () => shell,
  path: '/me',
  validateSearch: (search: Record<string, unknown>): { tab?: string | undefined } => ({ tab: text(search.tab) }),
  component: lazyRouteComponent(() => import('../features/me/MePage.tsx'), 'MePage'),
});

const notifications = createRoute({
  getParentRoute: () => shell,
  path: '/me/notifications',
  validateSearch: (search: Record<string, unknown>): { view?: 'all' | undefined } => ({
    view: search.view === 'all' ? 'all' : undefined,
  }),
  component: lazyRouteComponent(() => import('../features/me/NotificationsPage.tsx'), 'NotificationsPage'),
});

// ---------- features/tickets ----------
interface TicketsSearch {
  /** A saved query, unless `query` says otherwise. */
  queue?: string | undefined;
  /** In the query language, as the server writes it. */
  query?: string | undefined;
  /** `key,summary` */
  columns?: string | undefined;
  view?: 'all' | 'open' | 'todo' | 'doing' | 'waiting' | 'done' | undefined;
  project?: string | undefined;
  kind?: 'incident' | 'request' | undefined;
  /** `me`, `none` or the id of a person. */
  assignee?: string | undefined;
  team?: string | undefined;
  service?: string | undefined;
  /** `P1,P2` */
  priority?: string | undefined;
  text?: string | undefined;
  sort?: string | undefined;
}
const VIEWS = ['all', 'open', 'todo', 'doing', 'waiting', 'done'] as const;
const priorities = (value: unknown) => (/^P[1-5](,P[1-5])*$/.test(String(value)) ? String(value) : undefined);
const tickets = createRoute({
  getParentRoute: () => shell,
  path: '/tickets',
  validateSearch: (search: Record<string, unknown>): TicketsSearch => ({
    queue: text(search.queue),
    query: text(search.query),
    columns: /^[a-z]+(:[a-z0-9_]+)?(,[a-z]+(:[a-z0-9_]+)?)*$/.test(text(search.columns) ?? '')
      ? text(search.columns)
      : undefined,
    view: VIEWS.find((view) => view === search.view),
    project: text(search.project),
    kind: search.kind === 'incident' || search.kind === 'request' ? search.kind : undefined,
    assignee: text(search.assignee),
    team: text(search.team),
    service: text(search.service),
    priority: priorities(search.priority),
    text: text(search.text),
    sort: /^-?(created|updated|priority)$/.test(String(search.sort)) ? String(search.sort) : undefined,
  }),
  component: lazyRouteComponent(() => import('../features/tickets/TicketsPage.tsx'), 'TicketsPage'),
});
const newTicket = createRoute({
  getParentRoute: () => shell,
  path: '/tickets/new',
  validateSearch: (
    search: Record<string, unknown>,
  ): { project?: string | undefined; service?: string | undefined; kind?: 'incident' | 'request' | undefined } => ({
    project: text(search.project),
    service: text(search.service),
    kind: search.kind === 'incident' || search.kind === 'request' ? search.kind : undefined,
  }),
  component: lazyRouteComponent(() => import('../features/tickets/NewTicketPage.tsx'), 'NewTicketPage'),
});
const ticket = createRoute({
  getParentRoute: () => shell,
  path: '/tickets/$key',
  validateSearch: (
    search: Record<string, unknown>,
  ): {
    tab?: 'history' | 'clocks' | undefined;
    /** The picture that is shown large. */
    file?: string | undefined;
  } => ({
    tab: search.tab === 'history' || search.tab === 'clocks' ? search.tab : undefined,
    file: text(search.file),
  }),
  component: lazyRouteComponent(() => import('../features/tickets/TicketPage.tsx'), 'TicketPage'),
});

// ---------- features/alerts ----------
const ALERT_VIEWS = ['open', 'closed', 'all'] as const;
/** `key,summary` */
const columnNames = (value: unknown) =>
  /^[a-z_:0-9]+(,[a-z_:0-9]+)*$/.test(text(value) ?? '') ? text(value) : undefined;
interface AlertsSearch {
  /** `priority,title` */
  columns?: string | undefined;
  /** A saved query, unless `query` says otherwise. */
  queue?: string | undefined;
  status?: 'open' | 'closed' | 'all' | undefined;
  acknowledged?: boolean | undefined;
  /** `P1,P2` */
  priority?: string | undefined;
  team?: string | undefined;
  service?: string | undefined;
  query?: string | undefined;
  create?: 'alert' | 'test' | undefined;
}
const alerts = createRoute({
  getParentRoute: () => shell,
  path: '/alerts',
  validateSearch: (search: Record<string, unknown>): AlertsSearch => ({
    queue: text(search.queue),
    columns: columnNames(search.columns),
    status: ALERT_VIEWS.find((view) => view === search.status),
    acknowledged: typeof search.acknowledged === 'boolean' ? search.acknowledged : undefined,
    priority: priorities(search.priority),
    team: text(search.team),
    service: text(search.service),
    query: text(search.query),
    create: search.create === 'alert' || search.create === 'test' ? search.create : undefined,
  }),
  component: lazyRouteComponent(() => import('../features/alerts/AlertsPage.tsx'), 'AlertsPage'),
});
const alert = createRoute({
  getParentRoute: () => shell,
  path: '/alerts/$id',
  component: lazyRouteComponent(() => import('../features/alerts/AlertPage.tsx'), 'AlertPage'),
});

// ---------- features/oncall ----------
const oncall = createRoute({
  getParentRoute: () => shell,
  path: '/oncall',
  validateSearch: (
    search: Record<string, unknown>,
  ): { tab?: 'policies' | undefined; create?: boolean | undefined } => ({
    tab: search.tab === 'policies' ? 'policies' : undefined,
    create: search.create === true || undefined,
  }),
  component: lazyRouteComponent(() => import('../features/oncall/OnCallPage.tsx'), 'OnCallPage'),
});
const schedule = createRoute({
  getParentRoute: () => shell,
  path: '/oncall/$id',
  validateSearch: (search: Record<string, unknown>): { from?: string | undefined; days?: number | undefined } => ({
    from:
      /^\d{4}-\d{2}-\d{2}$/.test(String(search.from)) && !Number.isNaN(Date.parse(String(search.from)))
        ? String(search.from)
        : undefined,
    days: search.days === 7 || search.days === 28 ? search.days : undefined,
  }),
  component: lazyRouteComponent(() => import('../features/oncall/SchedulePage.tsx'), 'SchedulePage'),
});
const policy = createRoute({
  getParentRoute: () => shell,
  path: '/oncall/policies/$id',
  component: lazyRouteComponent(() => import('../features/oncall/PolicyPage.tsx'), 'PolicyPage'),
});

// ---------- features/services ----------
const services = createRoute({
  getParentRoute: () => shell,
  path: '/services',
  validateSearch: (search: Record<string, unknown>): { query?: string | undefined; create?: boolean | undefined } => ({
    query: text(search.query),
    create: search.create === true || undefined,
  }),
  component: lazyRouteComponent(() => import('../features/services/ServicesPage.tsx'), 'ServicesPage'),
});
const serviceRules = createRoute({
  getParentRoute: () => shell,
  path: '/services/rules',
  component: lazyRouteComponent(() => import('../features/services/RulesPage.tsx'), 'RulesPage'),
});
const incidentRules = createRoute({
  getParentRoute: () => shell,
  path: '/services/incidents',
  component: lazyRouteComponent(() => import('../features/services/IncidentRulesPage.tsx'), 'IncidentRulesPage'),
});
const service = createRoute({
  getParentRoute: () => shell,
  path: '/services/$id',
  validateSearch: (search: Record<string, unknown>): { edit?: boolean | undefined } => ({
    edit: search.edit === true || undefined,
  }),
  component: lazyRouteComponent(() => import('../features/services/ServicePage.tsx'), 'ServicePage'),
});

// ---------- features/integrations ----------
const integrations = createRoute({
  getParentRoute: () => shell,
  path: '/integrations',
  validateSearch: (search: Record<string, unknown>): { create?: boolean | undefined } => ({
    create: search.create === true || undefined,
  }),
  component: lazyRouteComponent(() => import('../features/integrations/IntegrationsPage.tsx'), 'IntegrationsPage'),
});
const integration = createRoute({
  getParentRoute: () => shell,
  path: '/integrations/$id',
  component: lazyRouteComponent(() => import('../features/integrations/IntegrationPage.tsx'), 'IntegrationPage'),
});

// ---------- features/admin ----------
const people = createRoute({
  getParentRoute: () => shell,
  path: '/admin/people',
  validateSearch: (
    search: Record<string, unknown>,
  ): {
    query?: string | undefined;
    role?: Role | undefined;
    person?: string | undefined;
    invite?: boolean | undefined;
  } => ({
    query: text(search.query),
    role: isRole(search.role) ? search.role : undefined,
    person: text(search.person),
    invite: search.invite === true || undefined,
  }),
  component: lazyRouteComponent(() => import('../features/admin/PeoplePage.tsx'), 'PeoplePage'),
});
const teams = createRoute({
  getParentRoute: () => shell,
  path: '/admin/teams',
  validateSearch: (search: Record<string, unknown>): { team?: string | undefined; create?: boolean | undefined } => ({
    team: text(search.team),
    create: search.create === true || undefined,
  }),
  component: lazyRouteComponent(() => import('../features/admin/TeamsPage.tsx'), 'TeamsPage'),
});
const projects = createRoute({
  getParentRoute: () => shell,
  path: '/admin/projects',
  validateSearch: (
    search: Record<string, unknown>,
  ): { project?: string | undefined; create?: boolean | undefined } => ({
    project: text(search.project),
    create: search.create === true || undefined,
  }),
  component: lazyRouteComponent(() => import('../features/admin/ProjectsPage.tsx'), 'ProjectsPage'),
});

const calendars = createRoute({
  getParentRoute: () => shell,
  path: '/admin/calendars',
  validateSearch: (
    search: Record<string, unknown>,
  ): { calendar?: string | undefined; create?: boolean | undefined } => ({
    calendar: text(search.calendar),
    create: search.create === true || undefined,
  }),
  component: lazyRouteComponent(() => import('../features/admin/CalendarsPage.tsx'), 'CalendarsPage'),
});
const slas = createRoute({
  getParentRoute: () => shell,
  path: '/admin/slas',
  validateSearch: (search: Record<string, unknown>): { create?: boolean | undefined } => ({
    create: search.create === true || undefined,
  }),
  component: lazyRouteComponent(() => import('../features/admin/SlasPage.tsx'), 'SlasPage'),
});
const sla = createRoute({
  getParentRoute: () => shell,
  path: '/admin/slas/$key',
  component: lazyRouteComponent(() => import('../features/admin/SlaPage.tsx'), 'SlaPage'),
});
const fields = createRoute({
  getParentRoute: () => shell,
  path: '/admin/fields',
  validateSearch: (search: Record<string, unknown>): { field?: string | undefined; create?: boolean | undefined } => ({
    field: text(search.field),
    create: search.create === true || undefined,
  }),
  component: lazyRouteComponent(() => import('../features/admin/FieldsPage.tsx'), 'FieldsPage'),
});
const jobs = createRoute({
  getParentRoute: () => shell,
  path: '/admin/jobs',
  validateSearch: (search: Record<string, unknown>): { state?: 'pending' | undefined } => ({
    state: search.state === 'pending' ? 'pending' : undefined,
  }),
  component: lazyRouteComponent(() => import('../features/admin/JobsPage.tsx'), 'JobsPage'),
});

const setupList = createRoute({
  getParentRoute: () => shell,
  path: '/admin/setup',
  component: lazyRouteComponent(() => import('../features/setup/SetupPage.tsx'), 'SetupPage'),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/admin/audit',
  validateSearch: (search: Record<string, unknown>): AuditFilter => ({
    actor: text(search.actor),
    record_kind: text(search.record_kind),
    record_id: text(search.record_id),
    kind: text(search.kind),
    origin: text(search.origin),
    from: text(search.from),
    to: text(search.to),
  }),
  component: lazyRouteComponent(() => import('../features/admin/AuditPage.tsx'), 'AuditPage'),
});

// Anything else: said inside the console, so that the way on is in reach.
const nowhere = createRoute({ getParentRoute: () => shell, path: '$', component: NotFound });

const routeTree = root.addChildren([
  setup,
  setupLink,
  signIn,
  forgot,
  reset,
  invite,
  shell.addChildren([
    index,

    home,
    reports,

    me,
    notifications,

    tickets,
    newTicket,
    ticket,

    alerts,
    alert,

    oncall,
    schedule,
    policy,

    integrations,
    integration,
    services,
    serviceRules,
    incidentRules,
    service,

    people,
    teams,
    projects,
    calendars,
    slas,
    sla,
    fields,
    jobs,
    audit,
    setupList,

    nowhere,
  ]),
]);

/** `history` is only given by tests, which have no address bar. */
export function makeRouter(client: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree,
    ...(history && { history }),
    context: { client },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: () => <LoadingSkeleton rows={8} />,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
    scrollToTopSelectors: ['#main'],
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
