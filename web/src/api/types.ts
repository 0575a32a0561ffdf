/** Shapes of `/api/v1` as the browser reads them. Instants are RFC 3339 strings in UTC, ids are UUIDs. */

export interface Action {
  name: string;
  allowed: boolean;
  reason?: string | null;
}
export interface Ref {
  id: string;
  name: string;
}
export interface TicketRef {
  id: string;
  key: string;
  summary: string;
  status: string;
}
export interface AlertRef {
  id: string;
  tiny_id: string;
  message: string;
  priority: Priority;
  status: string;
}
export type Priority = 'P1' | 'P2' | 'P3' | 'P4' | 'P5';
export type Tier = 1 | 2 | 3 | 4;
export interface Actor {
  kind: string;
  id?: string | null;
  name: string;
}
interface Versioned {
  id: string;
  version: number;
  actions?: Action[];
}

// identity
export type Role = 'admin' | 'agent' | 'customer';
export interface Me {
  id: string;
  name: string;
  email: string;
  role: Role;
  time_zone: string;
  locale: string;
  permissions: string[];
  teams: Ref[];
  totp_enabled: boolean;
  single_keys: boolean;
  version: number;
}
export interface Session {
  person: Me;
  csrf_token: string;
  expires_at: string;
}
export interface BrowserSession {
  id: string;
  created_at: string;
  last_seen_at: string;
  user_agent: string | null;
  ip: string | null;
  current: boolean;
}
export interface ApiToken {
  id: string;
  name: string;
  permissions: string[];
  team?: Ref | null;
  created_at: string;
  expires_at?: string | null;
  last_used_at?: string | null;
  prefix: string;
}
export interface Contact {
  id: string;
  kind: 'mail' | 'webhook';
  address: string;
  verified: boolean;
  created_at: string;
}
export interface NotificationStep {
  delay_min: number;
  contact_id: string;
  priorities: Priority[];
}
export interface NotificationRules {
  version: number;
  steps: NotificationStep[];
  quiet_hours: { from: string; to: string } | null;
}
export interface Person extends Versioned {
  name: string;
  email: string;
  role: Role;
  time_zone: string;
  active: boolean;
  teams: Ref[];
  last_sign_in_at?: string | null;
  invited: boolean;
  totp_enabled: boolean;
}
export interface Team extends Versioned {
  name: string;
  description: string;
  private: boolean;
  time_zone: string;
  members: { person: Ref; role: 'admin' | 'member' }[];
}

// platform
export interface SystemStatus {
  version: string;
  base_url: string;
  mail_configured: boolean;
  mail_held: boolean;
  on_call_alarms: { alert: AlertRef; problem: string }[];
}
export interface HistoryEntry {
  id: string;
  at: string;
  kind: string;
  actor: Actor;
  origin: string;
  request_id?: string | null;
  changes: { field: string; before: unknown; after: unknown }[];
  data?: unknown;
}
export interface Job {
  id: string;
  kind: string;
  key?: string | null;
  state: string;
  due_at: string;
  attempt: number;
  max_attempts: number;
  last_error?: string | null;
  created_at: string;
  payload: unknown;
}

// catalog
export type IncidentChoice = 'open' | 'propose' | 'ignore';
export interface Responder {
  kind: 'person' | 'team' | 'schedule' | 'policy';
  id: string;
  name: string;
}
export interface Service extends Versioned {
  key: string;
  name: string;
  description: string;
  tier: Tier;
  owner_team?: Ref | null;
  responders: Responder[];
  escalation_policy?: Ref | null;
  incident_rule: { by_priority: Partial<Record<Priority, IncidentChoice>> } | null;
  open_alerts?: number;
  open_tickets?: number;
}
export interface ServiceRule {
  id: string;
  name: string;
  service?: Ref;
  service_id?: string;
  conditions: { label: string; op: 'equals' | 'matches' | 'exists'; value?: string }[];
}
export interface ServiceRules {
  version: number;
  rules: ServiceRule[];
}

// desk
export type TicketKind = 'incident' | 'request';
export type StatusCategory = 'todo' | 'doing' | 'waiting' | 'done';
export interface Project extends Versioned {
  key: string;
  name: string;
  private: boolean;
  default_kind: TicketKind;
  members: { principal: { kind: 'person' | 'team'; id: string; name: string }; role: 'manager' | 'agent' | 'viewer' }[];
}
export interface Transition {
  to: string;
  name: string;
  allowed: boolean;
  reason?: string | null;
  requires_resolution: boolean;
  /** What to choose from, when one is asked for. */
  resolutions?: string[];
}
export interface Ticket extends Versioned {
  key: string;
  kind: TicketKind;
  summary: string;
  description: string;
  project: Ref & { key: string };
  status: { key: string; name: string; category: StatusCategory };
  resolution?: string | null;
  impact: string;
  urgency: string;
  priority: Priority;
  priority_reason: { text: string; overridden: boolean };
  assignee?: Ref | null;
  reporter?: Ref | null;
  team?: Ref | null;
  service?: { id: string; name: string; tier: Tier } | null;
  labels: string[];
  created_at: string;
  updated_at: string;
  resolved_at?: string | null;
  first_response_at?: string | null;
  transitions: Transition[];
  alert_count?: number;
}
export type ActivityEntry =
  | {
      type: 'comment';
      id: string;
      at: string;
      author: Actor;
      body: string;
      visibility: 'public' | 'internal';
      edited_at?: string | null;
    }
  | {
      type: 'event';
      id: string;
      at: string;
      actor: Actor;
      kind: string;
      text: string;
      changes?: { field: string; before: unknown; after: unknown }[];
    };
export type TicketAlert = AlertRef & { count: number; acknowledged: boolean; closed_at?: string | null };
export interface LinkEnd {
  kind: string;
  id: string;
  title?: string;
}
export interface RecordLink {
  id: string;
  type: string;
  from: LinkEnd;
  to: LinkEnd;
}
export interface TicketReport {
  mttr_s?: number | null;
  resolved: number;
  opened: number;
  series: { at: string; mttr_s?: number | null; resolved: number; opened: number }[];
}

// ops
export interface Alert extends Versioned {
  tiny_id: string;
  alias: string;
  message: string;
  description: string;
  status: 'open' | 'closed';
  acknowledged: boolean;
  acknowledged_by?: Ref | null;
  acknowledged_at?: string | null;
  snoozed_until?: string | null;
  seen: boolean;
  priority: Priority;
  count: number;
  source: string;
  entity: string;
  tags: string[];
  details: Record<string, string>;
  actions: Action[];
  owner?: Ref | null;
  team?: Ref | null;
  service?: { id: string; name: string; tier: Tier } | null;
  service_reason?: string | null;
  integration?: Ref | null;
  responders: { kind: string; id: string; name: string }[];
  created_at: string;
  updated_at: string;
  last_occurred_at: string;
  closed_at?: string | null;
  closed_by?: Ref | null;
  incident?: TicketRef | null;
  incident_state: 'none' | 'opened' | 'proposed' | 'folded' | 'joined';
  escalation?: {
    policy: Ref;
    policy_version: number;
    round: number;
    next_step_at?: string | null;
    next_text?: string | null;
    state: 'running' | 'stopped' | 'finished';
  } | null;
}
export interface AlertNote {
  id: string;
  at: string;
  author: Actor;
  text: string;
}
export interface AlertLogEntry {
  id: string;
  at: string;
  actor: Actor;
  kind: string;
  text: string;
  because?: string | null;
  data?: unknown;
}
export interface NotificationEntry {
  id: string;
  at: string;
  step_text: string;
  round: number;
  step: number;
  person: Ref;
  contact: { kind: string; address: string };
  state: 'pending' | 'held' | 'sent' | 'failed' | 'cancelled';
  sent_at?: string | null;
  attempts: number;
  last_error?: string | null;
  because: string;
}
export interface AlertTrail {
  items: NotificationEntry[];
  next: { at: string; text: string; because: string }[];
  not_notified: { person: Ref; because: string }[];
}
export interface AlertReport {
  mtta_s?: number | null;
  acknowledged: number;
  created: number;
  series: { at: string; mtta_s?: number | null; acknowledged: number; created: number }[];
}
export interface OnCallNow {
  person: Ref;
  rotation: string;
  because: 'rotation' | 'override';
  until?: string | null;
}
export interface Restriction {
  from_weekday?: number;
  from: string;
  to_weekday?: number;
  to: string;
}
export interface Rotation {
  id: string;
  name: string;
  kind: 'hourly' | 'daily' | 'weekly';
  length: number;
  start: string;
  end?: string | null;
  participants: { kind: 'person' | 'none'; id?: string; name?: string }[];
  restrictions: Restriction[];
}
export interface Schedule extends Versioned {
  name: string;
  description: string;
  team?: Ref | null;
  time_zone: string;
  rotations: Rotation[];
  on_call: OnCallNow[];
}
export interface Span {
  from: string;
  to: string;
  person?: Ref | null;
  because: string;
  override_id?: string | null;
}
export interface Timeline {
  from: string;
  to: string;
  time_zone: string;
  base: { rotation_id: string; rotation: string; spans: Span[] }[];
  overrides: (Span & { id: string })[];
  final: { rotation_id: string; rotation: string; spans: Span[] }[];
  gaps: { from: string; to: string }[];
}
export interface OnCallEntry {
  schedule: Ref;
  team?: Ref | null;
  time_zone: string;
  on_call: OnCallNow[];
  gaps: { from: string; to: string }[];
}
export interface MyOnCall {
  items: { schedule: Ref; rotation: string; from?: string | null; until?: string | null }[];
  next: { schedule: Ref; from: string; until: string }[];
}
export interface EscalationStep {
  delay_min: number;
  condition: 'if_not_acked' | 'if_not_closed';
  notify: { kind: 'person' | 'schedule' | 'team'; id: string; name: string };
}
export interface EscalationPolicy extends Versioned {
  name: string;
  description: string;
  team?: Ref | null;
  steps: EscalationStep[];
  repeat: { wait_min: number; count: number } | null;
  ack_timeout_min: number | null;
  document_version: number;
}
export interface Integration extends Versioned {
  name: string;
  kind: 'alertmanager' | 'generic' | 'opsgenie';
  team?: Ref | null;
  enabled: boolean;
  key_prefix: string;
  url: string;
  settings: Record<string, unknown>;
  mapping?: unknown;
  last_event_at?: string | null;
  event_counts: { accepted: number; rejected: number };
}
export interface IntegrationEvent {
  id: string;
  received_at: string;
  state: 'accepted' | 'rejected';
  reason?: string | null;
  place?: string | null;
  alerts: AlertRef[];
  payload: string;
  truncated: boolean;
}
