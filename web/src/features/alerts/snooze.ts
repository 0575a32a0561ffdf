/** Ends of a snooze that one can choose from. */
import { fromLocal, toLocal } from '../../lib/zoned.ts';

export interface SnoozeChoice {
  label: string;
  until: Date;
}

const MINUTE = 60_000;

/** Durations, and nine o'clock of the next morning in the person's zone. */
export function snoozeChoices(now: number, zone: string): SnoozeChoice[] {
  const durations: [string, number][] = [
    ['15 minutes', 15],
    ['30 minutes', 30],
    ['1 hour', 60],
    ['4 hours', 240],
  ];
  const choices = durations.map(([label, minutes]) => ({ label, until: new Date(now + minutes * MINUTE) }));
  const today = fromLocal(`${toLocal(now, zone).slice(0, 10)}T09:00`, zone);
  const tomorrow = fromLocal(`${toLocal(now + 24 * 60 * MINUTE, zone).slice(0, 10)}T09:00`, zone);
  if (today && today.getTime() > now + 30 * MINUTE) choices.push({ label: 'Until 09:00 today', until: today });
  else if (tomorrow) choices.push({ label: 'Until 09:00 tomorrow', until: tomorrow });
  return choices;
}
