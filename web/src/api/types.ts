/**
 * Names for the shapes of `/api/v1`. They are the generated ones of `schema.d.ts` (`npm run types`). Where the
 * description says `string` and the server has a closed set of words, `With` narrows it to those words.
 */
import type { components } from './schema.d.ts';

type Schemas = components['schemas'];
/** A shape with some fields known more exactly than the description says. */
type With<T, Known> = Omit<T, keyof Known> & Known;

export type Action = Schemas['Action'];
export type Ref = Schemas['Ref'];
export type AlertRef = With<Schemas['AlertRef'], { priority: Priority }>;
export type TicketRef = Schemas['IncidentRef'];
export type Priority = Schemas['Priority'];
export type Tier = 1 | 2 | 3 | 4;
export type Actor = Schemas['ShownActor'];

// identity
export type Role = Schemas['Role'];
export type Permission = Schemas['Permission'];
export type Me = Schemas['Me'];
export type Session = Schemas['Session'];
export type BrowserSession = Schemas['SessionInfo'];
export type ApiToken = Schemas['Token'];
export type Contact = Schemas['Contact'];
export type NotificationStep = With<Schemas['RuleStep'], { priorities: Priority[] }>;
export type NotificationRules = With<Schemas['NotificationRules'], { steps: NotificationStep[] }>;
export type Person = Schemas['Person'];
export type Team = Schemas['Team'];
export type TeamRouting = Schemas['TeamRouting'];

export type Notice = Schemas['PersonalNotification'];
export type NoticePage = Schemas['Notifications'];
export type NoticeChoice = Schemas['NotificationEvent'];
export type NoticeChoices = Schemas['NotificationChoices'];
export type ImportedPeople = Schemas['ImportedPeople'];
export type ImportOutcome = ImportedPeople['rows'][number]['outcome'];
export type Organisation = Schemas['Organisation'];

// set-up
export type SetupStep = Schemas['SetupStep'];
export type SetupChecklist = Schemas['SetupChecklist'];
export type SetupTest = Schemas['SetupTest'];
export type RemoveDemo = Schemas['RemoveDemo'];
export type DemoRemoved = Schemas['DemoRemoved'];

// platform
export type SystemStatus = With<
  Schemas['SystemStatus'],
  { on_call_alarms: With<Schemas['OnCallAlarm'], { alert: AlertRef }>[] }
>;
export type HistoryEntry = Schemas['HistoryEntry'];
export type FieldChange = Schemas['FieldChange'];
export type AuditEntry = Schemas['AuditEntry'];
export type AccessAnswer = Schemas['AccessAnswer'];
export type Job = With<Schemas['ShownJob'], { state: 'pending' | 'dead' }>;

// catalog
export type IncidentChoice = Schemas['IncidentAction'];
type ChoiceByPriority = Partial<Record<Priority, IncidentChoice>>;
export type IncidentRules = With<Schemas['ShownIncidentRules'], { by_tier: Partial<Record<string, ChoiceByPriority>> }>;
export type Responder = Schemas['ResponderDto'];
export type Service = With<
  Schemas['Service'],
  {
    tier: Tier;
    incident_rule: { by_priority?: ChoiceByPriority };
  }
>;
export type ServiceRule = Schemas['ServiceRule'];
export type ServiceRules = Schemas['ServiceRules'];
export type RuleTest = Schemas['ServiceRuleTest'];

// desk
export type TicketKind = Schemas['Kind'];
export type StatusCategory = Schemas['StatusCategory'];
export type Project = Schemas['Project'];
export type Transition = Schemas['TransitionOffer'];
export type Ticket = With<
  Schemas['Ticket'],
  {
    service?: With<Schemas['ServiceRef'], { tier: Tier }> | null;
    slas: TicketSla[];
  }
>;
export type ActivityEntry = Schemas['ActivityEntry'];
export type TicketAlert = With<Schemas['IncidentAlert'], { priority: Priority }>;
export type RecordLink = Schemas['Link'];
export type TicketReport = Schemas['TicketReport'];

// desk: custom fields
export type FieldKind = Schemas['FieldKind'];
export type FieldOption = Schemas['FieldOption'];
/** As answered: what it is for is always said. */
export type FieldBody = With<
  Schemas['FieldBody'],
  {
    projects: string[];
    ticket_kinds: TicketKind[];
    required: boolean;
    customers: Schemas['FieldCustomerAccess'];
  }
>;
export type Field = With<Schemas['Field'], { definition: FieldBody }>;
export type TicketField = Schemas['TicketField'];

// desk: many tickets at once
export type BulkChange = Partial<Schemas['BulkChange']>;
export type BulkTicket = Schemas['BulkTicket'];
export type BulkOutcome = Schemas['BulkOutcome'];

// desk: queries and queues
export type QueryProblem = Schemas['QueryProblem'];
export type QueryCheck = Schemas['CheckedQuery'];
export type Completion = Schemas['QueryCompletionItem'];
export type Completions = Schemas['QueryCompletion'];
export type Queue = Schemas['Queue'];
export type Count = Schemas['RecordCount'];

// desk: service levels
export type TicketSla = With<Schemas['TicketSla'], { phase: 'running' | 'paused' | 'completed' }> & {
  /** Server time of the answer in milliseconds, from which the browser ticks; set where it is fetched. */
  seen_at?: number;
};
export type TicketClock = With<Schemas['TicketClock'], { phase: TicketSla['phase'] }> & { seen_at?: number };
export type ClockChange = Schemas['ClockTimeline']['items'][number];
export type Calendar = Schemas['Calendar'];
export type CalendarBody = Schemas['CalendarBody'];
export type CalendarPreview = Schemas['CalendarPreview'];
export type Sla = Schemas['Sla'];
export type SlaBody = Schemas['SlaBody'];
export type StoredDocument = With<Schemas['DocumentDto'], { body: unknown }>;
export type DocumentVersion = Schemas['DocumentVersionDto'];
export type SlaReport = Schemas['SlaReport'];
export type SlaReportTicket = Schemas['SlaReportTicket'];

// ops
export type Alert = With<
  Schemas['Alert'],
  {
    status: 'open' | 'closed';
    priority: Priority;
    service?: With<Schemas['AffectedService'], { tier: Tier }> | null;
    incident_state: 'none' | 'opened' | 'proposed' | 'folded' | 'joined';
    escalation?: With<Schemas['AlertEscalation'], { state: 'running' | 'stopped' | 'finished' }> | null;
  }
>;
export type AlertNote = Schemas['Note'];
export type AlertLogEntry = Schemas['LogLine'];
export type NotificationEntry = With<
  Schemas['Notification'],
  { state: 'pending' | 'held' | 'sent' | 'failed' | 'cancelled' }
>;
export type AlertTrail = With<Schemas['Trail'], { items: NotificationEntry[] }>;
export type AlertReport = Schemas['AlertReport'];
export type Restriction = Schemas['Restriction'];
/** As answered: stored rotations have an id, and say when they are not restricted. */
export type Rotation = With<Schemas['RotationDto'], { id: string; restrictions: Restriction[] }>;
export type Schedule = With<Schemas['OnCallSchedule'], { rotations: Rotation[] }>;
export type Span = Schemas['TimelineSpan'];
export type Timeline = Schemas['ScheduleTimeline'];
export type OnCallEntry = Schemas['ScheduleOnCall'];
export type MyOnCall = Schemas['MyOnCall'];
export type EscalationStep = Schemas['PolicyStep'];
export type EscalationPolicy = Schemas['EscalationPolicy'];
export type PolicyVersion = Schemas['PolicyVersion'];
export type Rehearsal = Schemas['Rehearsal'];
export type Integration = With<
  Schemas['Integration'],
  { kind: 'alertmanager' | 'generic' | 'opsgenie'; settings: Record<string, unknown> }
>;
export type IntegrationEvent = With<
  Schemas['IntegrationEvent'],
  { state: 'accepted' | 'rejected'; alerts: AlertRef[] }
>;
